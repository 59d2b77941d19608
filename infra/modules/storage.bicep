// The app's storage: what Lockwatch remembers (tables), events that come in (queues), undeliverable events and the
// app's package (containers), and the Functions host's own storage.

import { builtInRoles } from '../roles.bicep'

param name string
param location string
param tags object
param principalId string
param queueName string
param packageContainer string
param deadLetterContainer string
param inventoryContainer string
@description('Closed to the internet; private endpoints and trusted Azure services still reach it.')
param isPrivate bool
@description('Copies in three zones of the region. A later deployment can not change it ("Change how a storage account is replicated").')
param zoneRedundant bool

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    // Only identities get in ("Prevent Shared Key authorization for an Azure Storage account").
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Event Grid delivers from outside any virtual network. Through a closed firewall it comes as a trusted service,
    // with the topic's system-assigned identity ("Storage queue as an event handler", first note). The same documents
    // do not promise this where public access is Disabled, so the firewall closes it instead.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
      ipRules: []
      virtualNetworkRules: []
    }
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'
}

// Signals and rechecks; what failed ten times (the Functions host's name for it: "Azure Queue storage trigger",
// section Poison messages); what nobody could read.
resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = [
  for queue in [queueName, '${queueName}-poison', 'lockwatch-unreadable']: {
    parent: queues
    name: queue
  }
]

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = [
  for table in ['policies', 'history', 'readmodel']: {
    parent: tables
    name: table
  }
]

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [
  for container in [packageContainer, deadLetterContainer, inventoryContainer]: {
    parent: blobs
    name: container
    properties: {
      publicAccess: 'None'
    }
  }
]

// "Azure Functions: connecting to host storage with an identity" asks for these three at the account: the host makes
// its own containers, queues and tables. The account holds nothing that is not Lockwatch's.
resource hostRight 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    builtInRoles.storageBlobDataOwner
    builtInRoles.storageQueueDataContributor
    builtInRoles.storageTableDataContributor
  ]: {
    name: guid(account.id, principalId, role)
    scope: account
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]
