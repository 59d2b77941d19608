// Every role that this deployment grants, and no other. Ids: "Azure built-in roles".

@export()
var builtInRoles = {
  // Reads every resource's control plane; the alternative to our own role.
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
  // The Functions host's own storage asks for Owner ("Azure Functions: connecting to host storage with an identity").
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  eventHubsDataReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  communicationAndEmailServiceOwner: '09976791-48a7-449e-bb21-39d1a415f350'
}

@export()
@description('What the app reads of a watched subscription: each GET that it makes (shared/facts/), and nothing else. "Azure permissions" lists the operations by provider.')
var readingActions = [
  'Microsoft.Resources/subscriptions/read'
  'Microsoft.PowerPlatform/enterprisePolicies/read'
  'Microsoft.KeyVault/vaults/read'
  'Microsoft.KeyVault/locations/deletedVaults/read'
  'Microsoft.KeyVault/deletedVaults/read'
  'Microsoft.KeyVault/vaults/keys/read'
  'Microsoft.KeyVault/vaults/keys/versions/read'
  'Microsoft.Authorization/roleAssignments/read'
  'Microsoft.Authorization/roleDefinitions/read'
  'Microsoft.Authorization/denyAssignments/read'
  'Microsoft.Authorization/locks/read'
  'Microsoft.Authorization/roleAssignmentScheduleInstances/read'
  // Who could take an environment down after activating an eligible role (GET /api/who-can).
  'Microsoft.Authorization/roleEligibilityScheduleInstances/read'
  // Whether what Lockwatch itself sees by is there still, after somebody deleted or changed it.
  'Microsoft.EventGrid/systemTopics/read'
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/read'
  'Microsoft.EventGrid/eventSubscriptions/read'
  'Microsoft.Insights/diagnosticSettings/read'
  'Microsoft.EventHub/namespaces/read'
  'Microsoft.EventHub/namespaces/eventhubs/read'
  'Microsoft.EventHub/namespaces/authorizationRules/read'
]
