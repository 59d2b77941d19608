import { sameId } from '../azure/arm-id.ts';
import type { Facts, KeyVersionFact } from '../facts/facts.ts';
import type { History } from './history.ts';
import { neededButDisabled, usedVersion } from './key-versions.ts';
import { lockSigns } from './lock-signs.ts';
import { mayStartAnew } from './may-start-anew.ts';
import { isShut } from './network-settings.ts';
import { heldDirectly, heldUnconditionally, isRevoked } from './permissions-revoked.ts';
import { rememberEffect } from './remember-effect.ts';
import { rememberEnvironments } from './remember-environments.ts';
import { rememberKey } from './remember-key.ts';
import { rememberLeft } from './remember-left.ts';
import { rememberNetwork } from './remember-network.ts';
import { rememberPrincipals } from './remember-principals.ts';
import { withEffect } from './remember-toggles.ts';
import { policyMadeAnew, policyRepointed } from './subject.ts';
import { rememberTenant } from './tenant-mismatch.ts';
import { withNamedBefore } from './vanished-from-policy.ts';
import { hasExpired, isEarly, unusableBecause } from './version-faults.ts';

/**
 * The history of a policy after this reading: the earlier history combined with this reading. Pure.
 *
 * Only known parts change it. The original is never forgotten while environments may be locked with it: a
 * policy, vault or key that is gone, or was replaced by another of the same name, stays as it last was.
 * Applying the same reading twice has the same result as applying it once.
 */
export function updateHistory(previous: History | undefined, facts: Facts): History {
  const before: History = previous ?? { policyId: facts.policyId };
  const { memory, next } = rememberChain(before, facts);
  next.effect = rememberEffect({ ...before, effect: memory.effect }, facts);
  if (next.network?.toggles)
    next.network = { ...next.network, toggles: withEffect(next.network.toggles, next.effect) };
  const left = rememberLeft(before, facts);
  if (left === undefined) delete next.left;
  else next.left = left;
  const principals = rememberPrincipals(before.principals, facts);
  if (principals !== undefined) next.principals = principals;
  next.environments = rememberEnvironments(memory.environments, facts);
  return next;
}

/**
 * The history after a reading whose environments are in it already, as those of a preview are. `memory`: with the
 * policy alone.
 */
export function rememberChain(before: History, facts: Facts): { memory: History; next: History } {
  const { memory, original } = rememberPolicy(before, facts);
  const next: History = { ...memory };
  if (original) {
    next.vault = rememberVault(memory, facts);
    next.key = rememberKey(memory, facts);
    next.permission = rememberPermission(memory, facts);
    next.network = rememberNetwork(memory, facts);
  }
  return { memory, next };
}

/** `original`: whether the rest of the reading is about the same chain as the history. */
function rememberPolicy(before: History, facts: Facts): { memory: History; original: boolean } {
  const { policy } = facts;
  const known = before.policy;
  if (policy.state === 'unknown') return { memory: before, original: true };
  if (policy.state === 'gone') {
    const kept = known && { ...known, goneAt: known.goneAt ?? policy.readAt };
    return { memory: { ...before, policy: kept }, original: true };
  }
  const fresh = { ...withNamedBefore(policy.value, known), seenAt: policy.readAt };
  if (known === undefined) return { memory: { ...before, policy: fresh }, original: true };
  const anew: History = {
    policyId: before.policyId,
    policy: { ...policy.value, seenAt: policy.readAt },
    environments: before.environments,
  };
  if (before.effect) anew.effect = before.effect;
  if (policyMadeAnew(policy.value, known)) {
    if (mayStartAnew(facts, before, known.seenAt)) return { memory: anew, original: true };
    const kept = { ...known, goneAt: known.goneAt ?? policy.readAt };
    return { memory: { ...before, policy: kept }, original: false };
  }
  if (policyRepointed(policy.value, known)) {
    const isFine = originalWasFine(before) && lockSigns(facts).length === 0;
    if (isFine || mayStartAnew(facts, before, known.seenAt)) return { memory: anew, original: true };
    return { memory: before, original: false };
  }
  if (originalVersionIsFine(before, facts)) return { memory: { ...before, policy: fresh }, original: true };
  const moved = { ...fresh, keyVersion: known.keyVersion, movedAt: known.movedAt ?? policy.readAt };
  return { memory: { ...before, policy: moved }, original: true };
}

