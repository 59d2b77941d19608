// The app would look for its queue on the internet, which storage refuses.
using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param privateNetwork = true
param privateDnsZones = [
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net'
]
