import type { PolicyRights, ResourceRights } from '../../facts/rights.ts';
import { roleGuid } from '../../facts/role-guid.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import { denialsOf, type Holder, type Holders, holdersOf } from './holders.ts';
import { type ControlRight, hasVault, KEY_OPERATIONS, type Right } from './right.ts';

/**
 * Who holds a right, and who could give it to themselves: a role assignment, an entry of the vault's access policies,
 * or more rights in a custom role of their own. What a deny assignment takes away, no new role gives back.
 */
export function holdersInTwoSteps(rights: PolicyRights, right: Right): Holders {
  const holders = new Map(holdersOf(rights, right));
  for (const first of firstSteps(rights, right))
    for (const [id, holder] of holdersOf(rights, first)) {
      if (holders.has(id) || isDenied(rights, right, id)) continue;
      if (first.anyOf.includes(ARM_OPERATION.roleDefinitionWrite) && !holdsCustomRole(rights[first.of], id))
        continue;
      holders.set(id, { ...holder, how: 'inTwoSteps' } satisfies Holder);
    }
  return holders;
}

function firstSteps(rights: PolicyRights, right: Right): ControlRight[] {
  const scope = right.plane === 'control' ? right.scope : rights.vault?.keyId;
  if (scope === undefined || !(right.plane === 'control' || hasVault(rights))) return [];
  const of = right.plane === 'control' ? right.of : 'vault';
  const give = (...anyOf: string[]): ControlRight => ({ plane: 'control', of, anyOf, scope });
  const byRole = [give(ARM_OPERATION.roleAssignmentWrite), give(ARM_OPERATION.roleDefinitionWrite)];
  if (right.plane === 'control' || rights.rbac !== false) return byRole;
  // Under access policies a role gives no right to the key by itself, but the right to write an entry.
  const vault = rights.vault?.id ?? scope;
  const entry = give(ARM_OPERATION.vaultWrite, ARM_OPERATION.accessPoliciesWrite);
  return [entry, ...byRole].map((one) => ({ ...one, scope: vault }));
}

function isDenied(rights: PolicyRights, right: Right, principalId: string): boolean {
  if (right.plane === 'key' && rights.rbac === false) return false;
  const resource = right.plane === 'control' ? rights[right.of] : rights.vault;
  const scope = right.plane === 'control' ? right.scope : rights.vault?.keyId;
  if (resource === undefined || scope === undefined) return false;
  const actions = right.plane === 'control' ? right.anyOf : right.anyOf.map((name) => KEY_OPERATIONS[name]);
  return actions.every(
    (action) => denialsOf(resource, { principalId, plane: right.plane, action, scope }).isDenied,
  );
}

/** Only a custom role can be edited. Whoever may edit one that they hold can put any right into it. */
function holdsCustomRole(resource: ResourceRights | undefined, principalId: string): boolean {
  const rows = [resource?.assignments, resource?.eligible].flatMap((one) =>
    one !== undefined && 'rows' in one ? one.rows : [],
  );
  return rows.some(({ principalId: holder, roleDefinitionId }) => {
    const role = resource?.roles.get(roleGuid(roleDefinitionId));
    return holder.toLowerCase() === principalId && role?.isCustom === true;
  });
}
