// What a topic's identity may do: put a message into the signals' queue, and a blob into the dead-letter container
// ("Event delivery with a managed identity", section Destinations and Azure roles). Both at the smallest scope there is.

import { builtInRoles } from '../roles.bicep'

param principalId string
param storageName string
param queueName string
param deadLetterContainer string
@description('Only for delivery to the queue; undeliverable events are always kept.')
param toQueue bool

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName

  resource queues 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: queueName
    }
  }

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource container 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (toQueue) {
  name: guid(account::queues::queue.id, principalId, builtInRoles.storageQueueDataMessageSender)
  scope: account::queues::queue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.storageQueueDataMessageSender
    )
  }
}

resource mayKeep 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::container.id, principalId, builtInRoles.storageBlobDataContributor)
  scope: account::blobs::container
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.storageBlobDataContributor
    )
  }
}
