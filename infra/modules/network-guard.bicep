// Prevention: Azure Policy refuses to close a watched vault's network to Power Platform, unless an exemption allows it
// ("Azure Policy definition structure", "Azure Policy exemption structure"). It sees writes of the vault; that a network
// security perimeter takes the vault in is a write of another resource, which it does not see.

targetScope = 'subscription'

param environmentName string
@description('Ids of the watched vaults in this subscription.')
@minLength(1)
param vaultIds string[]
@description('trustedServices: a firewall may be closed as long as trusted Microsoft services pass. open: it may not be closed at all.')
param firewall 'trustedServices' | 'open'

resource definition 'Microsoft.Authorization/policyDefinitions@2025-03-01' = {
  name: 'lockwatch-vault-network-${environmentName}'
  properties: {
    displayName: 'Lockwatch: keep the network of vaults with customer-managed keys open to Power Platform'
    description: 'Closing it takes every Power Platform environment offline that is encrypted with a key in the vault.'
    policyType: 'Custom'
    mode: 'All'
    metadata: {
      category: 'Key Vault'
    }
    parameters: {
      vaultIds: {
        type: 'Array'
        metadata: {
          displayName: 'Watched vaults'
        }
      }
      firewall: {
        type: 'String'
        allowedValues: [
          'trustedServices'
          'open'
        ]
        metadata: {
          displayName: 'trustedServices: may be closed as long as trusted services pass. open: may not be closed.'
        }
      }
    }
    policyRule: {
      if: {
        allOf: [
          {
            field: 'type'
            equals: 'Microsoft.KeyVault/vaults'
          }
          {
            field: 'id'
            in: '[parameters(\'vaultIds\')]'
          }
          {
            anyOf: [
              {
                field: 'Microsoft.KeyVault/vaults/publicNetworkAccess'
                in: [
                  'Disabled'
                  'SecuredByPerimeter'
                ]
              }
              {
                allOf: [
                  {
                    field: 'Microsoft.KeyVault/vaults/networkAcls.defaultAction'
                    equals: 'Deny'
                  }
                  {
                    anyOf: [
                      {
                        field: 'Microsoft.KeyVault/vaults/networkAcls.bypass'
                        equals: 'None'
                      }
                      {
                        value: '[parameters(\'firewall\')]'
                        equals: 'open'
                      }
                    ]
                  }
                ]
              }
            ]
          }
        ]
      }
      then: {
        effect: 'deny'
      }
    }
  }
}

resource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: take('lockwatch-${uniqueString(subscription().id, environmentName)}', 24)
  properties: {
    displayName: 'Lockwatch: vault networks stay open to Power Platform'
    policyDefinitionId: definition.id
    enforcementMode: 'Default'
    parameters: {
      vaultIds: {
        value: vaultIds
      }
      firewall: {
        value: firewall
      }
    }
    nonComplianceMessages: [
      {
        message: 'Power Platform environments are encrypted with a key in this vault, and would go offline. If it is meant, make an exemption first.'
      }
    ]
  }
}
