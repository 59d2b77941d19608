// The event hub that the audit logs of one region's vaults go to. A diagnostic setting reaches only a namespace of the
// resource's own region ("Diagnostic settings in Azure Monitor", section Destination limitations).

import { builtInRoles } from '../roles.bicep'

param namespaceName string
param hubName string
param location string
param tags object
param principalId string
param isPrivate bool

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: namespaceName
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
    capacity: 1
  }
  properties: {
    minimumTlsVersion: '1.2'
    // The one exception to "no keys": Azure Monitor writes with the rule below and knows no other way ("Stream Azure
    // monitoring data to an event hub", section Permissions). Lockwatch reads by identity and never sees the key.
    disableLocalAuth: false
    publicNetworkAccess: 'Enabled'
  }
}

// Azure Monitor is a trusted service ("Allow access to Azure Event Hubs namespaces via private endpoints").
resource firewall 'Microsoft.EventHub/namespaces/networkRuleSets@2024-01-01' = {
  parent: namespace
  name: 'default'
  properties: {
    publicNetworkAccess: 'Enabled'
    defaultAction: isPrivate ? 'Deny' : 'Allow'
    trustedServiceAccessEnabled: true
  }
}

resource monitorRule 'Microsoft.EventHub/namespaces/authorizationRules@2024-01-01' = {
  parent: namespace
  name: 'azure-monitor'
  properties: {
    // All three are demanded of the rule that a diagnostic setting names.
    rights: [
      'Manage'
      'Send'
      'Listen'
    ]
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: hubName
  properties: {
    partitionCount: 1
    retentionDescription: {
      cleanupPolicy: 'Delete'
      retentionTimeInHours: 24
    }
  }
}

resource mayReceive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, principalId, builtInRoles.eventHubsDataReceiver)
  scope: hub
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.eventHubsDataReceiver
    )
  }
}
