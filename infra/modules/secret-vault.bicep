// A small vault for the channels' secrets. Never one that is watched: what locks the environments would take the
// alarm's own secrets with it.

import { builtInRoles } from '../roles.bicep'

param name string
param location string
param tags object
param principalId string
@description('Object id of the person who deploys: may set the secrets. Empty: nobody is granted that.')
param deployerObjectId string
param isPrivate bool
@description('Values of the secrets that this deployment writes; one that is empty is left as it is.')
@secure()
param teamsWebhookUrl string
@secure()
param smtpUrl string
@description('Names under which the two are kept.')
param secretNames { teams: string, smtp: string }

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      // A deployment writes secrets through Resource Manager, which is on the list ("Key Vault network security").
      bypass: 'AzureServices'
    }
  }
}

resource teamsSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(teamsWebhookUrl)) {
  parent: vault
  name: secretNames.teams
  properties: {
    value: teamsWebhookUrl
    contentType: 'Teams Workflows webhook'
  }
}

resource smtpSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(smtpUrl)) {
  parent: vault
  name: secretNames.smtp
  properties: {
    value: smtpUrl
    contentType: 'Mail relay'
  }
}

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, builtInRoles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.keyVaultSecretsUser
    )
  }
}

resource maySet 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerObjectId)) {
  name: guid(vault.id, deployerObjectId, builtInRoles.keyVaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: deployerObjectId
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.keyVaultSecretsOfficer
    )
  }
}
