import { armIdParts, sameId } from '../azure/arm-id.ts';
import type { Facts, PolicyFact } from '../facts/facts.ts';
import type { History } from './finding.ts';

/** What a reading is about, under the names that a person and `az` use for it. */
export interface Subject {
  policyId: string;
  policyName: string;
  /** The policy as read now, else as last seen. */
  policy?: PolicyFact;
  vaultId?: string;
  vaultName?: string;
  resourceGroup?: string;
  subscriptionId?: string;
  location?: string;
  /** The vault's permission model: true for role assignments. */
  rbac?: boolean;
  keyName?: string;
  /** `{vaultId}/keys/{name}`. */
  keyId?: string;
  principalId?: string;
  /**
   * The versions that must be usable; `undefined` stands for "the current one". Two, where the policy was moved to
   * another version while the first one's fault stands: a new version in place of the original does not unlock.
   */
  pins: (string | undefined)[];
}

/** Names and ids of one policy's chain; what this reading doesn't tell comes from memory. */
export function subjectOf(facts: Facts, history: History): Subject {
  const policy = facts.policy.state === 'known' ? facts.policy.value : history.policy;
  const vault = facts.vault.state === 'known' ? facts.vault.value : undefined;
  const vaultInHistory = sameId(history.vault?.id, policy?.vaultId) ? history.vault : undefined;
  const vaultId = vault?.id ?? policy?.vaultId ?? history.vault?.id;
  const parts = vaultId === undefined ? undefined : armIdParts(vaultId);
  const keyName = policy?.keyName ?? history.key?.name;
  return {
    policyId: facts.policyId,
    policyName: policy?.name ?? armIdParts(facts.policyId).name,
    policy,
    vaultId,
    vaultName: parts?.name,
    resourceGroup: parts?.resourceGroup,
    subscriptionId: parts?.subscriptionId,
    location: vault?.location ?? vaultInHistory?.location,
    rbac: vault?.rbac ?? vaultInHistory?.rbac,
    keyName,
    keyId: vaultId !== undefined && keyName !== undefined ? `${vaultId}/keys/${keyName}` : undefined,
    principalId: policy?.principalId ?? history.permission?.principalId,
    pins: pinsOf(policy, history.policy),
  };
}

/**
 * True where another policy stands under this one's id: a policy made anew has a new system id and a new identity.
 * The identity alone decides only where the system id isn't told, since an identity can be renewed on the same policy.
 */
export function policyMadeAnew(policy: PolicyFact, before: PolicyFact | undefined): boolean {
  if (before === undefined) return false;
  if (policy.systemId !== undefined && before.systemId !== undefined) {
    return differ(policy.systemId, before.systemId);
  }
  return differ(policy.principalId, before.principalId);
}

/** True where the policy names another vault or another key than before. What isn't told is not taken for a change. */
export function policyRepointed(policy: PolicyFact, before: PolicyFact | undefined): boolean {
  return differ(policy.vaultId, before?.vaultId) || differ(policy.keyName, before?.keyName);
}

function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && !sameId(a, b);
}

function pinsOf(policy: PolicyFact | undefined, before: PolicyFact | undefined): (string | undefined)[] {
  const pins = [policy?.keyVersion];
  if (policy !== undefined && before !== undefined && !policyRepointed(policy, before)) {
    pins.push(before.keyVersion);
  }
  return [...new Set(pins.map((pin) => pin?.toLowerCase()))];
}
