import { sameId } from '../azure/arm-id.ts';
import { isShownDisabled } from '../facts/environment-state.ts';
import { linkedMembers } from './environments.ts';
import type { Incident, PolicyState } from './incident.ts';
import { msSince } from './stored-time.ts';

/** As long as a late lock returns an incident that closed by itself (`closing.ts`). */
const STAYS_MS = 24 * 3_600_000;

/** When it was closed or dismissed. Pure. */
export function endedAtOf({ state, closedAt, readAt }: Incident): string | undefined {
  return state === 'closed' || state === 'dismissed' ? (closedAt ?? readAt) : undefined;
}

/** Whether it ended so long ago that it may move to the history, as far as the time says. Pure. */
export function endedLongAgo(endedAt: string | undefined, now: string): boolean {
  return endedAt !== undefined && msSince(endedAt, now) >= STAYS_MS;
}

/**
 * Whether no later decision about its policy can touch this incident: the state does not contain it, none of its
 * causes is muted, and none of the environments over which a person closed it is still disabled. A state that once
 * let an incident go never contains it again, so the answer stays true. Pure.
 */
export function mayMove(incident: Incident, state: PolicyState): boolean {
  if (isInState(incident.id, state)) return false;
  const isMuted = (state.mutedCauses ?? []).some(({ trigger, scope }) =>
    incident.causes.some((cause) => cause.trigger === trigger && sameId(cause.scope, scope)),
  );
  if (isMuted) return false;
  return incident.closedBy === undefined || !isMemberDisabled(state);
}

export function isInState(incidentId: string, state: PolicyState): boolean {
  const kept = [state.incident, state.closedIncident, state.closedStanding, state.environmentsUnwritten];
  return kept.some((one) => one?.id === incidentId);
}

/** Whether the state may still need incidents that it does not contain: only then is each read to decide. Pure. */
export function needsEndedOnes(state: PolicyState): boolean {
  return (state.mutedCauses ?? []).length > 0 || isMemberDisabled(state);
}

function isMemberDisabled({ history }: PolicyState): boolean {
  return (linkedMembers(history) ?? []).some(isShownDisabled);
}
