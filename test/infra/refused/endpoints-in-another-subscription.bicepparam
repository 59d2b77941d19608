// Azure makes a private endpoint only where its network is.
using '../../../infra/main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param entraClientId = 'aaaaaaaa-0000-4000-8000-000000000001'
param privateNetwork = true
param appSubnetId = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets/snet-lockwatch'
param endpointSubnetId = '/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/snet-endpoints'
