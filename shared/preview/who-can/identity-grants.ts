import { normalId } from '../../azure/arm-id.ts';
import { type Grant, KEY_ACTIONS } from '../../facts/facts.ts';
import { roleGuid } from '../../facts/role-guid.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import { atVault, type ControlRight, type NeedsOneOf, type RightsWithVault } from './right.ts';

/**
 * The identity can no longer use the key once it lacks one of reading, wrapping and unwrapping. So for each of them,
 * whoever may take away all grants that give it can lock the environments. Null: no grant is a role assignment.
 */
export function removesGrants(rights: RightsWithVault): NeedsOneOf | null {
  const perAction = grantsPerAction(rights);
  if (perAction === null) return null;
  if ('unread' in perAction)
    return { anyOf: [[atVault(rights, ARM_OPERATION.roleAssignmentDelete)]], unread: perAction.unread };
  return oneOf(
    perAction.map((grants) =>
      at(
        grants.map(({ scope }) => scope),
        ARM_OPERATION.roleAssignmentDelete,
      ),
    ),
  );
}

/** The same by editing roles: built-in ones can't be edited, so one grant by such a role keeps its actions. */
export function editsRoles(rights: RightsWithVault): NeedsOneOf | null {
  const perAction = grantsPerAction(rights);
  if (perAction === null) return null;
  if ('unread' in perAction) return { anyOf: [], unread: perAction.unread };
  const unread = new Set<string>();
  const alternatives = perAction.flatMap((grants) => {
    const scopes: string[] = [];
    for (const { roleDefinitionId = '' } of grants) {
      const role = rights.vault.roles.get(roleGuid(roleDefinitionId));
      if (role === undefined) unread.add(roleDefinitionId);
      if (!role?.isCustom || role.assignableScopes.length === 0) return [];
      scopes.push(...role.assignableScopes);
    }
    return [at(scopes, ARM_OPERATION.roleDefinitionWrite)];
  });
  const found = oneOf(alternatives);
  if (unread.size === 0) return found;
  const detail = `The role ${[...unread].join(', ')} of the policy's identity could not be read.`;
  return { anyOf: found?.anyOf ?? [], unread: detail };
}

/** Of each key action that the identity has, the grants that give it. Null: it has none by Azure RBAC. */
function grantsPerAction({
  facts: { permission },
  rbac,
}: RightsWithVault): readonly (readonly Grant[])[] | { unread: string } | null {
  if (rbac === false) return null;
  if (permission.state === 'unknown')
    return {
      unread: `The role assignments of the policy's identity could not be read: ${permission.detail}`,
    };
  if (permission.state !== 'known' || permission.value.model !== 'rbac') return null;
  const { grants } = permission.value;
  const each = KEY_ACTIONS.map((action) => grants.filter(({ actions }) => actions.includes(action)));
  const held = each.filter((some) => some.length > 0);
  return held.length === 0 ? null : held;
}

function at(scopes: readonly string[], action: string): ControlRight[] {
  const distinct = new Map(scopes.map((scope) => [normalId(scope), scope]));
  return [...distinct.values()].map((scope) => ({ plane: 'control', of: 'vault', anyOf: [action], scope }));
}

/** What needs all rights of another alternative and more adds nobody. */
function oneOf(alternatives: readonly (readonly ControlRight[])[]): NeedsOneOf | null {
  const scopesOf = (rights: readonly ControlRight[]) => new Set(rights.map(({ scope }) => normalId(scope)));
  const anyOf = alternatives.filter((rights, n) => {
    const own = scopesOf(rights);
    return !alternatives.some((other, m) => {
      const needed = scopesOf(other);
      const isLess = [...needed].every((scope) => own.has(scope));
      return m !== n && isLess && (needed.size < own.size || m < n);
    });
  });
  return anyOf.length === 0 ? null : { anyOf };
}
