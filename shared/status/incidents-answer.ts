import type { Incident, IncidentState } from '../incidents/incident.ts';
import { policyKey } from '../incidents/keys.ts';
import type { ListedIncident } from '../incidents/store.ts';
import { BadFilter, isNamed, readFields } from './filter.ts';
import { incidentSummary } from './status-answer.ts';

const STATES: readonly IncidentState[] = ['suspected', 'revoked', 'accessRestored', 'closed', 'dismissed'];
const PAGE = 50;

export interface IncidentsFilter {
  /** `open`: any state but closed and dismissed. */
  state?: IncidentState | 'open';
  policy?: string;
  /** The last incident of the page before. */
  after?: string;
}

/** Reads `?state=`, `?policy=` (an id, a name or a key) and `?after=`. Throws `BadFilter`. */
export function readIncidentsFilter(parameters: URLSearchParams): IncidentsFilter {
  const { state, policy, after } = readFields(parameters, ['state', 'policy', 'after']);
  const wanted = [...STATES, 'open' as const].find((one) => one.toLowerCase() === state?.toLowerCase());
  if (state !== undefined && wanted === undefined)
    throw new BadFilter('state', `'${state.slice(0, 40)}' is not a state. Use open, ${STATES.join(', ')}.`);
  return { state: wanted, policy, after: after?.toLowerCase() };
}

/** The ids of one page, open ones first, then the newest, and whether more follow. Pure. Throws `BadFilter`. */
export function pageOf(
  all: readonly ListedIncident[],
  { state, policy, after }: IncidentsFilter,
): { ids: string[]; total: number; open: number; hasMore: boolean } {
  const chosen = all
    .filter((one) => state === undefined || (state === 'open' ? isOpen(one) : one.state === state))
    .filter((one) => policy === undefined || isOf(one, policy))
    .sort(inOrder);
  let start = 0;
  if (after !== undefined) {
    // Its place is looked for among all: since the last page it may have been closed, and not fit the filter any more.
    const last = all.find(({ id }) => id === after);
    if (!last)
      throw new BadFilter(
        'after',
        `There is no incident '${after.slice(0, 64)}'. Take \`next\` as it was given.`,
      );
    start = chosen.filter((one) => inOrder(one, last) <= 0).length;
  }
  const ids = chosen.slice(start, start + PAGE).map(({ id }) => id);
  return {
    ids,
    total: chosen.length,
    open: chosen.filter(isOpen).length,
    hasMore: chosen.length > start + PAGE,
  };
}

/** One page of incidents. `known`: those of the page, in its order. Pure. */
export function incidentsAnswer(
  known: { incidents: readonly Incident[]; total: number; open: number; hasMore: boolean },
  filter: IncidentsFilter,
  now: string,
) {
  const { incidents, total, open, hasMore } = known;
  const query = new URLSearchParams();
  if (filter.state) query.set('state', filter.state);
  if (filter.policy) query.set('policy', filter.policy);
  query.set('after', incidents.at(-1)?.id ?? '');
  return {
    answeredAt: now,
    /** The oldest reading that what is said of an open incident stands on. */
    asOf:
      incidents
        .filter(isOpen)
        .map(({ readAt }) => readAt)
        .sort()[0] ?? null,
    counts: { incidents: total, open },
    incidents: incidents.map((incident) => ({ policyId: incident.policyId, ...incidentSummary(incident) })),
    next: hasMore ? `/api/incidents?${query}` : null,
  };
}

function isOpen({ state }: Pick<Incident, 'state'>): boolean {
  return state !== 'closed' && state !== 'dismissed';
}

function isOf({ policyId }: ListedIncident, wanted: string): boolean {
  return isNamed(policyId, wanted) || policyKey(policyId) === wanted.toLowerCase();
}

function inOrder(a: ListedIncident, b: ListedIncident): number {
  return (
    Number(isOpen(b)) - Number(isOpen(a)) ||
    Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
    a.id.localeCompare(b.id)
  );
}
