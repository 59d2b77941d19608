// Function keys instead of sign-in, in the public cloud. The scenario without-azd must make the same.
using '../main.bicep'

param environmentName = 'lockwatch'
param location = 'westeurope'
param access = 'keys'
param codeDeployed = true
param tags = {
  'cost-center': '42'
}
param watchedVaults = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso'
    location: 'northeurope'
  }
]
param teamsWebhookUrl = 'https://example.invalid/workflows'
param alertEmails = [
  'oncall@example.com'
]
