import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import type { OperationName } from '../signals/is-operation.ts';
import { ARM_OPERATION, VAULT_EVENT } from '../signals/operation-names.ts';
import type { CausingOperations } from './finding.ts';
import { NETWORK_PROPAGATION_MS, PERMISSION_PROPAGATION_MS } from './propagation.ts';

/** A resource is gone with its group, and where it is moved to another. */
export const GROUP_GONE: readonly OperationName[] = [
  ARM_OPERATION.resourceGroupDelete,
  ARM_OPERATION.resourcesMove,
];

/** A key and its versions, or the policy's choice of them. */
export const KEY_CHANGES: readonly OperationName[] = [
  ARM_OPERATION.keyWrite,
  ARM_OPERATION.policyWrite,
  VAULT_EVENT.keyNewVersionCreated,
  AUDIT_OPERATION.KeyUpdate,
  AUDIT_OPERATION.KeyCreate,
  AUDIT_OPERATION.KeyImport,
  AUDIT_OPERATION.KeyRotate,
  AUDIT_OPERATION.KeyRestore,
];

/** Most updates of a key don't disable it; the record's assertion says so ("Azure Key Vault logging"). */
export const KEY_DISABLING: CausingOperations = {
  change: KEY_CHANGES,
  onlyAsserted: [AUDIT_OPERATION.KeyUpdate],
  propagationMs: 0,
};

export const NETWORK_CHANGES: CausingOperations = {
  change: [
    ARM_OPERATION.vaultWrite,
    ARM_OPERATION.privateEndpointConnections,
    ARM_OPERATION.privateEndpointApproval,
    ARM_OPERATION.networkSecurityPerimeters,
    AUDIT_OPERATION.VaultPut,
    AUDIT_OPERATION.VaultPatch,
  ],
  propagationMs: NETWORK_PROPAGATION_MS,
};

export const PERMISSION_CHANGES: CausingOperations = {
  change: [
    ARM_OPERATION.roleAssignments,
    ARM_OPERATION.roleDefinitions,
    ARM_OPERATION.denyAssignments,
    ARM_OPERATION.accessPoliciesWrite,
    ARM_OPERATION.vaultWrite,
    ARM_OPERATION.policyWrite,
    VAULT_EVENT.accessPolicyChanged,
    AUDIT_OPERATION.VaultAccessPolicyChangedEventGridNotification,
    AUDIT_OPERATION.VaultPut,
    AUDIT_OPERATION.VaultPatch,
    AUDIT_OPERATION.VaultRecover,
  ],
  onlyEnd: [ARM_OPERATION.roleAssignmentWrite, ARM_OPERATION.denyAssignmentDelete],
  propagationMs: PERMISSION_PROPAGATION_MS,
};
