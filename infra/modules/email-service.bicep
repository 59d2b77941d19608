// Email by Azure Communication Services, sent by the app's identity.

import { builtInRoles } from '../roles.bicep'

param communicationName string
param emailName string
@description('managed: a domain that Azure makes, at once there but limited to 5 emails a minute and 10 an hour ("Service limits for Azure Communication Services"): enough for a test, too little for a storm. Otherwise a domain of one\'s own, which its owner verifies by DNS records.')
param domainName string
@description('Where the content of emails rests.')
param dataLocation string
param tags object
param principalId string

var isManaged = domainName == 'managed'

resource email 'Microsoft.Communication/emailServices@2023-04-01' = {
  name: emailName
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
  }
}

resource domain 'Microsoft.Communication/emailServices/domains@2023-04-01' = {
  parent: email
  name: isManaged ? 'AzureManagedDomain' : domainName
  location: 'global'
  tags: tags
  properties: {
    domainManagement: isManaged ? 'AzureManaged' : 'CustomerManaged'
    userEngagementTracking: 'Disabled'
  }
}

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' = {
  name: communicationName
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    // Its access keys and connection string open nothing: the app sends by its identity.
    disableLocalAuth: true
    linkedDomains: [
      domain.id
    ]
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(communication.id, principalId, builtInRoles.communicationAndEmailServiceOwner)
  scope: communication
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.communicationAndEmailServiceOwner
    )
  }
}

@description('The domain that emails come from.')
output senderDomain string = domain.properties.mailFromSenderDomain

@description('Where the app sends its emails to.')
output endpoint string = 'https://${communication.properties.hostName}'
