import { armIdParts } from '../../azure/arm-id.ts';
import type { PolicyRights } from '../../facts/rights.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import type { TriggerId } from '../../triggers/finding.ts';
import { editsRoles, removesGrants } from './identity-grants.ts';
import {
  atPolicy,
  atVault,
  type ControlRight,
  hasVault,
  type Needs,
  onKey,
  type RightsWithVault,
} from './right.ts';

/** One operation that takes environments down, and the rights that it needs. */
export interface LockingOperation {
  title: string;
  needs(rights: PolicyRights): Needs;
  /** Of a deletion, every lock refuses it; of any other change on the control plane, a ReadOnly lock. */
  refusedByLocks: 'deletion' | 'change' | null;
  note?: string;
}

const groupOf = (id: string) => id.replace(/\/providers\/.*$/i, '');
const vaultGroup = ({ vault }: RightsWithVault) => groupOf(vault.id);
const vaultSubscription = ({ vault }: RightsWithVault) =>
  `/subscriptions/${armIdParts(vault.id).subscriptionId ?? ''}`;

function atPolicyGroup({ facts: { policyId } }: PolicyRights, action: string): ControlRight {
  return { plane: 'control', of: 'policy', anyOf: [action], scope: groupOf(policyId) };
}

/** What is done to the vault, its key or its group: nothing of it can be done where no vault is known. */
function toVault(
  operation: Omit<LockingOperation, 'needs'> & { needs(rights: RightsWithVault): Needs },
): LockingOperation {
  return { ...operation, needs: (rights) => (hasVault(rights) ? operation.needs(rights) : null) };
}

