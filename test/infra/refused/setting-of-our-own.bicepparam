// Written over, the app would listen to another queue than Event Grid fills.
using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param settings = {
  lockwatch_queue: 'another'
}
