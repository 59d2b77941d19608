import { type CauseChange, standingState } from './causes.ts';
import { linkedMembers } from './environments.ts';
import { incidentId } from './ids.ts';
import type { Incident, PolicyState } from './incident.ts';
import { hasAffected, mayHaveEnvironments } from './loudness.ts';
import { isMuted } from './muted-causes.ts';
import { isSupported, type JudgedReading } from './reading.ts';
import type { StateStep } from './step.ts';

export function canOpen(
  policyState: PolicyState | undefined,
  reading: JudgedReading,
  { standing }: CauseChange,
): boolean {
  if (!isSupported(reading.facts, reading.history)) return false;
  return !standing.every((cause) => isMuted(cause, policyState, hasAffected(reading)));
}

/** A policy without environments never silences a loss: it only decides how loud the incident is. */
export function opened(
  policyState: PolicyState | undefined,
  reading: JudgedReading,
  change: CauseChange,
): StateStep {
  const { facts, history } = reading;
  const sequence = (policyState?.sequence ?? 0) + 1;
  const state = standingState(change.standing);
  const incident: Incident = {
    id: incidentId(facts.policyId, sequence),
    policyId: facts.policyId,
    sequence,
    state,
    openedAt: facts.readAt,
    causes: change.standing,
    recoverBy: '',
    recoverByBecause: '',
    recoverByIsEstimate: true,
    environmentCount: linkedMembers(history)?.length ?? 0,
    readAt: facts.readAt,
  };
  if (state === 'revoked') incident.confirmedAt = facts.readAt;
  if (!mayHaveEnvironments(reading))
    return {
      kind: 'opened',
      incident: { ...incident, noEnvironments: true },
      change,
      reason: 'keyUnreachable',
    };
  return { kind: 'opened', incident, change, reason: state === 'revoked' ? 'opened' : 'suspected' };
}
