import type { Facts } from '../facts/facts.ts';
import { daysBetween } from './days.ts';
import type { History } from './finding.ts';
import { isLinked, isRunning } from './lock-signs.ts';

/**
 * True where the memory of an original that is gone may give way to what stands in its place, since nothing can be
 * locked with the original any more: no environment is linked, or all that are linked run although the original was
 * last seen more than a day ago. Without this, a false alarm could never end.
 */
export function mayStartAnew(facts: Facts, before: History, originalSeenAt: string): boolean {
  if (facts.environments.state !== 'known') return false;
  const { source, environments, asOf } = facts.environments.value;
  const linked = environments.filter(isLinked);
  if (linked.length === 0) return true;
  // Linked while nothing was linked before: these were encrypted with what stands there now.
  if (before.environments !== undefined && !before.environments.members.some(isLinked)) return true;
  const unhealthy = facts.policy.state === 'known' && facts.policy.value.healthStatus === 'Unhealthy';
  return (
    source === 'powerPlatform' &&
    !unhealthy &&
    linked.every(isRunning) &&
    daysBetween(originalSeenAt, asOf) > 1
  );
}
