// The subscription and the vault have system topics already; a second subscription is read by a management group's right.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param watchedSubscriptions = [
  '11111111-1111-4111-8111-111111111111'
  '33333333-3333-4333-8333-333333333331'
]
param readingRight = 'managementGroup'
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-Contoso'
    location: 'northeurope'
  }
]
param existingTopics = {
  '/subscriptions/11111111-1111-4111-8111-111111111111': '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-governance/providers/Microsoft.EventGrid/systemTopics/evgt-activity'
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-keys/providers/microsoft.keyvault/vaults/kv-contoso': '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.EventGrid/systemTopics/evgt-kv-contoso'
}
