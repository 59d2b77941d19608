// The topic of one source (made, or reused) and the rights of its identity. The event subscription follows as the last
// thing of all (main.bicep): Event Grid refuses it until these rights are effective, which takes minutes.

targetScope = 'subscription'

@description('Id of the subscription or vault.')
param sourceId string
param topicType 'Microsoft.Resources.Subscriptions' | 'Microsoft.KeyVault.vaults'
param topicLocation string
@description('Id of the source\'s system topic.')
param topicId string
@description('The topic is there already, and belongs to somebody else: it is used as it is.')
param isReused bool
@description('Id of the app\'s resource group, where the storage account is.')
param appGroupId string
param storageName string
param queueName string
param deadLetterContainer string
@description('Whether events go to the queue; otherwise they are pushed.')
param toQueue bool
param tags object

var parts = split(topicId, '/')

module topic 'system-topic.bicep' = if (!isReused) {
  scope: resourceGroup(parts[4])
  params: {
    name: parts[8]
    sourceId: sourceId
    topicType: topicType
    location: topicLocation
    tags: tags
  }
}

module reused 'system-topic-reused.bicep' = if (isReused) {
  scope: resourceGroup(parts[4])
  params: {
    name: parts[8]
  }
}

module rights 'topic-rights.bicep' = {
  scope: resourceGroup(split(appGroupId, '/')[2], split(appGroupId, '/')[4])
  params: {
    principalId: isReused ? reused!.outputs.principalId : topic!.outputs.principalId
    storageName: storageName
    queueName: queueName
    deadLetterContainer: deadLetterContainer
    toQueue: toQueue
  }
}
