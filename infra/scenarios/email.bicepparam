// Email by Communication Services from a domain of Azure's, beside Teams; on Node 22.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param emailBy = 'communicationServices'
param emailTo = [
  'power-admins@example.com'
  'oncall@example.com'
]
param nodeVersion = '22'
