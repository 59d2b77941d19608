import type { Facts } from '../facts/facts.ts';
import { daysBetween } from './days.ts';
import type { History } from './finding.ts';
import { isLinked, isRunning } from './lock-signs.ts';
import { sameReach } from './network-settings.ts';
import { nextToggles } from './remember-toggles.ts';

/**
 * The network settings after this reading. Only a change that matters to Power Platform is recorded as a
 * change: another address in the list of rules does not, since no rule proves anything about Power Platform's
 * access.
 */
export function rememberNetwork(memory: History, facts: Facts): History['network'] {
  const before = memory.network;
  if (facts.vault.state !== 'known') return before;
  const { value: vault, readAt } = facts.vault;
  const current = vault.network;
  if (before === undefined) return withWork({ current, seenAt: readAt }, facts);
  if (!sameReach(before.current, current)) {
    const toggles = nextToggles(before.toggles, before.current, current, readAt);
    const changed = { current, previous: before.current, changedAt: readAt, seenAt: readAt };
    return toggles.length > 0 ? { ...changed, toggles } : changed;
  }
  return withWork({ ...before, current, seenAt: readAt }, facts);
}

/** Only a key that still works a day after a change shows that the change did no harm. */
function withWork(network: NonNullable<History['network']>, facts: Facts): History['network'] {
  const fresh = network.changedAt !== undefined && !(daysBetween(network.changedAt, network.seenAt) > 1);
  return fresh || !works(facts) ? network : { ...network, workedAt: network.seenAt };
}

function works({ policy, environments }: Facts): boolean {
  const health = policy.state === 'known' ? policy.value.healthStatus : undefined;
  if (health === 'Healthy') return true;
  if (health === 'Unhealthy' || environments.state !== 'known') return false;
  const linked = environments.value.environments.filter(isLinked);
  return environments.value.source === 'powerPlatform' && linked.length > 0 && linked.every(isRunning);
}
