import { normalId } from '../../azure/arm-id.ts';
import { reachesResource } from '../../facts/permission.ts';
import type { PolicyRights, ResourceRights } from '../../facts/rights.ts';
import { roleGuid } from '../../facts/role-guid.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import { withScopesAbove } from '../chain.ts';
import { denialsOf, type Holder, type Holders, holdersOf } from './holders.ts';
import { type ControlRight, KEY_OPERATIONS, type Right } from './right.ts';

/**
 * Who holds a right, and who could give it to themselves: a role assignment, an entry of the vault's access policies,
 * or more rights in a custom role of their own. What a deny assignment takes away, no new role gives back.
 */
export function holdersInTwoSteps(rights: PolicyRights, right: Right): Holders {
  const holders = new Map(holdersOf(rights, right));
  const add = (found: Holders) => {
    for (const [id, holder] of found) {
      const { isDenied, perhaps } = denialOn(rights, right, holder);
      if (holders.has(id) || isDenied) continue;
      const perhapsDenied = [...new Set([...holder.perhapsDenied, ...perhaps])];
      holders.set(id, { ...holder, how: 'inTwoSteps', perhapsDenied });
    }
  };
  const place = placeOf(rights, right);
  if (place !== undefined) {
    for (const scope of scopesReaching(rights[place.of], place.scope))
      add(holdersOf(rights, { ...place, scope, anyOf: [ARM_OPERATION.roleAssignmentWrite] }));
    add(editorsOfOwnRole(rights, place));
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
function placeOf({ rbac, vault }: PolicyRights, right: Right): Place | undefined {
  if (right.plane === 'control') return { plane: 'control', of: right.of, scope: right.scope };
  return vault && { plane: 'control', of: 'vault', scope: rbac === false ? vault.id : vault.keyId };
}

/**
 * What is given at any of these scopes reaches the resource. One who is denied to assign roles at the resource may do
 * it above it, where the deny assignment does not reach.
 */
function scopesReaching(resource: ResourceRights | undefined, scope: string): string[] {
  const given = [resource?.assignments, resource?.eligible].flatMap((rows) =>
    rows !== undefined && 'rows' in rows ? rows.rows.map((one) => normalId(one.scope)) : [],
  );
  const above = given.filter((one) => reachesResource(one, scope));
  return [...new Set([normalId(scope), ...withScopesAbove(scope), ...above])];
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

/** What deny assignments would leave of the right, once the principal has given it to themselves. */
function denialOn(rights: PolicyRights, right: Right, principal: Holder): ReturnType<typeof denialsOf> {
  const resource = right.plane === 'control' ? rights[right.of] : rights.vault;
  const scope = right.plane === 'control' ? right.scope : rights.vault?.keyId;
  const isOfEntries = right.plane === 'key' && rights.rbac === false;
  if (isOfEntries || resource === undefined || scope === undefined) return { isDenied: false, perhaps: [] };
  const actions = right.plane === 'control' ? right.anyOf : right.anyOf.map((name) => KEY_OPERATIONS[name]);
  const each = actions.map((action) => denialsOf(resource, { principal, plane: right.plane, action, scope }));
  const open = each.filter(({ isDenied }) => !isDenied);
  const isFree = open.some(({ perhaps }) => perhaps.length === 0);
  return { isDenied: open.length === 0, perhaps: isFree ? [] : open.flatMap(({ perhaps }) => perhaps) };
}
