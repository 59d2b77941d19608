// Flex Consumption refuses it, after everything else has been made.
using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param settings = {
  WEBSITE_TIME_ZONE: 'Europe/Berlin'
}
