import { reachesResource } from '../../facts/permission.ts';
import type { PolicyRights, ResourceRights } from '../../facts/rights.ts';
import { roleGuid } from '../../facts/role-guid.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import { denialsOf, type Holder, type Holders, holdersOf } from './holders.ts';
import { type ControlRight, KEY_OPERATIONS, type Right } from './right.ts';

/**
 * Who holds a right, and who could give it to themselves: a role assignment, an entry of the vault's access policies,
 * or more rights in a custom role of their own. What a deny assignment takes away, no new role gives back.
 */
export function holdersInTwoSteps(rights: PolicyRights, right: Right): Holders {
  const holders = new Map(holdersOf(rights, right));
  const add = (found: Holders) => {
    for (const [id, holder] of found)
      if (!holders.has(id) && !isDenied(rights, right, holder))
        holders.set(id, { ...holder, how: 'inTwoSteps' });
  };
  for (const at of placesOf(rights, right)) {
    add(holdersOf(rights, { ...at, anyOf: [ARM_OPERATION.roleAssignmentWrite] }));
    add(editorsOfOwnRole(rights, at));
  }
  if (right.plane === 'key' && rights.rbac === false && rights.vault !== undefined)
    add(
      holdersOf(rights, {
        plane: 'control',
        of: 'vault',
        anyOf: [ARM_OPERATION.vaultWrite, ARM_OPERATION.accessPoliciesWrite],
        scope: rights.vault.id,
      }),
    );
  return holders;
}

type Place = Pick<ControlRight, 'plane' | 'of' | 'scope'>;

/**
 * Where a role would have to be given for this right. Under access policies no role gives a right to the key, but at
 * the vault one gives the right to write an entry.
 */
function placesOf({ rbac, vault }: PolicyRights, right: Right): Place[] {
  if (right.plane === 'control') return [{ plane: 'control', of: right.of, scope: right.scope }];
  if (vault === undefined) return [];
  return [{ plane: 'control', of: 'vault', scope: rbac === false ? vault.id : vault.keyId }];
}

/** "Azure custom roles": to edit one takes the right at every scope at which it can be assigned. */
function editorsOfOwnRole(rights: PolicyRights, { of, scope }: Place): Holders {
  const resource = rights[of];
  const editors = new Map<string, Holder>();
  if (resource === undefined) return editors;
  for (const { principalId, guid } of rolesGivenAt(resource, scope)) {
    const role = resource.roles.get(guid);
    if (!role?.isCustom || role.assignableScopes.length === 0) continue;
    const each = role.assignableScopes.map((one) =>
      holdersOf(rights, { plane: 'control', of, anyOf: [ARM_OPERATION.roleDefinitionWrite], scope: one }),
    );
    const own = each.map((one) => one.get(principalId));
    const [first] = own;
    if (first !== undefined && own.every((one) => one !== undefined)) editors.set(principalId, first);
  }
  return editors;
}

function rolesGivenAt(
  { assignments, eligible }: ResourceRights,
  scope: string,
): { principalId: string; guid: string }[] {
  return [assignments, eligible].flatMap((rows) =>
    'rows' in rows
      ? rows.rows
          .filter((one) => reachesResource(one.scope, scope))
          .map((one) => ({
            principalId: one.principalId.toLowerCase(),
            guid: roleGuid(one.roleDefinitionId),
          }))
      : [],
  );
}

function isDenied(rights: PolicyRights, right: Right, principal: Holder): boolean {
  if (right.plane === 'key' && rights.rbac === false) return false;
  const resource = right.plane === 'control' ? rights[right.of] : rights.vault;
  const scope = right.plane === 'control' ? right.scope : rights.vault?.keyId;
  if (resource === undefined || scope === undefined) return false;
  const actions = right.plane === 'control' ? right.anyOf : right.anyOf.map((name) => KEY_OPERATIONS[name]);
  return actions.every(
    (action) => denialsOf(resource, { principal, plane: right.plane, action, scope }).isDenied,
  );
}