/**
 * Whether the last readings showed the original key in order: if so, a policy that names another key was
 * changed on purpose; if not, the change may be an attempt to remediate a lock, which a different key can't.
 */
function originalWasFine({ policy, vault, key, permission, network }: History): boolean {
  if (vault?.goneAt !== undefined || key?.goneAt !== undefined) return false;
  if (vault?.tenantDiffersSince !== undefined) return false;
  if (permission?.revokedSince !== undefined) return false;
  if (network !== undefined && isShut(network.current)) return false;
  if (key === undefined) return true;
  const used = usedVersion(key, policy?.keyVersion);
  if (used === undefined || !isUsable(used, key.seenAt)) return false;
  return neededButDisabled(key, policy?.keyVersion, key, key.seenAt).length === 0;
}

function isUsable(version: KeyVersionFact, at: string): boolean {
  const faulty = hasExpired(version, at) || isEarly(version, at) || unusableBecause(version).length > 0;
  return version.enabled && !faulty;
}

/**
 * The same for a policy that was moved to another version of the same key: the original version must be
 * usable now, or all environments must have run a day after it was last seen enabled (or, if it has another
 * fault, a day after the move).
 */
function originalVersionIsFine(before: History, facts: Facts): boolean {
  const { policy, key } = before;
  if (facts.policy.state !== 'known' || policy === undefined) return true;
  const pin = policy.keyVersion;
  if (facts.policy.value.keyVersion?.toLowerCase() === pin?.toLowerCase()) return true;
  if (facts.key.state !== 'known') return false;
  const original = usedVersion(facts.key.value, pin);
  const history = key && sameId(key.name, facts.key.value.name) ? usedVersion(key, pin) : undefined;
  // The allowed operations are read for the version in use only, so the last reading of the original's
  // counts.
  const keyOps = original?.keyOps ?? history?.keyOps;
  if (original !== undefined && isUsable({ ...original, keyOps }, facts.key.readAt)) return true;
  const usedUntil = original?.enabled ? policy.movedAt : history?.lastEnabledAt;
  return mayStartAnew(facts, before, usedUntil ?? policy.seenAt);
}

function rememberVault(memory: History, facts: Facts): History['vault'] {
  const { vault } = facts;
  if (vault.state === 'unknown') return memory.vault;
  if (vault.state === 'gone') {
    const known = memory.vault && { ...memory.vault, goneAt: memory.vault.goneAt ?? vault.readAt };
    if (known === undefined || facts.deletedVault.state !== 'known') return known;
    return { ...known, deletedSeenAt: known.deletedSeenAt ?? facts.deletedVault.readAt };
  }
  const policyVault = memory.policy?.vaultId;
  if (policyVault !== undefined && !sameId(policyVault, vault.value.id)) return memory.vault;
  const before = sameId(memory.vault?.id, vault.value.id) ? memory.vault : undefined;
  return { ...vault.value, seenAt: vault.readAt, ...rememberTenant(before, facts) };
}

/**
 * `model` is the one under which the grant was last seen, so a switch stays visible until the identity is
 * granted again.
 */
function rememberPermission(memory: History, facts: Facts): History['permission'] {
  const { permission: before } = memory;
  if (facts.permission.state !== 'known') return before;
  const { value: fact, readAt } = facts.permission;
  const same = before !== undefined && sameId(before.principalId, fact.principalId) ? before : undefined;
  if (!heldUnconditionally(fact)) {
    const lost = same ?? { model: fact.model, principalId: fact.principalId };
    if (!isRevoked(fact, { ...memory, permission: lost })) return lost;
    return { ...lost, revokedSince: lost.revokedSince ?? readAt };
  }
  const direct = heldDirectly(fact);
  return {
    model: fact.model,
    principalId: fact.principalId,
    grantedAt: readAt,
    directGrantAt: direct ? readAt : same?.model === fact.model ? same.directGrantAt : undefined,
  };
}
