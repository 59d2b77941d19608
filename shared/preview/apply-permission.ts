import { armIdParts, isUnder, sameId } from '../azure/arm-id.ts';
import { keyActionsOf } from '../facts/data-actions.ts';
import { type Denial, type Grant, KEY_ACTIONS, type KeyAction, type PermissionFact } from '../facts/facts.ts';
import {
  byAccessPolicies,
  concludePermission,
  EVERYONE,
  keyActionsOfEntry,
  reachesKey,
} from '../facts/permission.ts';
import { roleGuid } from '../facts/role-guid.ts';
import { builtInRole } from './built-in-roles.ts';
import type { PreviewChain } from './chain.ts';
import type { ChangeOf } from './change.ts';
import { type Effect, NO_EFFECT } from './effect.ts';
import { keyUse, modelOf, permissionUnder, withPermission } from './set-vault-access.ts';

/** The key actions of roles that the plan itself defines, by GUID in lower case. */
export type PlannedRoles = ReadonlyMap<string, readonly KeyAction[]>;

export function removeAssignment(
  chain: PreviewChain,
  { id, address }: ChangeOf<'roleAssignmentRemoved'>,
  at: string,
): Effect {
  const fact = permissionUnder(chain, 'rbac');
  if (fact === undefined) {
    const use = keyUse(chain);
    const scope = scopeOfAssignment(id);
    const matters = modelOf(chain.facts) !== 'accessPolicies' && use !== undefined && reachesKey(scope, use);
    return matters ? { unknown: unreadFor(address, 'removes a role assignment', chain) } : NO_EFFECT;
  }
  const grants = assignmentsOf(fact).filter((grant) => !sameId(grant.id, id));
  return grants.length === assignmentsOf(fact).length ? NO_EFFECT : replaced(chain, fact, { grants }, at);
}

export function addAssignment(
  chain: PreviewChain,
  { scope, principalId, principalType, role, isConditional, address }: ChangeOf<'roleAssignmentAdded'>,
  roles: PlannedRoles,
  at: string,
): Effect {
  const use = keyUse(chain);
  if (use === undefined || (scope !== undefined && !reachesKey(scope, use))) return NO_EFFECT;
  const resolved = role === undefined ? undefined : resolveRole(chain, role, roles);
  const actions = resolved?.actions ?? KEY_ACTIONS;
  const isIdentity = principalId?.toLowerCase() === use.principalId.toLowerCase();
  const isAnother = /^(?:User|ServicePrincipal)$/i.test(principalType ?? '');
  if (principalId !== undefined && !isIdentity && isAnother) return NO_EFFECT;
  // Nobody can tell before whether a group includes the identity, or which management groups are above the vault.
  const isCertain = isIdentity && /^\/subscriptions\//i.test(scope ?? '');
  const fact = permissionUnder(chain, 'rbac');
  if (!isCertain || resolved === undefined || fact === undefined || scope === undefined)
    return actions.length === 0 ? NO_EFFECT : { perhapsGrants: [{ under: 'rbac', actions }] };
  const { id, name } = resolved;
  const provider = 'providers/Microsoft.Authorization';
  const grant: Grant = {
    by: 'roleAssignment',
    id: `${scope}/${provider}/roleAssignments/planned by ${address}`,
    scope,
    principalId: use.principalId,
    principalType,
    roleName: name,
    roleDefinitionId: `/subscriptions/${armIdParts(scope).subscriptionId}/${provider}/roleDefinitions/${id}`,
    actions: [...actions],
    viaGroup: false,
    ...(isConditional ? { condition: 'a condition of the plan' } : {}),
  };
  return replaced(chain, fact, { grants: [...assignmentsOf(fact), grant] }, at);
}

