// A virtual network of the app's own: one subnet that the app speaks from, one with the private endpoints.

param name string
param location string
param tags object
param addressPrefix string
@description('Name of the NAT gateway that the app reaches the internet by; null: outbound access is left to Azure, or to somebody else.')
param natGatewayName string?

// Explicit, since Azure gives a new subnet no way out by itself any more: without one the app reaches neither Resource
// Manager nor a channel ("Default outbound access in Azure", note on private subnets after March 31, 2026).
resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = if (natGatewayName != null) {
  name: '${natGatewayName}-ip'
  location: location
  tags: tags
  // A NAT gateway takes no other ("Azure NAT Gateway resource").
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource gateway 'Microsoft.Network/natGateways@2024-05-01' = if (natGatewayName != null) {
  name: natGatewayName ?? 'none'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIpAddresses: [
      {
        id: address.id
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        // "Flex Consumption plan", section Virtual network integration: this delegation, and no underscore in the name.
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          ...(natGatewayName == null
            ? {}
            : {
                natGateway: {
                  id: gateway.id
                }
                defaultOutboundAccess: false
              })
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          // Private endpoints are only reached.
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}
