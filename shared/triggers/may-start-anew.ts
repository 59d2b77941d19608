import { isKnownEnabled } from '../facts/environment-state.ts';
import type { Facts } from '../facts/facts.ts';
import { daysBetween } from './days.ts';
import type { History } from './history.ts';
import { isLinked, isUnhealthy } from './lock-signs.ts';
import { vanishedMembers } from './remember-environments.ts';

/**
 * True where the history of an original that is gone may be replaced by the current resource, since nothing
 * can be locked with the original any more: no environment is linked, or all linked environments run although
 * the original was last seen more than a day ago. Without this rule, a false alarm could never end.
 */
export function mayStartAnew(facts: Facts, before: History, originalSeenAt: string): boolean {
  if (facts.environments.state !== 'known') return false;
  const { source, environments, asOf } = facts.environments.value;
  const linked = environments.filter(isLinked);
  // Members that only vanished from a list may be locked with the original.
  if (linked.length === 0) return vanishedMembers(before.environments, facts.environments.value).length === 0;
  // These environments were linked after a time when none was: they were encrypted with the current resource.
  if (before.environments !== undefined && !before.environments.members.some(isLinked)) return true;
  return (
    source === 'powerPlatform' &&
    !isUnhealthy(facts) &&
    linked.every(isKnownEnabled) &&
    daysBetween(originalSeenAt, asOf) > 1
  );
}
