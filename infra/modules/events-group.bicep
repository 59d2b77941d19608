// The resource group that a system topic needs, in the source's own subscription ("System topics in Azure Event Grid").

targetScope = 'subscription'

param name string
param location string
param tags object

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: name
  location: location
  tags: tags
}
