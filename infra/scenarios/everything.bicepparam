// Everything on that can be on together.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param tags = {
  'cost-center': 'power-platform'
}
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param deployerObjectId = 'aaaaaaaa-0000-4000-8000-000000000002'
param watchedSubscriptions = [
  '11111111-1111-4111-8111-111111111111'
  '33333333-3333-4333-8333-333333333331'
]
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'westeurope'
    auditLog: true
  }
  {
    id: '/subscriptions/33333333-3333-4333-8333-333333333331/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-fabrikam'
    location: 'westeurope'
    auditLog: true
  }
]
param noticeName = 'contoso-prod'
param emailBy = 'communicationServices'
param emailDomain = 'mail.contoso.example'
param emailFrom = 'lockwatch@mail.contoso.example'
param emailTo = [
  'power-admins@contoso.example'
]
param secretSettings = [
  'LOCKWATCH_WEBHOOK_URL'
  'LOCKWATCH_WEBHOOK_SECRET'
]
param settings = {
  LOCKWATCH_WEBHOOK_PRESET: 'pagerduty'
  LOCKWATCH_SWEEP_SECONDS: '20'
  LOCKWATCH_TIME_ZONE: 'Europe/Berlin'
}
param zoneRedundant = true
param alwaysReady = [
  {
    name: 'function:storageQueue'
    instanceCount: 2
  }
  {
    name: 'function:timer'
    instanceCount: 1
  }
  {
    name: 'http'
    instanceCount: 1
  }
]
param alertEmails = [
  'oncall@contoso.example'
]
param alertSms = [
  {
    countryCode: '49'
    phoneNumber: '15100000000'
  }
]
param alertVoice = [
  {
    countryCode: '49'
    phoneNumber: '15100000000'
  }
]
param deleteLock = true
param privateNetwork = true
param lockVaults = true
param lockPolicies = [
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-power/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-main'
]
param networkGuard = 'trustedServices'
