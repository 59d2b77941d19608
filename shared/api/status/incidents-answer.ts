import { policyKey } from '../../incidents/ids.ts';
import type { Incident, IncidentState } from '../../incidents/incident.ts';
import type { ListedIncident } from '../../storage/incident-store.ts';
import type { UnreadableRow } from '../../visibility/unreadable-row.ts';
import { ProblemError } from '../problem.ts';
import { isNamed } from './filter.ts';
import { incidentSummary } from './status-answer.ts';

/** `open`: any state but closed and dismissed. */
export const INCIDENT_FILTER_STATES = [
  'open',
  'suspected',
  'revoked',
  'accessRestored',
  'closed',
  'dismissed',
] as const satisfies readonly (IncidentState | 'open')[];
export const INCIDENTS_PAGE = 50;

export interface IncidentsFilter {
  state?: (typeof INCIDENT_FILTER_STATES)[number];
  /** An id, a name or a key. */
  policy?: string;
  /** Opened at or after this, and before that. ISO 8601. */
  from?: string;
  to?: string;
  /** The last incident of the previous page, as `next` names it. */
  after?: string;
}

/** Where the previous page ended. */
export interface IncidentsPlace {
  id: string;
  openedAt: string;
  isOpen: boolean;
}

/**
 * The ids of one page, open ones first, then the newest, and whether more follow. `all`: those that can be on this
 * page, and at least one more where more follow. Pure.
 */
export function pageOf(
  all: readonly ListedIncident[],
  { state, policy, from, to }: IncidentsFilter,
  place: IncidentsPlace | undefined,
): { ids: string[]; chosen: number; open: number; hasMore: boolean; last: ListedIncident | undefined } {
  const chosen = all
    .filter((one) => state === undefined || (state === 'open' ? isOpen(one) : one.state === state))
    .filter((one) => policy === undefined || isOf(one, policy))
    .filter(({ openedAt }) => from === undefined || Date.parse(openedAt) >= Date.parse(from))
    .filter(({ openedAt }) => to === undefined || Date.parse(openedAt) < Date.parse(to))
    .sort(inOrder);
  const start = place ? chosen.filter((one) => inOrder(one, place) <= 0).length : 0;
  const page = chosen.slice(start, start + INCIDENTS_PAGE);
  return {
    ids: page.map(({ id }) => id),
    last: page.at(-1),
    chosen: chosen.length,
    open: chosen.filter(isOpen).length,
    hasMore: chosen.length > start + INCIDENTS_PAGE,
  };
}

/**
 * The end of the previous page. The position is that of the incident at that time: one that was closed since
 * has moved, and the incidents that followed it must not be left out. Throws `ProblemError`.
 */
export async function placeAfter(
  after: string,
  find: (id: string) => Promise<Pick<ListedIncident, 'id' | 'openedAt' | 'state'> | undefined>,
): Promise<IncidentsPlace> {
  const [, then, id] = /^(?:(open|over)-)?(.+)$/.exec(after) ?? [];
  const last = id === undefined ? undefined : await find(id);
  if (!last)
    throw new ProblemError(
      'bad-request',
      `There is no incident '${after.slice(0, 64)}'. Take \`next\` as it was given.`,
      'after',
    );
  return {
    id: last.id,
    openedAt: last.openedAt,
    isOpen: then === undefined ? isOpen(last) : then === 'open',
  };
}

/**
 * One page of incidents. `known.incidents`: those of the page that can be read, in its order; `last`: where
 * the page ends; `unreadable`: rows of incidents that can't be read. Pure.
 */
export function incidentsAnswer(
  known: {
    incidents: readonly Incident[];
    historyFault: string | undefined;
    unreadable: readonly UnreadableRow[];
    /** Null: more than this page needed of the history, or it can't be read. */
    total: number | null;
    open: number;
    hasMore: boolean;
    last: ListedIncident | undefined;
  },
  filter: IncidentsFilter,
  now: string,
) {
  const { incidents, total, open, hasMore, last, historyFault, unreadable } = known;
  const query = new URLSearchParams();
  if (filter.state) query.set('state', filter.state);
  if (filter.policy) query.set('policy', filter.policy);
  if (filter.from) query.set('from', filter.from);
  if (filter.to) query.set('to', filter.to);
  if (last) query.set('after', `${isOpen(last) ? 'open' : 'over'}-${last.id}`);
  return {
    answeredAt: now,
    /** The oldest reading that the state of an open incident is based on. */
    asOf:
      incidents
        .filter(isOpen)
        .map(({ readAt }) => readAt)
        .sort()[0] ?? null,
    counts: { incidents: total, open },
    incidents: incidents.map((incident) => ({ policyId: incident.policyId, ...incidentSummary(incident) })),
    historyFault: historyFault ?? null,
    /** Rows of incidents that can't be read, and how to delete each; they are not in the list. */
    unreadableRows: unreadable,
    next: hasMore ? `/api/incidents?${query}` : null,
  };
}

function isOpen({ state }: Pick<Incident, 'state'>): boolean {
  return state !== 'closed' && state !== 'dismissed';
}

/** Whether this is the policy that is named by its id, its name or its key. */
export function isOf({ policyId }: Pick<ListedIncident, 'policyId'>, wanted: string): boolean {
  return isNamed(policyId, wanted) || policyKey(policyId) === wanted.toLowerCase();
}

/** Within one time in the order of their ids: the order of the history's keys. */
function inOrder(one: ListedIncident, other: ListedIncident | IncidentsPlace): number {
  const [a, b] = [one, other].map((each) => Number('isOpen' in each ? each.isOpen : isOpen(each)));
  return (
    (b ?? 0) - (a ?? 0) ||
    Date.parse(other.openedAt) - Date.parse(one.openedAt) ||
    (one.id === other.id ? 0 : one.id < other.id ? -1 : 1)
  );
}
