// What Event Grid passes on to us. The Azure simulator has a scenario for each value (test/dev/azure-simulator/deployed.test.ts).

@export()
@description('Operations that can take an environment down, or remove an event source of Lockwatch: the values of one StringBeginsWith on data.operationName. At most 25 values in all filters of an event subscription together, compared without case ("Understand event filtering for Event Grid subscriptions", section Limitations).')
@maxLength(25)
type operationNames = string[]

@export()
var watchedOperations = [
  'Microsoft.KeyVault/vaults/write'
  'Microsoft.KeyVault/vaults/delete'
  'Microsoft.KeyVault/vaults/accessPolicies/write'
  'Microsoft.KeyVault/vaults/keys/write'
  'Microsoft.KeyVault/vaults/privateEndpointConnections/'
  'Microsoft.KeyVault/locations/deletedVaults/purge/action'
  'Microsoft.Authorization/roleAssignments/'
  'Microsoft.Authorization/roleDefinitions/'
  'Microsoft.Authorization/denyAssignments/'
  'Microsoft.Authorization/locks/delete'
  'Microsoft.PowerPlatform/enterprisePolicies/'
  'Microsoft.Resources/subscriptions/resourceGroups/delete'
  'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action'
  'Microsoft.Network/networkSecurityPerimeters/'
  'Microsoft.Insights/diagnosticSettings/'
  'Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings/'
  'Microsoft.EventGrid/'
  'Microsoft.EventHub/namespaces/'
]

@export()
@description('Event types of a subscription: what was done. What failed or was cancelled changed nothing ("Azure subscription as an Event Grid source", Available event types).')
var subscriptionEventTypes = [
  'Microsoft.Resources.ResourceWriteSuccess'
  'Microsoft.Resources.ResourceDeleteSuccess'
  'Microsoft.Resources.ResourceActionSuccess'
]

@export()
@description('Event types of a key vault that concern a customer-managed key ("Azure Key Vault as Event Grid source", Available event types).')
var vaultEventTypes = [
  'Microsoft.KeyVault.KeyNewVersionCreated'
  'Microsoft.KeyVault.KeyNearExpiry'
  'Microsoft.KeyVault.KeyExpired'
  'Microsoft.KeyVault.VaultAccessPolicyChanged'
]
