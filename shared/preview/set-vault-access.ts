import type { Part } from '../azure/part.ts';
import type { Facts, KeyAction, PermissionFact, VaultFact } from '../facts/facts.ts';
import { byAccessPolicies, type KeyUse, keyActionsOfEntry } from '../facts/permission.ts';
import { chainIds, type PreviewChain } from './chain.ts';
import type { PlannedAccessPolicy } from './change.ts';
import { type Effect, NO_EFFECT, planned, unknownFrom } from './effect.ts';

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
export function withPermission(chain: PreviewChain, fact: PermissionFact, at: string): Effect {
  return withRights(chain, fact.model, planned(fact, at));
}

function withRights({ facts }: PreviewChain, model: Model, part: Part<PermissionFact>): Effect {
  const inForce = facts.permission.state === 'known' ? facts.permission.value.model : modelOf(facts);
  return inForce === model ? { facts: { permission: part } } : { otherModel: part };
}

/** Access policies count for the vault's own tenant alone, and those for another one are not kept with a reading. */
export function changeTenant(chain: PreviewChain, vaultName: string, at: string): Effect {
  const detail = `The vault ${vaultName} gets another tenant, and which of its access policies are for that one was not read.`;
  return withRights(chain, 'accessPolicies', unknownFrom(detail, at));
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
  const detail = `The vault is switched to ${name}, and what the identity may do under them was not read.`;
  const permission = otherModel ?? unknownFrom(detail, at);
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
  const actions = entries.flatMap((entry): readonly KeyAction[] =>
    entry.objectId === undefined ? keyActionsOfEntry(entry.keys) : [],
  );
  return actions.length === 0 ? effect : { ...effect, perhapsGrants: [{ under: 'accessPolicies', actions }] };
}

/** Undefined where the policy's vault, key or identity is not known. */
export function keyUse(chain: PreviewChain): KeyUse | undefined {
  const { vaultId, keyName, principalId } = chainIds(chain);
  if (vaultId === undefined || keyName === undefined || principalId === undefined) return undefined;
  const tenantId = chain.facts.policy.state === 'known' ? chain.facts.policy.value.tenantId : undefined;
  return { vaultId, keyName, principalId, tenantId };
}
