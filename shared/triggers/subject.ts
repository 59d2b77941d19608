import { armIdParts, sameId } from '../azure/arm-id.ts';
import type { Facts, NetworkFact, PolicyFact } from '../facts/facts.ts';
import type { History } from './history.ts';
import { policyNameOf } from './policy-chain.ts';

/** The resources that a reading is about, under the names that people and `az` use for them. */
export interface Subject {
  policyId: string;
  policyName: string;
  /** The policy from this reading, else as last seen. */
  policy?: PolicyFact;
  vaultId?: string;
  vaultName?: string;
  resourceGroup?: string;
  subscriptionId?: string;
  location?: string;
  /** The vault's permission model: true for role assignments. */
  rbac?: boolean;
  /** The vault's network settings. */
  network?: NetworkFact;
  keyName?: string;
  /** `{vaultId}/keys/{name}`. */
  keyId?: string;
  principalId?: string;
  /**
   * The versions that must be usable; `undefined` means the current one. There are two where the policy was
   * moved to another version while the first one's fault persists: a new version does not unlock data that
   * the original locked.
   */
  pins: (string | undefined)[];
}

/**
 * Names and ids of one policy's chain; values missing from this reading come from the history. Every trigger and
 * advisory asks for that of the same reading, so the last one is kept with its facts: treat it as read-only.
 */
export function subjectOf(facts: Facts, history: History): Readonly<Subject> {
  const kept = lastOf.get(facts);
  if (kept?.history === history) return kept.subject;
  const subject = makeSubject(facts, history);
  lastOf.set(facts, { history, subject });
  return subject;
}

const lastOf = new WeakMap<Facts, { history: History; subject: Readonly<Subject> }>();

function makeSubject(facts: Facts, history: History): Subject {
  const policy = facts.policy.state === 'known' ? facts.policy.value : history.policy;
  const vault = facts.vault.state === 'known' ? facts.vault.value : undefined;
  const vaultInHistory = sameId(history.vault?.id, policy?.vaultId) ? history.vault : undefined;
  const vaultId = vault?.id ?? policy?.vaultId ?? history.vault?.id;
  const parts = vaultId === undefined ? undefined : armIdParts(vaultId);
  const keyName = policy?.keyName ?? history.key?.name;
  return {
    policyId: facts.policyId,
    policyName: policyNameOf({ policyId: facts.policyId, policy }),
    policy,
    vaultId,
    vaultName: parts?.name,
    resourceGroup: parts?.resourceGroup,
    subscriptionId: parts?.subscriptionId,
    location: vault?.location ?? vaultInHistory?.location,
    rbac: vault?.rbac ?? vaultInHistory?.rbac,
    network: vault?.network ?? vaultInHistory?.network,
    keyName,
    keyId: vaultId !== undefined && keyName !== undefined ? `${vaultId}/keys/${keyName}` : undefined,
    principalId: policy?.principalId ?? history.permission?.principalId,
    pins: pinsOf(policy, history.policy),
  };
}

/**
 * True where another policy has this one's id: a recreated policy has a new system id and a new identity. The
 * identity alone decides only where the system id is missing, since an identity can be renewed on the same
 * policy.
 */
export function policyMadeAnew(policy: PolicyFact, before: PolicyFact | undefined): boolean {
  if (before === undefined) return false;
  if (policy.systemId !== undefined && before.systemId !== undefined) {
    return differ(policy.systemId, before.systemId);
  }
  return differ(policy.principalId, before.principalId);
}

/**
 * True where the policy names another vault or another key than before. A missing value is not taken for a
 * change.
 */
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
