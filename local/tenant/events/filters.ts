/**
 * The operations that the event subscription passes: one StringBeginsWith on data.operationName, compared without
 * case, of at most 25 values (Event Grid: "Event filtering", limits). These are the operations that can take an
 * environment down, or blind the watcher.
 */
export const DEFAULT_OPERATION_FILTERS: readonly string[] = [
  'Microsoft.KeyVault/vaults/write',
  'Microsoft.KeyVault/vaults/delete',
  'Microsoft.KeyVault/vaults/accessPolicies/write',
  'Microsoft.KeyVault/vaults/keys/write',
  'Microsoft.KeyVault/vaults/privateEndpointConnections/',
  'Microsoft.KeyVault/locations/deletedVaults/purge/action',
  'Microsoft.Authorization/roleAssignments/',
  'Microsoft.Authorization/roleDefinitions/',
  'Microsoft.Authorization/denyAssignments/',
  'Microsoft.Authorization/locks/delete',
  'Microsoft.PowerPlatform/enterprisePolicies/',
  'Microsoft.Resources/subscriptions/resourceGroups/delete',
  'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action',
  'Microsoft.Network/networkSecurityPerimeters/',
  'Microsoft.Insights/diagnosticSettings/',
  'Microsoft.EventGrid/',
  'Microsoft.EventHub/namespaces/',
];

export function passes(filters: readonly string[], operation: string): boolean {
  return filters.some((filter) => operation.toLowerCase().startsWith(filter.toLowerCase()));
}
