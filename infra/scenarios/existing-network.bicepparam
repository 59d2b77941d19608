// In a network of the organisation's own, with its central private DNS zones in another subscription.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param privateNetwork = true
param appSubnetId = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-lockwatch'
param endpointSubnetId = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-endpoints'
param privateDnsZones = [
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net'
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.queue.core.windows.net'
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.table.core.windows.net'
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net'
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.servicebus.windows.net'
  '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.azurewebsites.net'
]
param appPublicAccess = 'Disabled'
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'westeurope'
    auditLog: true
  }
]
