// The events of one source, from its topic to our queue: the topic (made, or reused), what its identity may do, and the
// event subscription.

targetScope = 'subscription'

@description('Id of the subscription or vault.')
param sourceId string
param topicType 'Microsoft.Resources.Subscriptions' | 'Microsoft.KeyVault.vaults'
param topicLocation string
@description('Id of the source\'s system topic where there is one already; null: it is made.')
param existingTopicId string?
param topicName string
param groupName string
param eventSubscriptionName string
param eventTypes string[]
param operations string[]
@description('Id of the app\'s resource group, where the storage account is.')
param appGroupId string
param storageName string
param queueName string
param deadLetterContainer string
param functionId string?
param workspaceId string
param tags object

var topicId = existingTopicId ?? '${subscription().id}/resourceGroups/${groupName}/providers/Microsoft.EventGrid/systemTopics/${topicName}'
var parts = split(topicId, '/')

module topic 'system-topic.bicep' = if (existingTopicId == null) {
  scope: resourceGroup(groupName)
  params: {
    name: topicName
    sourceId: sourceId
    topicType: topicType
    location: topicLocation
    tags: tags
  }
}

module reused 'system-topic-reused.bicep' = if (existingTopicId != null) {
  scope: resourceGroup(parts[4])
  params: {
    name: parts[8]
  }
}

module rights 'topic-rights.bicep' = {
  scope: resourceGroup(split(appGroupId, '/')[2], split(appGroupId, '/')[4])
  params: {
    principalId: existingTopicId == null ? topic!.outputs.principalId : reused!.outputs.principalId
    topicId: topicId
    storageName: storageName
    queueName: queueName
    deadLetterContainer: deadLetterContainer
    toQueue: functionId == null
  }
}

module events 'event-subscription.bicep' = {
  scope: resourceGroup(parts[4])
  params: {
    topicName: parts[8]
    name: eventSubscriptionName
    eventTypes: eventTypes
    operations: operations
    storageId: '${appGroupId}/providers/Microsoft.Storage/storageAccounts/${storageName}'
    queueName: queueName
    deadLetterContainer: deadLetterContainer
    functionId: functionId
    workspaceId: workspaceId
  }
  // Event Grid tries the identity's rights when the event subscription is made.
  dependsOn: [
    rights
    topic
  ]
}
