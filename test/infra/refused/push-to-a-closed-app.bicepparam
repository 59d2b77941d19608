using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param access = 'keys'
param delivery = 'push'
param appPublicAccess = 'Disabled'
