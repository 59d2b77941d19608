import { mayDo, type Needed } from '../../../dev/azure-simulator/authorization/may-do.ts';
import { SCENARIO_RIGHTS } from '../../../dev/azure-simulator/authorization/scenario-rights.ts';
import { KEY_VAULT_ADMINISTRATOR, OWNER } from '../../../dev/azure-simulator/world/roles.ts';
import { findKey, findVault, type Policy, type World } from '../../../dev/azure-simulator/world/world.ts';
import type { LockingOperationId } from '../../../shared/preview/who-can/locking-operations.ts';

// What the simulator lets somebody do, by its own rules alone.

/** No scenario does these. */
type DirectOperation = 'add-key-version' | 'delete-policy-group' | 'move-policy';

/** The scenario that is the same operation. */
const SCENARIO_OF: Readonly<Record<Exclude<LockingOperationId, DirectOperation>, string>> = {
  'update-key': 'key-disabled',
  'delete-key': 'key-deleted',
  'purge-key': 'key-purged',
  'close-network': 'network-restricted',
  'join-perimeter': 'perimeter-joined',
  'remove-access-policy': 'permissions-revoked',
  'remove-role-assignment': 'permissions-revoked',
  'edit-role': 'custom-role-edited',
  'deny-identity': 'deny-assignment-added',
  'switch-permission-model': 'permission-model-flipped',
  'delete-vault': 'vault-deleted',
  'purge-vault': 'vault-purged',
  'delete-resource-group': 'resource-group-deleted',
  'move-vault': 'vault-moved',
  'delete-policy': 'policy-deleted',
  'change-policy': 'undo-policy-deleted',
};

/** All of these, and of each list any one. What is purged is deleted already. */
export function neededFor(world: World, operation: LockingOperationId, policy: Policy): Needed[][] {
  const vault = findVault(world, policy.keyStoreId);
  const keyName = policy.keyName ?? '';
  if (operation === 'add-key-version') return vault ? [[{ key: 'create', vault, keyName }]] : [];
  const group = policy.id.replace(/\/providers\/.*$/, '');
  const onGroup = (verb: string): Needed[][] => [
    [{ action: `Microsoft.Resources/subscriptions/resourceGroups/${verb}`, scope: group }],
  ];
  if (operation === 'delete-policy-group') return onGroup('delete');
  if (operation === 'move-policy') return onGroup('moveResources/action');
  const isPurge = operation.startsWith('purge-');
  const key = isPurge ? undefined : findKey(vault, keyName);
  const subject = {
    policy,
    ...(vault === undefined ? {} : { vault }),
    vaultDeleted: isPurge,
    ...(key === undefined ? {} : { key }),
    keyName,
  };
  const needed = SCENARIO_RIGHTS[SCENARIO_OF[operation]]?.(subject, world) ?? [];
  // The perimeter and the new group may be their own, so the list says beside it that rights there are needed as well.
  return operation === 'join-perimeter' || operation === 'move-vault' ? needed.slice(0, 1) : needed;
}

export function isAllowed(
  world: World,
  personId: string,
  operation: LockingOperationId,
  policy: Policy,
): boolean {
  return neededFor(world, operation, policy).every((anyOf) =>
    anyOf.some((one) => mayDo(world, personId, one)),
  );
}

/** The world in which the person has activated every role that they are eligible for, themselves or through a group. */
export function activated(world: World): World {
  const next = structuredClone(world);
  next.roleAssignments.push(...next.eligibleAssignments.splice(0));
  return next;
}

/** The world in which the person gave themselves every right that they can, until nothing more comes of it. */
export function helpedOneself(world: World, personId: string, policy: Policy): World {
  const next = structuredClone(world);
  for (let round = 0; round < 3; round += 1) {
    const vault = findVault(next, policy.keyStoreId);
    const scopes = [policy.id, ...(vault ? [vault.id, `${vault.id}/keys/${policy.keyName}`] : [])].flatMap(
      (id) => [id, ...scopesAbove(id)],
    );
    for (const scope of new Set([...scopes, next.managementGroupId])) {
      const may = (roleId: string) =>
        mayDo(next, personId, {
          action: 'Microsoft.Authorization/roleAssignments/write',
          scope,
          assigns: roleId,
        });
      for (const roleId of [OWNER, KEY_VAULT_ADMINISTRATOR])
        if (may(roleId))
          next.roleAssignments.push({
            id: `own-${scope}-${roleId}`,
            scope,
            principalId: personId,
            principalType: 'User',
            roleId,
            createdAt: 0,
          });
    }
    editOwnRoles(next, personId);
    const mayWrite = vault
      ? ['write', 'accessPolicies/write'].some((verb) =>
          mayDo(next, personId, { action: `Microsoft.KeyVault/vaults/${verb}`, scope: vault.id }),
        )
      : false;
    if (mayWrite && vault) vault.accessPolicies.push({ objectId: personId, keys: ['all'] });
  }
  return next;
}

function editOwnRoles(next: World, personId: string): void {
  const action = 'Microsoft.Authorization/roleDefinitions/write';
  if (!mayDo(next, personId, { action, scope: next.managementGroupId })) return;
  const groups = next.groups.filter(({ members }) => members.includes(personId)).map(({ id }) => id);
  const own = next.roleAssignments.filter(({ principalId }) => [personId, ...groups].includes(principalId));
  for (const role of next.roleDefinitions)
    if (role.custom && own.some(({ roleId }) => roleId === role.id))
      Object.assign(role, { actions: ['*'], notActions: [], dataActions: ['*'], notDataActions: [] });
}

function scopesAbove(id: string): string[] {
  const segments = id.split('/');
  return segments.flatMap((_, n) => (n > 1 && n % 2 === 0 ? [segments.slice(0, n + 1).join('/')] : []));
}
