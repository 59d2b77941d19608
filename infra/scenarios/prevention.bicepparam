// Opt-in prevention: delete locks, and Azure Policy that keeps vault networks open to Power Platform.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param watchedSubscriptions = [
  '11111111-1111-4111-8111-111111111111'
  '33333333-3333-4333-8333-333333333331'
]
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'westeurope'
  }
  {
    id: '/subscriptions/33333333-3333-4333-8333-333333333331/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-fabrikam'
    location: 'westeurope'
  }
]
param lockVaults = true
param lockPolicies = [
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-power/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-main'
]
param networkGuard = 'open'
