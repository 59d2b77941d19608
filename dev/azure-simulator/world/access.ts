import { isUnder, normalId } from '../../../shared/azure/arm-id.ts';
import { CMK_DATA_ACTIONS } from './roles.ts';
import type { Vault, World, WorldDenyAssignment, WorldRoleAssignment, WorldRoleDefinition } from './world.ts';

/** Whether this principal may perform a control-plane action at that scope. Only role assignments count. */
export function mayRead(world: World, principalId: string, action: string, scope: string): boolean {
  return rolesOf(world, principalId, scope).some(
    (role) => covers(role.actions, action) && !covers(role.notActions, action),
  );
}

/** Whether this principal may perform a data action at that scope, by its role assignments. */
export function mayUseData(world: World, principalId: string, action: string, scope: string): boolean {
  return rolesOf(world, principalId, scope).some(
    (role) => covers(role.dataActions, action) && !covers(role.notDataActions, action),
  );
}

/**
 * Whether this principal may read the key's metadata, wrap and unwrap with it, under the vault's permission
 * model.
 */
export function mayUseKey(world: World, principalId: string, vault: Vault, keyName: string): boolean {
  if (!vault.rbac) return mayByAccessPolicy(world, principalId, vault);
  const scope = `${vault.id}/keys/${keyName}`;
  const roles = rolesOf(world, principalId, scope);
  const denials = denialsOf(world, principalId, scope);
  return CMK_DATA_ACTIONS.every(
    (action) =>
      roles.some((role) => covers(role.dataActions, action) && !covers(role.notDataActions, action)) &&
      !denials.some((denial) => covers(denial.dataActions, action)),
  );
}

/** The principal itself and all its groups. */
export function principalsOf(world: World, principalId: string): string[] {
  const id = principalId.toLowerCase();
  const groups = world.groups.filter((group) => group.members.some((member) => member.toLowerCase() === id));
  return [id, ...groups.map((group) => group.id.toLowerCase())];
}

/**
 * True where `scope` is `target`, or a scope above it (the tenant's root and the management group included).
 */
export function isAtOrAbove(world: World, scope: string, target: string): boolean {
  if (normalId(scope) === '') return true;
  if (normalId(scope) === normalId(world.managementGroupId))
    return normalId(target).startsWith('/subscriptions/') || normalId(target) === normalId(scope);
  return isUnder(target, scope);
}

function assignmentsFor(world: World, principalId: string, scope: string): WorldRoleAssignment[] {
  const principals = principalsOf(world, principalId);
  return world.roleAssignments.filter(
    (assignment) =>
      principals.includes(assignment.principalId.toLowerCase()) &&
      isAtOrAbove(world, assignment.scope, scope),
  );
}

function rolesOf(world: World, principalId: string, scope: string): WorldRoleDefinition[] {
  const ids = new Set(assignmentsFor(world, principalId, scope).map((assignment) => assignment.roleId));
  return world.roleDefinitions.filter((role) => ids.has(role.id));
}

function denialsOf(world: World, principalId: string, scope: string): WorldDenyAssignment[] {
  const principals = principalsOf(world, principalId);
  return world.denyAssignments.filter(
    (denial) =>
      principals.includes(denial.principalId.toLowerCase()) && isAtOrAbove(world, denial.scope, scope),
  );
}

function mayByAccessPolicy(world: World, principalId: string, vault: Vault): boolean {
  const principals = principalsOf(world, principalId);
  const held = new Set(
    vault.accessPolicies
      .filter((entry) => principals.includes(entry.objectId.toLowerCase()))
      .flatMap((entry) => entry.keys.map((permission) => permission.toLowerCase())),
  );
  return held.has('all') || ['get', 'wrapkey', 'unwrapkey'].every((permission) => held.has(permission));
}

function covers(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
  });
}
