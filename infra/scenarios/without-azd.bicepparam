// The template of the portal's button and of `az deployment sub create`: the same as the scenario function-keys, and the code.
using '../azuredeploy.bicep'

param packageUri = 'https://example.invalid/lockwatch/released-package.zip'
param environmentName = 'lockwatch'
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