/** Undefined: nothing that was read or planned says what it grants. */
function resolveRole(
  chain: PreviewChain,
  role: string,
  roles: PlannedRoles,
): { id: string; name?: string; actions: readonly KeyAction[] } | undefined {
  const guid = armIdParts(role).name.toLowerCase();
  const grants = assignmentsOf(permissionUnder(chain, 'rbac'));
  const held = grants.find((grant) => isOfRole(grant, guid) || grant.roleName?.toLowerCase() === guid);
  const set = roles.get(guid);
  if (set) return { id: guid, name: held?.roleName, actions: set };
  const builtIn = builtInRole(guid);
  if (builtIn || held?.roleDefinitionId === undefined) return builtIn;
  return { id: armIdParts(held.roleDefinitionId).name, name: held.roleName, actions: held.actions };
}

/** Those that allow no key action included. */
export function assignmentsOf(fact: PermissionFact | undefined): Grant[] {
  return [...(fact?.grants ?? []), ...(fact?.withoutActions ?? [])];
}

function isOfRole({ roleDefinitionId }: Grant, guid: string): boolean {
  return roleDefinitionId !== undefined && armIdParts(roleDefinitionId).name.toLowerCase() === guid;
}

/** The GUIDs of the role definitions from which the identity's grants come, in lower case. */
export function rolesHeld(chain: PreviewChain): ReadonlySet<string> {
  const grants = assignmentsOf(permissionUnder(chain, 'rbac'));
  return new Set(grants.flatMap(({ roleDefinitionId: id }) => (id ? [roleGuid(id)] : [])));
}

export function setRoleDefinition(
  chain: PreviewChain,
  { roleId, permissions, isUnknown, address }: ChangeOf<'roleDefinitionSet'>,
  at: string,
): Effect {
  const fact = permissionUnder(chain, 'rbac');
  if (fact === undefined || !rolesHeld(chain).has(roleGuid(roleId))) return NO_EFFECT;
  if (isUnknown)
    return {
      unknown: `${address} changes a role of the policy's identity to rights that are not known yet.`,
    };
  const guid = armIdParts(roleId).name.toLowerCase();
  const actions = keyActionsOf(permissions);
  const assigned = assignmentsOf(fact);
  const isSame = assigned.every(
    (grant) => !isOfRole(grant, guid) || String(grant.actions) === String(actions),
  );
  if (isSame) return NO_EFFECT;
  const grants = assigned.map((grant) => (isOfRole(grant, guid) ? { ...grant, actions } : grant));
  return replaced(chain, fact, { grants }, at);
}

export function addDenial(
  chain: PreviewChain,
  { scope, principalIds, permissions, address }: ChangeOf<'denyAssignmentAdded'>,
  at: string,
): Effect {
  const use = keyUse(chain);
  const actions = keyActionsOf(permissions);
  if (use === undefined || actions.length === 0 || !reachesKey(scope, use)) return NO_EFFECT;
  const isNamed = principalIds.some((id) =>
    [use.principalId.toLowerCase(), EVERYONE].includes(id.toLowerCase()),
  );
  const fact = permissionUnder(chain, 'rbac');
  if (fact === undefined || !isNamed)
    return {
      unknown: `${address} denies rights on the key; whether that reaches the identity is not known.`,
    };
  const denial: Denial = { id: `${scope}/planned by ${address}`, name: address, scope, actions };
  return replaced(chain, fact, { denials: [...fact.denials, denial] }, at);
}

export function removeDenial(
  chain: PreviewChain,
  { id }: ChangeOf<'denyAssignmentRemoved'>,
  at: string,
): Effect {
  const fact = permissionUnder(chain, 'rbac');
  const denials = fact?.denials.filter((denial) => !sameId(denial.id, id));
  if (fact === undefined || denials?.length === fact.denials.length) return NO_EFFECT;
  return replaced(chain, fact, { denials }, at);
}

