// What the app may read of a watched subscription: a role with exactly the operations it uses, or the built-in Reader.

targetScope = 'subscription'

import { builtInRoles, readingActions } from '../roles.bicep'

param principalId string
@description('custom: exactly the operations used. Reader: no custom role is made, at the price of reading every resource.')
param readingRole 'custom' | 'Reader'
param environmentName string

var customRoleId = guid(subscription().id, environmentName, 'lockwatch-reading')

// A role of each subscription's own: whoever deploys needs rights there and nowhere else. Names are unique in a tenant
// ("Azure custom roles", section Custom role properties), so the name carries the subscription.
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (readingRole == 'custom') {
  name: customRoleId
  properties: {
    roleName: 'Lockwatch reading (${environmentName}, ${subscription().subscriptionId})'
    description: 'Reads the chain from enterprise policy to key: no content, no secret, no change.'
    type: 'CustomRole'
    assignableScopes: [
      subscription().id
    ]
    permissions: [
      {
        actions: readingActions
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

var roleName = readingRole == 'custom' ? customRoleId : builtInRoles.reader

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, roleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleName)
    description: 'Lockwatch reads policies, vaults, keys and who may use them.'
  }
  dependsOn: [
    role
  ]
}