/** The order is that of the answer: the easiest operation first. */
export const LOCKING_OPERATIONS = {
  'update-key': toVault({
    title:
      'Disable the key or a version of it, change its dates, or take wrapping out of its allowed operations',
    needs: () => [onKey('update')],
    refusedByLocks: null,
  }),
  'delete-key': toVault({ title: 'Delete the key', needs: () => [onKey('delete')], refusedByLocks: null }),
  'purge-key': toVault({
    title: 'Purge the deleted key',
    needs: () => [onKey('purge')],
    refusedByLocks: null,
    note: 'Only a deleted key can be purged. Nothing brings it back.',
  }),
  'add-key-version': toVault({
    title: 'Add a version of the key that can not be used',
    needs: ({ facts }) =>
      facts.policy.state === 'known' && facts.policy.value.keyVersion !== undefined
        ? null
        : [onKey('create', 'import')],
    refusedByLocks: null,
  }),
  'close-network': toVault({
    title: "Close the vault's network, or give the vault another tenant",
    needs: (rights) => [atVault(rights, ARM_OPERATION.vaultWrite)],
    refusedByLocks: 'change',
  }),
  'join-perimeter': toVault({
    title: 'Put the vault behind a network security perimeter',
    needs: (rights) => [atVault(rights, 'Microsoft.KeyVault/vaults/joinPerimeter/action')],
    refusedByLocks: 'change',
    note: 'It also needs Microsoft.Network/networkSecurityPerimeters/resourceAssociations/write on a perimeter, which may be one of their own.',
  }),
  'remove-access-policy': toVault({
    title: "Remove or replace the access policy of the policy's identity",
    needs: (rights) =>
      rights.rbac === true
        ? null
        : [atVault(rights, ARM_OPERATION.vaultWrite, ARM_OPERATION.accessPoliciesWrite)],
    refusedByLocks: 'change',
  }),
  'remove-role-assignment': toVault({
    title: "Remove the role assignments of the policy's identity",
    needs: removesGrants,
    refusedByLocks: 'deletion',
  }),
  'edit-role': toVault({
    title: "Take the rights out of the custom role of the policy's identity",
    needs: editsRoles,
    refusedByLocks: 'change',
  }),
  'deny-identity': toVault({
    title: "Deny the policy's identity the use of the key",
    needs: (rights) => (rights.rbac === false ? null : [atVault(rights, ARM_OPERATION.denyAssignmentWrite)]),
    refusedByLocks: 'change',
    note: 'Azure lets only some services make deny assignments, deployment stacks among them.',
  }),
  'switch-permission-model': toVault({
    title: "Switch the vault's permission model",
    // "Provide access to Key Vault with Azure RBAC": a role assignment under a condition is not enough.
    needs: (rights) => [
      atVault(rights, ARM_OPERATION.vaultWrite),
      { ...atVault(rights, ARM_OPERATION.roleAssignmentWrite), isUnrestricted: true },
    ],
    refusedByLocks: 'change',
  }),
  'delete-vault': toVault({
    title: 'Delete the key vault',
    needs: (rights) => [atVault(rights, ARM_OPERATION.vaultDelete)],
    refusedByLocks: 'deletion',
  }),
  'purge-vault': toVault({
    title: 'Purge the deleted key vault',
    needs: (rights) => [
      { plane: 'control', of: 'vault', anyOf: [ARM_OPERATION.vaultPurge], scope: vaultSubscription(rights) },
    ],
    refusedByLocks: null,
    note: 'Only a deleted vault can be purged. Nothing brings it back.',
  }),
  'delete-resource-group': toVault({
    title: 'Delete the resource group of the vault',
    // "Delete resource groups": only access to the group's own delete action is asked for.
    needs: (rights) => [
      {
        plane: 'control',
        of: 'vault',
        anyOf: [ARM_OPERATION.resourceGroupDelete],
        scope: vaultGroup(rights),
      },
    ],
    refusedByLocks: 'deletion',
  }),
  'move-vault': toVault({
    title: 'Move the vault to another resource group or subscription',
    needs: (rights) => [
      { plane: 'control', of: 'vault', anyOf: [ARM_OPERATION.resourcesMove], scope: vaultGroup(rights) },
    ],
    refusedByLocks: 'change',
    note: 'It also needs Microsoft.Resources/subscriptions/resourceGroups/write on the new group, which may be one of their own.',
  }),
  'delete-policy': {
    title: 'Delete the enterprise policy',
    needs: (rights) => [atPolicy(rights, ARM_OPERATION.policyDelete)],
    refusedByLocks: 'deletion',
  },
  'delete-policy-group': {
    title: 'Delete the resource group of the enterprise policy',
    needs: (rights) => [atPolicyGroup(rights, ARM_OPERATION.resourceGroupDelete)],
    refusedByLocks: 'deletion',
  },
  'move-policy': {
    title: 'Move the enterprise policy to another resource group or subscription',
    needs: (rights) => [atPolicyGroup(rights, ARM_OPERATION.resourcesMove)],
    refusedByLocks: 'change',
    note: 'Whether Azure moves an enterprise policy is not published. It would also need Microsoft.Resources/subscriptions/resourceGroups/write on the new group.',
  },
  'change-policy': {
    title: 'Point the enterprise policy to another key or version',
    needs: (rights) => [atPolicy(rights, ARM_OPERATION.policyWrite)],
    refusedByLocks: 'change',
  },
} as const satisfies Record<string, LockingOperation>;
export type LockingOperationId = keyof typeof LOCKING_OPERATIONS;

const OF_KEY: readonly LockingOperationId[] = ['update-key', 'add-key-version', 'change-policy'];

/** Which operations bring each trigger. A new trigger does not compile without its own. */
export const OPERATIONS_OF: Readonly<Record<TriggerId, readonly LockingOperationId[]>> = {
  'policy-deleted': ['delete-policy', 'delete-policy-group', 'move-policy'],
  'vault-deleted': ['delete-vault', 'purge-vault', 'delete-resource-group', 'move-vault'],
  'key-deleted': ['delete-key', 'purge-key', 'change-policy'],
  'permissions-revoked': [
    'remove-access-policy',
    'remove-role-assignment',
    'edit-role',
    'deny-identity',
    'switch-permission-model',
    'close-network',
    'change-policy',
  ],
  'key-disabled': OF_KEY,
  'key-version-disabled': OF_KEY,
  'public-access-disabled': ['close-network', 'join-perimeter'],
  'network-restricted': ['close-network', 'join-perimeter'],
  'key-expired': OF_KEY,
  'key-not-yet-active': OF_KEY,
  'key-unusable': OF_KEY,
  // The effect: every cause above shows in it.
  locked: [],
};

export function triggersOf(id: LockingOperationId): TriggerId[] {
  const all = Object.entries(OPERATIONS_OF) as [TriggerId, readonly LockingOperationId[]][];
  return all.flatMap(([trigger, operations]) => (operations.includes(id) ? [trigger] : []));
}
