// The audit log of vaults in two regions: a namespace and a connection of the app for each.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'westeurope'
    auditLog: true
  }
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-fabrikam'
    location: 'North Europe'
    auditLog: true
  }
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso-hr'
    location: 'northeurope'
    auditLog: true
  }
]
