// The right to read every subscription of a management group at once, with one role and one assignment: a deployment of
// its own, since one at a subscription can't reach upwards ("Bicep management group deployments", Deployment scopes).
//   az deployment mg create --management-group-id <name> --location <region> --template-file infra/management-group.bicep
//     --parameters environmentName=<azd environment> principalId=<LOCKWATCH_IDENTITY_PRINCIPAL_ID>
// and readingRight=managementGroup for main.bicep, so that nothing is granted twice.

targetScope = 'managementGroup'

import { builtInRoles, readingActions } from 'roles.bicep'

@description('Object id of the app\'s identity: an output of main.bicep.')
param principalId string
param environmentName string
param readingRole 'custom' | 'Reader' = 'custom'

var customRoleId = guid(managementGroup().id, environmentName, 'lockwatch-reading')

// A custom role may name one management group as assignable scope ("Azure custom roles", section Custom role limits).
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (readingRole == 'custom') {
  name: customRoleId
  properties: {
    roleName: 'Lockwatch reading (${environmentName}, ${managementGroup().name})'
    description: 'Reads the chain from enterprise policy to key: no content, no secret, no change.'
    type: 'CustomRole'
    assignableScopes: [
      managementGroup().id
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
  name: guid(managementGroup().id, principalId, roleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: readingRole == 'custom'
      ? managementGroupResourceId('Microsoft.Authorization/roleDefinitions', roleName)
      : tenantResourceId('Microsoft.Authorization/roleDefinitions', roleName)
    description: 'Lockwatch reads policies, vaults, keys and who may use them.'
  }
  dependsOn: [
    role
  ]
}
