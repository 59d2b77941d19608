// Email through Microsoft Graph, as a mailbox of the organisation's own, by the app's identity: no relay, no password.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param emailBy = 'graph'
param emailFrom = 'lockwatch@contoso.example'
param emailTo = [
  'power-admins@contoso.example'
]
