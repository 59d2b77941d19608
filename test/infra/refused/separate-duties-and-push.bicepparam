// The commands for the owners deliver to the queue.
using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param separateDuties = true
param delivery = 'push'
