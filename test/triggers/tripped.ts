import type { Facts } from '../../shared/facts/facts.ts';
import type { Finding, TriggerId } from '../../shared/triggers/finding.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  DISABLED,
  daysAgo,
  environment,
  environments,
  gone,
  judgeReading,
  key,
  known,
  memoryOf,
  NOTHING_HELD,
  network,
  permission,
  policy,
  reading,
  TRUSTED,
  vault,
  version,
} from './a-reading.ts';

/** The network settings of a vault: those that Microsoft supports for customer-managed keys, and a perimeter. */
export const VAULT_NETWORKS = {
  open: network('Enabled', 'Allow', 'AzureServices'),
  'selected networks': network('Enabled', 'Deny', 'AzureServices'),
  disabled: network('Disabled', 'Deny', 'AzureServices'),
  perimeter: network('SecuredByPerimeter', 'Deny', 'AzureServices'),
} as const;
export type VaultNetwork = keyof typeof VAULT_NETWORKS;

const DOWN = environments([environment('e1', DISABLED), environment('e2', DISABLED)]);
const withKey = (change: Parameters<typeof version>[1]): Partial<Facts> => ({
  key: known(key(version('v1', change))),
});

/** What trips each trigger, whatever the network of the vault; `null` where the network itself does. */
const CHANGES: Record<TriggerId, Partial<Facts> | null> = {
  'policy-deleted': { policy: gone(), environments: DOWN },
  'vault-deleted': { vault: gone(), deletedVault: known({}) },
  'key-deleted': { key: gone() },
  'permissions-revoked': { permission: known(permission(NOTHING_HELD)) },
  'key-disabled': withKey({ enabled: false }),
  'key-version-disabled': {
    key: known(key(version('v2', { created: daysAgo(3) }), version('v1', { enabled: false }))),
  },
  'public-access-disabled': null,
  'network-restricted': null,
  'key-expired': withKey({ expires: daysAgo(1) }),
  'key-not-yet-active': withKey({ notBefore: daysAgo(-1) }),
  'key-unusable': withKey({ keyOps: ['sign'] }),
  locked: { policy: known(policy({ healthStatus: 'Unhealthy' })), environments: DOWN },
};
/** The settings at which the two triggers of the network trip; at the others they do not. */
const CLOSED: Partial<Record<TriggerId, Partial<Record<VaultNetwork, ReturnType<typeof network>>>>> = {
  'public-access-disabled': {
    disabled: network('Disabled', 'Deny', 'None'),
    perimeter: VAULT_NETWORKS.perimeter,
  },
  'network-restricted': { 'selected networks': network('Enabled', 'Deny', 'None') },
};

/**
 * What is found where this trigger trips on a vault that has had this network for days: the trigger's own finding
 * first, then the others of the same notice. Undefined where the network can't trip it.
 */
export function tripped(trigger: TriggerId, networkName: VaultNetwork): Finding[] | undefined {
  const change = CHANGES[trigger];
  const closed = CLOSED[trigger]?.[networkName];
  if (change === null && closed === undefined) return undefined;
  const found = findingsAfter(networkName, closed, change, trigger === 'locked');
  const own = found.filter((one) => one.trigger === trigger);
  // A lock that another cause explains is evidence of that cause.
  if (found.length === 0 || (own.length === 0 && trigger !== 'locked'))
    throw new Error(`${trigger} did not trip with the network ${networkName}.`);
  return [...own, ...found.filter((one) => one.trigger !== trigger)];
}

/** Two causes at once: one of the key or of the permission, and the network that was closed beside it. */
export const TWO_CAUSES = [
  ['key-disabled', 'public-access-disabled', 'disabled'],
  ['key-disabled', 'network-restricted', 'selected networks'],
  ['permissions-revoked', 'public-access-disabled', 'disabled'],
  ['permissions-revoked', 'network-restricted', 'selected networks'],
] as const;

/** What is found where the network was open before, in the order of the notice. */
export function bothTripped([trigger, network, networkName]: (typeof TWO_CAUSES)[number]): Finding[] {
  const found = findingsAfter('open', CLOSED[network]?.[networkName], CHANGES[trigger]);
  for (const wanted of [trigger, network])
    if (!found.some((one) => one.trigger === wanted)) throw new Error(`${wanted} did not trip.`);
  return found;
}

function findingsAfter(
  before: VaultNetwork,
  closed: ReturnType<typeof network> | undefined,
  change: Partial<Facts> | null,
  isLocked = false,
): Finding[] {
  const facts = reading({
    vault: known(vault({ network: closed ?? VAULT_NETWORKS[before] })),
    ...change,
  });
  const memory = memoryOf({ vault: known(vault({ network: VAULT_NETWORKS[before] })) });
  // `locked` needs two readings in a row.
  const history = isLocked ? updateHistory(memory, aged(facts, 0.01)) : memory;
  return judgeReading(facts, history, TRUSTED).filter(
    ({ verdict }) => verdict === 'revoked' || verdict === 'suspected',
  );
}
