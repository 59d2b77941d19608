/**
 * Every operation and event that means something here, as Azure spells it: "Azure resource provider
 * operations", "Azure subscription as an Event Grid source", "Azure Key Vault as Event Grid source". The
 * triggers, the watch list and the event filter (`infra/events.bicep`) take their names from here. The audit
 * log's names are in `audit-operations.ts`.
 */

/** Resource Manager. A name that ends in `/` stands for every operation below it. */
const FAMILIES = {
  privateEndpointConnections: 'Microsoft.KeyVault/vaults/privateEndpointConnections/',
  roleAssignments: 'Microsoft.Authorization/roleAssignments/',
  roleDefinitions: 'Microsoft.Authorization/roleDefinitions/',
  denyAssignments: 'Microsoft.Authorization/denyAssignments/',
  enterprisePolicies: 'Microsoft.PowerPlatform/enterprisePolicies/',
  networkSecurityPerimeters: 'Microsoft.Network/networkSecurityPerimeters/',
  diagnosticSettings: 'Microsoft.Insights/diagnosticSettings/',
  /** The same, as the list of provider operations names it for a vault. */
  vaultDiagnosticSettings: 'Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings/',
  eventGrid: 'Microsoft.EventGrid/',
  eventHubNamespaces: 'Microsoft.EventHub/namespaces/',
} as const;

export const ARM_OPERATION = {
  ...FAMILIES,
  vaultWrite: 'Microsoft.KeyVault/vaults/write',
  vaultDelete: 'Microsoft.KeyVault/vaults/delete',
  accessPoliciesWrite: 'Microsoft.KeyVault/vaults/accessPolicies/write',
  keyWrite: 'Microsoft.KeyVault/vaults/keys/write',
  privateEndpointApproval: 'Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action',
  vaultPurge: 'Microsoft.KeyVault/locations/deletedVaults/purge/action',
  roleAssignmentWrite: `${FAMILIES.roleAssignments}write`,
  roleAssignmentDelete: `${FAMILIES.roleAssignments}delete`,
  roleDefinitionWrite: `${FAMILIES.roleDefinitions}write`,
  roleDefinitionDelete: `${FAMILIES.roleDefinitions}delete`,
  denyAssignmentWrite: `${FAMILIES.denyAssignments}write`,
  denyAssignmentDelete: `${FAMILIES.denyAssignments}delete`,
  lockDelete: 'Microsoft.Authorization/locks/delete',
  policyWrite: `${FAMILIES.enterprisePolicies}write`,
  policyDelete: `${FAMILIES.enterprisePolicies}delete`,
  resourceGroupDelete: 'Microsoft.Resources/subscriptions/resourceGroups/delete',
  resourcesMove: 'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action',
  perimeterAssociationWrite: `${FAMILIES.networkSecurityPerimeters}resourceAssociations/write`,
} as const;
export type ArmOperation = (typeof ARM_OPERATION)[keyof typeof ARM_OPERATION];

/**
 * What the event subscriptions let through: operations that can take an environment down, or end visibility.
 * `infra/events.bicep` holds the same list in the same order (`test/infra/events.test.ts`).
 */
export const WATCHED_OPERATIONS: readonly ArmOperation[] = [
  ARM_OPERATION.vaultWrite,
  ARM_OPERATION.vaultDelete,
  ARM_OPERATION.accessPoliciesWrite,
  ARM_OPERATION.keyWrite,
  ARM_OPERATION.privateEndpointConnections,
  ARM_OPERATION.vaultPurge,
  ARM_OPERATION.roleAssignments,
  ARM_OPERATION.roleDefinitions,
  ARM_OPERATION.denyAssignments,
  ARM_OPERATION.lockDelete,
  ARM_OPERATION.enterprisePolicies,
  ARM_OPERATION.resourceGroupDelete,
  ARM_OPERATION.resourcesMove,
  ARM_OPERATION.networkSecurityPerimeters,
  ARM_OPERATION.diagnosticSettings,
  ARM_OPERATION.vaultDiagnosticSettings,
  ARM_OPERATION.eventGrid,
  ARM_OPERATION.eventHubNamespaces,
];

/** A subscription's events of what was done; what failed or was cancelled changed nothing. */
export const SUBSCRIPTION_EVENT = {
  write: 'Microsoft.Resources.ResourceWriteSuccess',
  delete: 'Microsoft.Resources.ResourceDeleteSuccess',
  action: 'Microsoft.Resources.ResourceActionSuccess',
} as const;

/** A vault's events that concern a customer-managed key. */
export const VAULT_EVENT = {
  keyNewVersionCreated: 'Microsoft.KeyVault.KeyNewVersionCreated',
  keyNearExpiry: 'Microsoft.KeyVault.KeyNearExpiry',
  keyExpired: 'Microsoft.KeyVault.KeyExpired',
  accessPolicyChanged: 'Microsoft.KeyVault.VaultAccessPolicyChanged',
} as const;
export type VaultEvent = (typeof VAULT_EVENT)[keyof typeof VAULT_EVENT];

/** Compares case-insensitively, as Azure does. */
export function isNamedAs(text: string | undefined, name: string): boolean {
  return text?.length === name.length && text.toLowerCase() === name.toLowerCase();
}
