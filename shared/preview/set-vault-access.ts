import type { Part } from '../azure/part.ts';
import type { Facts, KeyAction, PermissionFact, VaultFact } from '../facts/facts.ts';
import { byAccessPolicies, type KeyUse, keyActionsOfEntry } from '../facts/permission.ts';
import { chainIds, type PreviewChain } from './chain.ts';
import type { PlannedAccessPolicy } from './change.ts';
import { type Effect, NO_EFFECT, planned } from './effect.ts';

type Model = PermissionFact['model'];

/** The permissions under that model, where a reading shows them: those in force, or those of the other model. */
export function permissionUnder(
  { facts, otherModel }: PreviewChain,
  model: Model,
): PermissionFact | undefined {
  const parts = [facts.permission, otherModel];
  for (const part of parts) if (part?.state === 'known' && part.value.model === model) return part.value;
  return undefined;
}

/** Puts the permissions in the place of those of their model. */
export function withPermission({ facts }: PreviewChain, fact: PermissionFact, at: string): Effect {
  const inForce = facts.permission.state === 'known' ? facts.permission.value.model : modelOf(facts);
  return inForce === fact.model
    ? { facts: { permission: planned(fact, at) } }
    : { otherModel: planned(fact, at) };
}

/** The vault's own setting, where the permissions themselves could not be read. */
export function modelOf({ vault }: Facts): Model | undefined {
  if (vault.state !== 'known') return undefined;
  return vault.value.rbac ? 'rbac' : 'accessPolicies';
}

/**
 * Switching the model ends every grant of the one before it. Where the rights under the new one were not read,
 * they are unknown.
 */
export function switchModel({ facts, otherModel }: PreviewChain, after: VaultFact, at: string): Effect {
  const name = after.rbac ? 'role assignments' : 'access policies';
  const unread: Part<PermissionFact> = {
    state: 'unknown',
    reason: 'follows',
    detail: `The vault is switched to ${name}, and what the identity may do under them was not read.`,
    readAt: at,
  };
  const permission = otherModel ?? unread;
  return { facts: { permission }, otherModel: facts.permission };
}

/** The whole list of a vault, in place of the one before. */
export function setAccessPolicies(
  chain: PreviewChain,
  entries: readonly PlannedAccessPolicy[],
  tenantId: string | undefined,
  at: string,
): Effect {
  const use = keyUse(chain);
  if (use === undefined) return NO_EFFECT;
  const named = entries.flatMap(({ objectId, ...entry }) =>
    objectId === undefined ? [] : [{ ...entry, objectId }],
  );
  const effect = withPermission(chain, byAccessPolicies(use, named, tenantId), at);
  const perhapsGrants = entries.flatMap((entry): readonly KeyAction[] =>
    entry.objectId === undefined ? keyActionsOfEntry(entry.keys) : [],
  );
  return perhapsGrants.length === 0 ? effect : { ...effect, perhapsGrants };
}

/** Undefined where the policy's vault, key or identity is not known. */
export function keyUse(chain: PreviewChain): KeyUse | undefined {
  const { vaultId, keyName, principalId } = chainIds(chain);
  if (vaultId === undefined || keyName === undefined || principalId === undefined) return undefined;
  const tenantId = chain.facts.policy.state === 'known' ? chain.facts.policy.value.tenantId : undefined;
  return { vaultId, keyName, principalId, tenantId };
}
