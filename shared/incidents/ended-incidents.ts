import type { Incident, PolicyState, Transition } from './incident.ts';
import { msSince } from './stored-time.ts';

/** An incident that is over, as its policy's state keeps it for a month. Times ISO 8601. */
export interface EndedIncident {
  id: string;
  openedAt: string;
  endedAt: string;
  /** It took environments offline; otherwise it was a suspicion, or a warning. */
  revoked?: true;
}

/** What the last month shows needs no more. */
const KEPT_MS = 31 * 86_400_000;
/** More of one policy are flapping, of which nobody reads each. */
const MAX_KEPT = 30;

/**
 * Keeps in the policy's state which incidents ended in the last month, so that answers about that time read no
 * history. One that opens again is no longer among them. Pure.
 */
export function withEndedIncidents(
  before: Pick<PolicyState, 'endedIncidents'> | undefined,
  { policyState, incident }: Pick<Transition, 'policyState' | 'incident'>,
  now: string,
): PolicyState {
  const known = (before?.endedIncidents ?? []).filter(
    ({ id, endedAt }) => id !== incident?.id && id !== policyState.incident?.id && isKept(endedAt, now),
  );
  const ended = incident && isOver(incident) ? [...known, asEnded(incident, before, now)] : known;
  const { endedIncidents: _, ...state } = policyState;
  return ended.length === 0 ? state : { ...state, endedIncidents: ended.slice(-MAX_KEPT) };
}

function asEnded(
  { id, openedAt, closedAt, confirmedAt, noEnvironments }: Incident,
  before: Pick<PolicyState, 'endedIncidents'> | undefined,
  now: string,
): EndedIncident {
  const known = before?.endedIncidents?.find((one) => one.id === id);
  const endedAt = closedAt ?? known?.endedAt ?? now;
  return { id, openedAt, endedAt, ...(confirmedAt && !noEnvironments ? { revoked: true } : {}) };
}

function isOver({ state }: Incident): boolean {
  return state === 'closed' || state === 'dismissed';
}

/** A time ahead of the clock was written by one that ran ahead; the incident is over all the same. */
function isKept(endedAt: string, now: string): boolean {
  return Date.parse(endedAt) > Date.parse(now) || msSince(endedAt, now) < KEPT_MS;
}
