// Locks are made in the watched subscriptions, where whoever deploys has no rights.
using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param separateDuties = true
param lockVaults = true
