import { armIdParts, normalId } from '../../shared/azure/arm-id.ts';
import type { Part } from '../../shared/azure/part.ts';
import type { EnvironmentsFact, Facts } from '../../shared/facts/facts.ts';
import type { Reading } from '../../shared/facts/reader.ts';
import { type AzureReader, asAsked, stateOf } from './azure-reader.ts';
import { grantEnvironments, grantReading } from './remediation.ts';
import type { Check, CheckSubject, Remediation } from './report.ts';

export interface Readable {
  checks: Check[];
  /** Every policy's chain, as the product read it. */
  chains: Facts[];
  /**
   * Every subscription that contains a policy or a vault, or is watched; case-insensitive, in the order of
   * discovery.
   */
  subscriptions: string[];
  /** Every vault that a policy names and that is not gone, as Azure spells it. */
  vaultIds: string[];
}

/** The operations that read each part ("Azure permissions", by provider; the list of infra/roles.bicep). */
const RIGHTS = {
  subscription: ['Microsoft.Resources/subscriptions/read'],
  policies: ['Microsoft.PowerPlatform/enterprisePolicies/read'],
  policy: ['Microsoft.PowerPlatform/enterprisePolicies/read'],
  vault: ['Microsoft.KeyVault/vaults/read'],
  deletedVault: ['Microsoft.KeyVault/deletedVaults/read', 'Microsoft.KeyVault/locations/deletedVaults/read'],
  key: ['Microsoft.KeyVault/vaults/keys/read', 'Microsoft.KeyVault/vaults/keys/versions/read'],
  permission: [
    'Microsoft.Authorization/roleAssignments/read',
    'Microsoft.Authorization/roleDefinitions/read',
    'Microsoft.Authorization/denyAssignments/read',
  ],
  locks: ['Microsoft.Authorization/locks/read'],
  rotation: ['Microsoft.KeyVault/vaults/keys/read'],
  grantEnds: ['Microsoft.Authorization/roleAssignmentScheduleInstances/read'],
} as const;

/**
 * Reads everything once, with the product's own reader, and reports for each part whether it could be read.
 */
export async function readEverything(azure: AzureReader, reading: Reading): Promise<Readable> {
  const listed = await reading.listPolicies();
  const chains = await Promise.all(listed.policies.map(({ id }) => reading.read(id)));
  const checks = [
    ...listed.subscriptions.map(({ subscriptionId, part }) =>
      checkOf(azure, 'subscription', `/subscriptions/${subscriptionId}`, part, ({ state }) =>
        state === undefined || state === 'Enabled'
          ? undefined
          : `The subscription is ${state}: Azure stops what lies in it.`,
      ),
    ),
    ...listed.unreadable.map(({ subscriptionId, part }) =>
      checkOf(azure, 'policies', `/subscriptions/${subscriptionId}`, part),
    ),
    ...chains.flatMap((chain) => ofChain(azure, chain)),
  ];
  if (listed.policies.length === 0 && listed.unreadable.length === 0)
    checks.push({
      about: 'policies',
      id: azure.settings.subscriptions.map((id) => `/subscriptions/${id}`).join(' '),
      state: 'note',
      says: 'There is no enterprise policy of kind Encryption in these subscriptions: nothing is watched. See that the right ones are listed.',
    });
  const vaultIds = unique(chains.filter(({ vault }) => vault.state !== 'gone').flatMap(vaultIdOf));
  const subscriptions = unique([
    ...azure.settings.subscriptions,
    ...vaultIds.flatMap((id) => armIdParts(id).subscriptionId ?? []),
  ]);
  return { checks, chains, subscriptions, vaultIds };
}

/** The vault that a policy names; none where the policy could not be read, or its key is in a Managed HSM. */
export function vaultIdOf({ policy }: Facts): string[] {
  if (policy.state !== 'known' || policy.value.managedHsm) return [];
  return policy.value.vaultId === undefined ? [] : [policy.value.vaultId];
}

