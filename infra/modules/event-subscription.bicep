// One event subscription of a topic: what is passed on, where to, and what becomes of what can't be delivered.

param topicName string
param name string
param eventTypes string[]
@description('Values of one StringBeginsWith on data.operationName; none where the event types alone decide.')
@maxLength(25)
param operations string[]
param storageId string
param queueName string
param deadLetterContainer string
@description('The function that events are pushed to; null: they are put into the queue.')
param functionId string?
param workspaceId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: eventTypes
      advancedFilters: empty(operations)
        ? []
        : [
            {
              operatorType: 'StringBeginsWith'
              key: 'data.operationName'
              values: operations
            }
          ]
    }
    // Event Grid's longest: 24 hours, 30 tries ("Event Grid message delivery and retry").
    retryPolicy: {
      eventTimeToLiveInMinutes: 1440
      maxDeliveryAttempts: 30
    }
    ...(functionId == null
      ? {
          deliveryWithResourceIdentity: {
            identity: {
              type: 'SystemAssigned'
            }
            destination: {
              endpointType: 'StorageQueue'
              properties: {
                resourceId: storageId
                queueName: queueName
                // -1: a message waits for as long as the app is away.
                queueMessageTimeToLiveInSeconds: -1
              }
            }
          }
        }
      : {
          destination: {
            endpointType: 'AzureFunction'
            properties: {
              resourceId: functionId
              maxEventsPerBatch: 1
              preferredBatchSizeInKilobytes: 64
            }
          }
        })
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storageId
          blobContainerName: deadLetterContainer
        }
      }
    }
  }
}

// For the alerts on delivery ("Enable diagnostic logs for Event Grid resources"; "Metrics supported by Event Grid").
resource delivery 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: name
  scope: topic
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'DeliveryFailures'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}
