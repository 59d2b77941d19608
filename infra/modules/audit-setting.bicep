// Sends a watched vault's audit log to the event hub of its region ("Enable Key Vault logging").

param vaultName string
param name string
param ruleId string
param hubName string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource setting 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: name
  scope: vault
  properties: {
    eventHubAuthorizationRuleId: ruleId
    eventHubName: hubName
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}
