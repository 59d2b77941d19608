// The source's events: a subscription's or a vault's system topic. Azure allows one for each source, so one that is
// there already is handed in and used as it is ("System topics in Azure Event Grid", section Lifecycle).

param name string
param sourceId string
param topicType 'Microsoft.Resources.Subscriptions' | 'Microsoft.KeyVault.vaults'
@description('global for a subscription; a vault\'s own region for a vault.')
param location string
param tags object

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  // Storage behind a firewall takes events from a system-assigned identity only ("Storage queue as an event handler").
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: sourceId
    topicType: topicType
  }
}

output principalId string = topic.identity.principalId
