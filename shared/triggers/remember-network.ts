import { environmentKey, isKnownEnabled } from '../facts/environment-state.ts';
import type { Facts } from '../facts/facts.ts';
import { daysBetween } from './days.ts';
import type { History } from './history.ts';
import { isDown, isLinked, isUp } from './lock-signs.ts';
import { sameReach } from './network-settings.ts';
import { nextToggles } from './remember-toggles.ts';

type RememberedNetwork = NonNullable<History['network']>;

/** In days. A network rule may take 15 minutes to act ("Configure Azure Key Vault networking settings"). */
const FIFTEEN_MINUTES = 15 / (24 * 60);
const A_DAY = 1;

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
  return withOutcome(withWork({ ...before, current, seenAt: readAt }, facts), memory, facts);
}

/** Only a key that still works a day after a change shows that the change did no harm. */
function withWork(network: RememberedNetwork, facts: Facts): RememberedNetwork {
  const fresh = network.changedAt !== undefined && !(daysBetween(network.changedAt, network.seenAt) > A_DAY);
  return fresh || !works(facts) ? network : { ...network, workedAt: network.seenAt };
}

function works({ policy, environments }: Facts): boolean {
  const health = policy.state === 'known' ? policy.value.healthStatus : undefined;
  if (health === 'Healthy') return true;
  if (health === 'Unhealthy' || environments.state !== 'known') return false;
  const linked = environments.value.environments.filter(isLinked);
  return environments.value.source === 'powerPlatform' && linked.length > 0 && linked.every(isKnownEnabled);
}

/**
 * Whether the last change turned out harmless: the policy is Healthy 15 minutes later; or, where it reports no
 * health, a day has passed, and every environment that ran is seen running.
 */
function withOutcome(network: RememberedNetwork, memory: History, facts: Facts): RememberedNetwork {
  const { changedAt, settledAt, seenAt } = network;
  if (changedAt === undefined || settledAt !== undefined || facts.policy.state !== 'known') return network;
  // The reading that first showed the change shows no outcome of it, however often it is applied.
  if (changedAt === seenAt) return network;
  const { healthStatus } = facts.policy.value;
  if (healthStatus === 'Healthy')
    return daysBetween(changedAt, seenAt) > FIFTEEN_MINUTES ? { ...network, settledAt: seenAt } : network;
  const { environments } = facts;
  if (environments.state !== 'known' || environments.value.source !== 'powerPlatform') return network;
  const { environments: list, asOf } = environments.value;
  const ran = (memory.environments?.members ?? []).filter(isUp);
  const now = ran.map(({ id }) => list.find((one) => environmentKey(one.id) === environmentKey(id)));
  if (now.some((one) => one !== undefined && isDown(one))) return { ...network, fellAt: seenAt };
  const isHarmless =
    healthStatus !== 'Unhealthy' &&
    network.fellAt === undefined &&
    list.some(isUp) &&
    now.every((one) => one !== undefined && isUp(one)) &&
    daysBetween(changedAt, asOf) > A_DAY;
  return isHarmless ? { ...network, settledAt: seenAt } : network;
}
