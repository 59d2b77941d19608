using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param access = 'keys'
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'westeurope'
    auditLog: true
  }
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-fabrikam'
    location: 'northeurope'
    auditLog: true
  }
]
