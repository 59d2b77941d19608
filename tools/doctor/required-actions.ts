/**
 * Every operation of Resource Manager that the app needs, and its purpose. The deployment grants exactly
 * these (infra/roles.bicep); docs/deploy.md explains them one by one. test/tools/doctor/doctor-docs.test.ts
 * keeps the three equal.
 */
export const REQUIRED_ACTIONS: Readonly<Record<string, string>> = {
  'Microsoft.Resources/subscriptions/read': 'whether a subscription is there and enabled',
  'Microsoft.PowerPlatform/enterprisePolicies/read': 'which policies there are, and which key each names',
  'Microsoft.KeyVault/vaults/read': 'the vault, its network and its permission model',
  'Microsoft.KeyVault/locations/deletedVaults/read': 'until when a deleted vault can be recovered',
  'Microsoft.KeyVault/deletedVaults/read': 'the same, where the region of the vault was never seen',
  'Microsoft.KeyVault/vaults/keys/read':
    'the key in use: enabled, dates, allowed operations (no key material)',
  'Microsoft.KeyVault/vaults/keys/versions/read': 'whether each version is enabled',
  'Microsoft.Authorization/roleAssignments/read': 'whether the policy’s identity may use the key',
  'Microsoft.Authorization/roleDefinitions/read': 'what a custom role allows',
  'Microsoft.Authorization/denyAssignments/read': 'what is denied all the same',
  'Microsoft.Authorization/locks/read': 'whether a lock guards policy and vault',
  'Microsoft.Authorization/roleAssignmentScheduleInstances/read': 'whether a grant ends by itself',
  'Microsoft.Authorization/roleEligibilityScheduleInstances/read':
    'who could act after activating an eligible role',
  'Microsoft.EventGrid/systemTopics/read':
    'whether what events come by is still there, after somebody touched it',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/read': 'the same, of its event subscription',
  'Microsoft.EventGrid/eventSubscriptions/read':
    'the same, of an event subscription without a topic of its own',
  'Microsoft.Insights/diagnosticSettings/read': 'whether a vault still sends its audit log',
  'Microsoft.EventHub/namespaces/read': 'whether what the audit log comes by is still there',
  'Microsoft.EventHub/namespaces/eventhubs/read': 'the same, of the event hub',
  'Microsoft.EventHub/namespaces/authorizationRules/read':
    'the same, of the rule that Azure Monitor writes with (not its key)',
};
