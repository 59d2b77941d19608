import * as z from 'zod';
import { policyKey } from '../../incidents/ids.ts';
import { endedLongAgo } from '../../incidents/may-move.ts';
import type { ListedIncident } from '../../storage/incident-store.ts';
import { DATED, HISTORY_FAULT, INCIDENT_SUMMARY_FIELDS, UNREADABLE_ROW } from '../components.ts';
import { type ReadPorts, readEndpoint } from '../endpoint.ts';
import { NAMED, oneOf, POINT_IN_TIME } from '../read-query.ts';
import {
  INCIDENT_FILTER_STATES,
  INCIDENTS_PAGE,
  type IncidentsFilter,
  type IncidentsPlace,
  incidentsAnswer,
  isOf,
  pageOf,
  placeAfter,
} from './incidents-answer.ts';
import { allPolicyStates, withoutHistory } from './optional-reads.ts';

export const incidentsEndpoint = readEndpoint({
  id: 'incidents',
  method: 'GET',
  path: '/incidents',
  title: 'All incidents, the open ones first',
  access: 'read',
  query: z.strictObject({
    state: oneOf(INCIDENT_FILTER_STATES).optional(),
    policy: NAMED.optional(),
    from: POINT_IN_TIME.optional(),
    to: POINT_IN_TIME.optional(),
    after: z.string().toLowerCase().optional(),
  }),
  answer: z.object({
    ...DATED,
    counts: z.object({
      incidents: z.int().nullable().describe('Null: more than are counted.'),
      open: z.int(),
    }),
    incidents: z.array(
      z.object({ policyId: z.string(), ...INCIDENT_SUMMARY_FIELDS }).meta({ id: 'ListedIncident' }),
    ),
    historyFault: HISTORY_FAULT,
    unreadableRows: z.array(UNREADABLE_ROW),
    next: z.string().nullable().describe('The address of the next page.'),
  }),
  problems: [],
  /** The list itself reads only a few columns; only the incidents of the page are read completely. */
  async handle({ query }, ports) {
    const { store, clock } = ports;
    const current = await store.listIncidents();
    const { after } = query;
    const find = async (id: string) => current.find((one) => one.id === id) ?? (await store.readIncident(id));
    const place = after === undefined ? undefined : await placeAfter(after, find);
    const older = await withoutHistory(fromHistory(query, { current, place, now: clock.now() }, store), NONE);
    const { ended, isWhole } = older.value;
    const { chosen, ...page } = pageOf(merged(current, ended), query, place);
    const read = await Promise.all(page.ids.map((id) => withoutHistory(store.readIncident(id), undefined)));
    const incidents = read.map(({ value }) => value).filter((incident) => incident !== undefined);
    const { historyFault } = [older, ...read].find((one) => one.historyFault !== undefined) ?? {};
    const unreadable = store.unreadableRows().all.filter(({ rowKey }) => /^(incident|ended)\|/.test(rowKey));
    const total = isWhole ? chosen : null;
    return incidentsAnswer({ ...page, total, incidents, historyFault, unreadable }, query, clock.now());
  },
});

/** Where the history can't be read. */
const NONE: FromHistory = { ended: [], isWhole: false };

/** One that is just being moved is in both tables. */
function merged(current: readonly ListedIncident[], ended: readonly ListedIncident[]): ListedIncident[] {
  const ids = new Set(current.map(({ id }) => id));
  return [...current, ...ended.filter(({ id }) => !ids.has(id))];
}

/** What a page can show of the history, and whether that is all that fits the filter. */
interface FromHistory {
  ended: ListedIncident[];
  isWhole: boolean;
}

async function fromHistory(
  { state, policy, from, to }: IncidentsFilter,
  known: { current: readonly ListedIncident[]; place: IncidentsPlace | undefined; now: string },
  store: ReadPorts['store'],
): Promise<FromHistory> {
  const states = (['closed', 'dismissed'] as const).filter((one) => state === undefined || state === one);
  if (states.length === 0) return { ended: [], isWhole: true };
  const inBoth = known.current.filter(
    ({ endedAt }) => endedAt === undefined || endedLongAgo(endedAt, known.now),
  ).length;
  const count = INCIDENTS_PAGE + 1 + inBoth;
  const after = known.place?.isOpen === false ? known.place : undefined;
  const policyIds = policy === undefined ? [undefined] : await policiesNamed(policy, known.current, store);
  const fromMs = from === undefined ? undefined : Date.parse(from);
  // Before `to`, in whole milliseconds: one more that no page shows would hide that more follow.
  const toMs = to === undefined ? undefined : Date.parse(to) - 1;
  const lists = await Promise.all(
    policyIds.flatMap((policyId) =>
      states.map((one) => store.listEnded({ states: [one], policyId, from: fromMs, to: toMs, after, count })),
    ),
  );
  const ended = lists.flat();
  return { ended, isWhole: after === undefined && lists.every(({ length }) => length < count) };
}

async function policiesNamed(
  wanted: string,
  current: readonly ListedIncident[],
  store: ReadPorts['store'],
): Promise<string[]> {
  const known = [...(await allPolicyStates({ store })), ...current].filter((one) => isOf(one, wanted));
  return [...new Map(known.map(({ policyId }) => [policyKey(policyId), policyId])).values()];
}