export function setAccessPolicy(
  chain: PreviewChain,
  change: ChangeOf<'accessPolicySet'>,
  at: string,
): Effect {
  const { entry, address } = change;
  const { objectId, keys } = entry;
  const use = keyUse(chain);
  const fact = permissionUnder(chain, 'accessPolicies');
  if (use === undefined) return NO_EFFECT;
  if (objectId === undefined || change.vaultId === undefined)
    return { perhapsGrants: [{ under: 'accessPolicies', actions: keyActionsOfEntry(keys) }] };
  const isIdentity = objectId.toLowerCase() === use.principalId.toLowerCase();
  if (fact === undefined)
    return isIdentity && modelOf(chain.facts) !== 'rbac'
      ? { unknown: unreadFor(address, 'sets an access policy', chain) }
      : NO_EFFECT;
  const { vault } = chain.facts;
  const tenantId = vault.state === 'known' ? vault.value.tenantId : undefined;
  if (!isIdentity) {
    const others = fact.perhapsGroups.filter((grant) => !sameId(grant.id, objectId));
    const added = byAccessPolicies(use, [{ ...entry, objectId }], tenantId).perhapsGroups;
    return others.length + added.length === 0
      ? NO_EFFECT
      : replaced(chain, fact, { perhapsGroups: [...others, ...added] }, at);
  }
  // An entry with an application is another one than the identity's own.
  if (entry.applicationId !== undefined) return NO_EFFECT;
  const { grants } = byAccessPolicies(use, [{ ...entry, objectId }], tenantId);
  const isSame = String(grants[0]?.actions) === String(fact.grants[0]?.actions);
  return isSame ? NO_EFFECT : replaced(chain, fact, { grants }, at);
}

export function removeAccessPolicy(
  chain: PreviewChain,
  { objectId, applicationId, address }: ChangeOf<'accessPolicyRemoved'>,
  at: string,
): Effect {
  if (applicationId !== undefined) return NO_EFFECT;
  const fact = permissionUnder(chain, 'accessPolicies');
  const isIdentity = objectId.toLowerCase() === keyUse(chain)?.principalId.toLowerCase();
  if (fact === undefined)
    return isIdentity && modelOf(chain.facts) !== 'rbac'
      ? { unknown: unreadFor(address, 'removes an access policy', chain) }
      : NO_EFFECT;
  const without = (grant: Grant) => !sameId(grant.id, objectId);
  const grants = fact.grants.filter(without);
  const perhapsGroups = fact.perhapsGroups.filter(without);
  const isSame = grants.length === fact.grants.length && perhapsGroups.length === fact.perhapsGroups.length;
  return isSame ? NO_EFFECT : replaced(chain, fact, { grants, perhapsGroups }, at);
}

function replaced(
  chain: PreviewChain,
  fact: PermissionFact,
  change: Partial<Pick<PermissionFact, 'grants' | 'denials' | 'perhapsGroups'>>,
  at: string,
): Effect {
  const all = { ...fact, grants: assignmentsOf(fact), ...change };
  const { grants, denials, perhapsGroups } = all;
  const concluded = concludePermission(fact.model, fact, grants, denials);
  // Entries of others matter only for what the identity lacks.
  const helpful = perhapsGroups.filter(({ actions }) =>
    actions.some((action) => concluded.missing.includes(action)),
  );
  return withPermission(chain, { ...concluded, perhapsGroups: helpful }, at);
}

export function withGrants(chain: PreviewChain, fact: PermissionFact, grants: Grant[], at: string): Effect {
  return replaced(chain, fact, { grants }, at);
}

function unreadFor(address: string, what: string, { facts }: PreviewChain): string {
  const detail = facts.permission.state === 'known' ? '' : `: ${facts.permission.detail}`;
  return `${address} ${what}, and the identity's permissions could not be read${detail}`;
}

/** The scope of an assignment, from its own id. */
export function scopeOfAssignment(id: string): string {
  const end = id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/roleassignments/');
  return end < 0 ? id : id.slice(0, end) || '/';
}

/** Whether the resource is the group, or lies in it. */
export function liesIn(resourceId: string | undefined, groupId: string): boolean {
  return resourceId !== undefined && isUnder(resourceId, groupId);
}
