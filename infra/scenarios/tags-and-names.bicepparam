// An organisation's own names, tags, region of emails, sizes and times; the rest as in the smallest deployment.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param resourceGroupName = 'contoso-lockwatch-prod'
param tags = {
  'cost-center': '4711'
  owner: 'power-platform@contoso.example'
}
param instanceMemoryMB = 512
param maximumInstances = 60
param alwaysReady = [
  {
    name: 'function:storageQueue'
    instanceCount: 1
  }
  {
    name: 'http'
    instanceCount: 1
  }
]
param settings = {
  LOCKWATCH_SWEEP_SECONDS: '60'
}
param emailBy = 'communicationServices'
param emailDomain = 'mail.contoso.example'
param emailFrom = 'lockwatch@mail.contoso.example'
param emailTo = [
  'power-admins@contoso.example'
  'oncall@contoso.example'
]
param emailDataLocation = 'Switzerland'
param alertEmails = [
  'oncall@contoso.example'
]
param alertSms = [
  {
    countryCode: '49'
    phoneNumber: '15100000000'
  }
]
param alertSilentMinutes = 30
param codeDeployed = true
param logRetentionDays = 365
param privateNetwork = true
param networkAddressPrefix = '10.20.30.0/25'
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'westeurope'
    auditLog: true
  }
]