function ofChain(azure: AzureReader, chain: Facts): Check[] {
  const { policyId, policy, vault, deletedVault, key, permission, environments, protection } = chain;
  const [vaultId = policyId] = vaultIdOf(chain);
  const keyName = policy.state === 'known' ? policy.value.keyName : undefined;
  const keyId = `${vaultId}/keys/${keyName ?? '?'}`;
  const lacks = (many: readonly string[]) =>
    many.length === 0
      ? undefined
      : `The identity of ${armIdParts(policyId).name} lacks ${many.join(', ')} on it: its environments are offline, or soon will be.`;
  const isHsm = policy.state === 'known' && policy.value.managedHsm;
  return [
    checkOf(azure, 'policy', policyId, policy, ({ managedHsm }) => (managedHsm ? HSM : undefined)),
    ...(isHsm
      ? []
      : [
          checkOf(azure, 'vault', vaultId, vault),
          ...(vault.state === 'gone' ? [checkOf(azure, 'deletedVault', vaultId, deletedVault)] : []),
          checkOf(azure, 'key', keyId, wholeKey(key)),
          // The vault's subscription, which may differ from the policy's, determines who may use the key.
          checkOf(azure, 'permission', keyId, permission, ({ missing }) => lacks(missing)),
        ]),
    checkOf(azure, 'environments', policyId, environments, withoutEnvironments),
    ...(protection === undefined
      ? []
      : [
          checkOf(azure, 'locks', policyId, protection.policyLocks, (locks) => unlocked(locks, 'policy')),
          checkOf(azure, 'locks', vaultId, protection.vaultLocks, (locks) => unlocked(locks, 'vault')),
          checkOf(azure, 'rotation', keyId, protection.rotation),
          checkOf(azure, 'grantEnds', vaultId, protection.timeBound),
        ]),
  ].filter(({ says }) => says !== FOLLOWS);
}

/** A key with unreadable versions is watched only by the version in use: that is a missing right. */
function wholeKey(key: Facts['key']): Part<unknown> {
  return key.state === 'known' ? (key.value.incomplete ?? key) : key;
}

const HSM = 'Its key lies in a Managed HSM, which Lockwatch lists but does not judge.';

function unlocked(locks: readonly unknown[], what: string): string | undefined {
  return locks.length > 0 ? undefined : `No lock keeps the ${what} from being deleted.`;
}

/** Losing the key of such a policy may still take something down, so a person should know of it. */
function withoutEnvironments({ environments, source, isComplete }: EnvironmentsFact): string | undefined {
  if (environments.length > 0) return undefined;
  if (source === 'inventory') return 'The inventory names no environment of this policy.';
  return isComplete
    ? "No environment names this policy. One that is linked to the tenant's platform apps data never shows any."
    : 'The list names no environment of this policy, and may not show the whole tenant.';
}

/** Parts that depend on an unreadable part are reported with it. */
const FOLLOWS = '';

/** `unexpected`: a notable fact about a part that was read. */
function checkOf<T>(
  azure: AzureReader,
  about: CheckSubject & (keyof typeof RIGHTS | 'environments'),
  id: string,
  part: Part<T>,
  unexpected: (value: T) => string | undefined = () => undefined,
): Check {
  if (part.state === 'known') {
    const noted = unexpected(part.value);
    return { about, id, state: noted === undefined ? 'ok' : 'note', says: noted ?? 'read' };
  }
  if (part.state === 'gone') return { about, id, state: 'note', says: `It is gone. ${part.detail}` };
  if (part.reason === 'follows') return { about, id, state: 'ok', says: FOLLOWS };
  const says = asAsked(part.detail);
  const state = stateOf(part.reason);
  if (state !== 'missing') return { about, id, state, says };
  return { about, id, state, says, ...remediationFor(azure, about, id) };
}

function remediationFor(
  azure: AzureReader,
  about: keyof typeof RIGHTS | 'environments',
  id: string,
): { rights: readonly string[]; remediation: Remediation } {
  if (about === 'environments')
    return { rights: ['Power Platform reader'], remediation: grantEnvironments(azure) };
  return { rights: RIGHTS[about], remediation: grantReading(azure.who, id) };
}

function unique(ids: readonly string[]): string[] {
  return [...new Map(ids.map((id) => [normalId(id), id])).values()];
}
