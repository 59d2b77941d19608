import type { PolicyState } from '../../incidents/incident.ts';
import { overdueAfterMs } from '../../visibility/interval-in-force.ts';
import { policyInterval, type SweepIntervals } from '../../visibility/slowed-subscriptions.ts';

type Part = PolicyState['parts'][string];

/**
 * A policy's parts as they count for health: a list of environments that a reading did not wait for, and that
 * one of the last sweeps read, counts as known at the time of that sweep. A signal's notice must not wait for
 * a slow list; that alone is not a fault.
 */
export function partsOf(
  policyState: PolicyState,
  context: { now: string } & SweepIntervals,
): Record<string, Part> {
  const listedAt = policyState.history.environments?.asOf;
  const isLate = policyState.parts.environments?.reason === 'timeout';
  if (!isLate || listedAt === undefined) return policyState.parts;
  if (Date.parse(context.now) - Date.parse(listedAt) > overdueAfterMs(policyInterval(policyState, context)))
    return policyState.parts;
  return { ...policyState.parts, environments: { state: 'known', readAt: listedAt } };
}
