// Azure Government: other endpoints; function keys instead of sign-in, email by a relay.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'usgovvirginia'
param cloud = 'gcchigh'
param access = 'keys'
param teams = false
param emailBy = 'smtp'
param emailFrom = 'lockwatch@example.us'
param emailTo = [
  'power-admins@example.us'
]
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'usgovvirginia'
    auditLog: true
  }
]
