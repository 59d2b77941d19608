using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
