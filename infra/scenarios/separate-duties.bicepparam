// The deployment of local-stack by people without rights in the watched subscriptions: their owners make the rest by the
// commands of `npm run doctor -- --grants` (test/tools/doctor/owner-tasks.test.ts: both together are the same).
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param separateDuties = true
param watchedSubscriptions = [
  '11111111-1111-4111-8111-111111111111'
  '9b4bea87-e673-7cea-c832-f1d1848f1a8b'
]
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys-eu/providers/Microsoft.KeyVault/vaults/kv-contoso-eu'
    location: 'westeurope'
    auditLog: true
  }
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys-apps/providers/Microsoft.KeyVault/vaults/kv-contoso-apps'
    location: 'northeurope'
  }
  {
    id: '/subscriptions/9b4bea87-e673-7cea-c832-f1d1848f1a8b/resourceGroups/rg-keys-us/providers/Microsoft.KeyVault/vaults/kv-contoso-us'
    location: 'eastus'
  }
]
param emailBy = 'smtp'
param emailFrom = 'lockwatch@example.com'
param emailTo = [
  'power-admins@example.com'
]
param secretSettings = [
  'LOCKWATCH_WEBHOOK_URL'
  'LOCKWATCH_WEBHOOK_SECRET'
]
