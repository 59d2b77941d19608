// Lockwatch in a subscription of its own choosing: everything it needs, and what it may read of the watched ones.
// Names are computed from what is known at the start, never from a module's outputs, so that `bicep snapshot` evaluates
// them and the tests can read them. The exception are role assignments: an identity that was made anew has another object
// id, an assignment's principal can't be changed (RoleAssignmentUpdateNotPermitted), and the old one's assignments stay.
// So each name holds the principal's id, which reaches it as a module's parameter ("Create key vault, managed identity,
// and role assignment", Azure quickstart, section Deletion behavior).

targetScope = 'subscription'

import { cloudName, clouds } from 'clouds.bicep'
import { subscriptionEventTypes, vaultEventTypes, watchedOperations } from 'events.bicep'
import { nameToken, siteNameOf } from 'names.bicep'
import { alertPhone } from 'receivers.bicep'

@description('A region as Azure names it in ids: North Europe is northeurope.')
func regionOf(location string) string => toLower(replace(location, ' ', ''))

// --- where ---

@description('Name of this deployment: what azd calls the environment.')
@minLength(1)
@maxLength(40)
param environmentName string
@description('Region of the app. Flex Consumption is not in every region: az functionapp list-flexconsumption-locations.')
param location string
@description('The resource group that is made for the app. The groups of system topics have the same name with -events.')
@minLength(1)
@maxLength(83)
param resourceGroupName string = 'rg-${environmentName}'
@description('The tenant\'s cloud.')
param cloud cloudName = 'public'
@description('Tags of every resource and group that is made. A policy may demand some, and refuses a group without them (RequestDisallowedByPolicy).')
param tags object = {}

// --- what is watched ---

@description('Ids (GUIDs) of the subscriptions that hold enterprise policies or their key vaults.')
@minLength(1)
param watchedSubscriptions string[] = [subscription().subscriptionId]
@description('subscriptions: the right to read is granted in each. managementGroup: management-group.bicep grants it for all.')
param readingRight 'subscriptions' | 'managementGroup' = 'subscriptions'
@description('custom: exactly the operations that the app uses. Reader: where custom roles are not wanted.')
param readingRole 'custom' | 'Reader' = 'custom'

@export()
@description('A vault with a customer-managed key.')
type watchedVault = {
  @description('The vault\'s resource id.')
  id: string
  @description('The vault\'s region.')
  location: string
  @description('Key Vault\'s own events: new versions, expiry, access policies. On unless false.')
  events: bool?
  @description('The audit log, which records who disabled or deleted a key. Off unless true: it costs an Event Hubs namespace in each region.')
  auditLog: bool?
}
param watchedVaults watchedVault[] = []
@description('System topics that are there already, by the lower-case id of their source (Azure allows one for each). The hook before the deployment fills this in.')
param existingTopics { *: string } = {}
@description('queue: events wait in a queue for as long as the app is away. push: Event Grid calls the app; only once it has been deployed.')
param delivery 'queue' | 'push' = 'queue'
@description('Nothing is made in the watched subscriptions, for whoever deploys without rights there. Their owners make roles, topics and event subscriptions, by the commands that npm run doctor -- --grants prints from the output LOCKWATCH_OWNER_TASKS.')
param separateDuties bool = false

// --- the app ---

@description('24; 22 where a region does not offer 24 yet.')
param nodeVersion '24' | '22' = '24'
param instanceMemoryMB 512 | 2048 | 4096 = 2048
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40
@description('Plan and storage in several zones of the region, which must have them. Before the first deployment: storage is not converted later.')
param zoneRedundant bool = false
@description('Instances that never sleep, by function. One for the queue means no cold start between an event and the notice.')
param alwaysReady { name: string, instanceCount: int }[] = [
  {
    name: 'function:storageQueue'
    instanceCount: 1
  }
]
@description('entra: people sign in, with the roles Lockwatch.Reader and Lockwatch.Operator. keys: function keys.')
param access 'entra' | 'keys' = 'entra'
@description('Client id of the app registration for sign-in. The hook before the deployment makes it.')
param entraClientId string = ''
@description('Object id of whoever deploys: may set the channels\' secrets. Empty: nobody is granted that.')
param deployerObjectId string = ''
@description('The name of this deployment in notices, on the pages and in the API. Empty: the app\'s own name.')
@maxLength(40)
param noticeName string = ''
@description('More settings of the app, by name; no secrets. docs/settings.md lists them all. None that this deployment sets by itself.')
param settings { *: string } = {}

// --- who is notified ---

@description('Teams, by a Workflows webhook.')
param teams bool = true
@description('The webhook\'s address. It is a secret; where it is empty, the one in the vault is kept.')
@secure()
param teamsWebhookUrl string = ''
param emailBy 'none' | 'communicationServices' | 'graph' | 'smtp' = 'none'
@description('The sender. Empty with Communication Services: DoNotReply at its domain.')
param emailFrom string = ''
param emailTo string[] = []
@description('The relay with user and password. It is a secret; where it is empty, the one in the vault is kept.')
@secure()
param smtpUrl string = ''
@description('Communication Services: managed (a domain of Azure\'s, 10 emails an hour: for a test), or a domain of your own.')
param emailDomain string = 'managed'
@description('Communication Services: where emails rest.')
param emailDataLocation string = 'Europe'
@description('Further settings that are secrets, such as LOCKWATCH_WEBHOOK_URL: each is read from the app\'s own vault, under its name in lower case with dashes.')
param secretSettings string[] = []

// --- who watches the watcher ---

@description('Azure Monitor notifies these, also while the app is down. Alerts are created only where somebody is named here.')
param alertEmails string[] = []
param alertSms alertPhone[] = []
param alertVoice alertPhone[] = []
@description('The app\'s code has been uploaded. Until then its timer can not run, so its alert is off: a first deployment would page people. The hook after the upload sets this, and switches the alert on.')
param codeDeployed bool = false
param alertSilentMinutes 5 | 10 | 15 | 30 | 60 = 10
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90
@description('Keeps the app\'s group from being deleted by accident.')
param deleteLock bool = false

// --- network ---

@description('Storage and vault are closed to the internet, and the app reaches them by private endpoints.')
param privateNetwork bool = false
@description('Addresses of the network that is made: /25 or larger.')
param networkAddressPrefix string = '10.71.0.0/24'
@description('The app reaches the internet from that network by a NAT gateway of its own, with an address that stays the same. false: you see to it, by a route or a peering.')
param natGateway bool = true
@description('A subnet that is there already, for the app: delegated to Microsoft.App/environments, in the region of the app, of its own. Its way to the internet is yours.')
param appSubnetId string = ''
@description('A subnet that is there already, for the private endpoints.')
param endpointSubnetId string = ''
@description('Ids of private DNS zones that get the records of the private endpoints. Empty: zones are made for a network of the app\'s own; in subnets that are there already, somebody else makes the records.')
param privateDnsZones string[] = []
@description('Disabled: the app\'s own page, too, is reached by the private network alone. People on call must get there, and Event Grid can not push.')
param appPublicAccess 'Enabled' | 'Disabled' = 'Enabled'

// --- prevention: opt-in ---

@description('Delete locks on the watched vaults.')
param lockVaults bool = false
@description('Enterprise policies that get a delete lock: their resource ids.')
param lockPolicies string[] = []
@description('Azure Policy refuses to close the network of watched vaults. trustedServices: unless trusted Microsoft services still pass.')
param networkGuard 'off' | 'trustedServices' | 'open' = 'off'

// --- names ---

var token = nameToken(subscription().id, environmentName, location)
var endpoints = clouds[cloud]
var allTags = union(tags, { 'azd-env-name': environmentName })

var queueName = 'lockwatch-signals'
var auditHubName = 'lockwatch-audit'
var packageContainer = 'app-package'
var deadLetterContainer = 'dead-letters'
var inventoryContainer = 'inventory'
var identityName = 'id-lockwatch-${token}'
var storageName = 'stlockwatch${token}'
var vaultName = 'kv-lockwatch-${take(token, 11)}'
var workspaceName = 'log-lockwatch-${token}'
var insightsName = 'appi-lockwatch-${token}'
var siteName = siteNameOf(token)
var networkName = 'vnet-lockwatch-${token}'
var eventsGroupName = '${resourceGroupName}-events'
var ourEventSubscription = 'lockwatch-${token}'

// Ids by hand: a resource group's symbol can't be asked for the ids of what a module makes in it.
var groupId = '${subscription().id}/resourceGroups/${resourceGroupName}'
var identityId = '${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identityName}'
var storageId = '${groupId}/providers/Microsoft.Storage/storageAccounts/${storageName}'
var vaultId = '${groupId}/providers/Microsoft.KeyVault/vaults/${vaultName}'
var workspaceId = '${groupId}/providers/Microsoft.OperationalInsights/workspaces/${workspaceName}'
var siteId = '${groupId}/providers/Microsoft.Web/sites/${siteName}'
var functionId = delivery != 'push'
  ? null
  : appPublicAccess == 'Enabled'
      ? '${siteId}/functions/eventGrid'
      : fail('delivery is push, and appPublicAccess is Disabled: Event Grid reaches the app from the internet only. Set delivery to queue')

// What is made in watched subscriptions, or left to their owners.
var madeHere = !separateDuties
  ? true
  : delivery == 'push'
      ? fail('separateDuties is set, and delivery is push: the commands for the owners deliver to the queue. Set delivery to queue')
      : lockVaults || !empty(lockPolicies) || networkGuard != 'off'
          ? fail('separateDuties is set, and lockVaults, lockPolicies or networkGuard as well: locks and policies are made in watched subscriptions. Leave these to their owners')
          : false

// --- settings of the app ---

var secretUri = 'https://${vaultName}.${endpoints.vault}/secrets/'
var secretSettingNames = union(
  secretSettings,
  teams ? ['LOCKWATCH_TEAMS_WEBHOOK_URL'] : [],
  emailBy == 'smtp' ? ['LOCKWATCH_SMTP_URL'] : []
)
var secretReferences = toObject(
  secretSettingNames,
  name => name,
  name => '@Microsoft.KeyVault(SecretUri=${secretUri}${toLower(replace(name, '_', '-'))})'
)
// Each region needs a namespace of its own. The first one's connection has no name, the others have their region's.
var auditedVaults = filter(watchedVaults, vault => vault.?auditLog ?? false)
var auditRegions = union(map(auditedVaults, vault => regionOf(vault.location)), [])
var auditNamespaces = [for region in auditRegions: 'evhns-lockwatch-${uniqueString(token, region)}']
var auditConnections = map(
  auditRegions,
  (region, index) => index == 0 ? 'LOCKWATCH_AUDIT' : 'LOCKWATCH_AUDIT_${toUpper(region)}'
)

var ownSettings = union(
  {
    // The runtime shows no page of its own at the root ("App settings reference for Azure Functions").
    AzureWebJobsDisableHomepage: 'true'
    AzureWebJobsStorage__blobServiceUri: 'https://${storageName}.blob.${endpoints.storage}'
    AzureWebJobsStorage__queueServiceUri: 'https://${storageName}.queue.${endpoints.storage}'
    AzureWebJobsStorage__tableServiceUri: 'https://${storageName}.table.${endpoints.storage}'
    AzureWebJobsStorage__credential: 'managedidentity'
    LOCKWATCH_SUBSCRIPTIONS: join(watchedSubscriptions, ',')
    LOCKWATCH_CLOUD: cloud
    LOCKWATCH_QUEUE: queueName
    LOCKWATCH_PUSH: delivery == 'push' ? 'true' : 'false'
    LOCKWATCH_SECRET_VAULTS: vaultName
    LOCKWATCH_ACCESS: access
    LOCKWATCH_EVENT_SOURCES: join(ownSources, ',')
  },
  empty(noticeName) ? {} : { LOCKWATCH_NAME: noticeName },
  emailBy == 'none' ? {} : { LOCKWATCH_EMAIL_TO: join(emailTo, ',') },
  empty(emailFrom) ? {} : { LOCKWATCH_EMAIL_FROM: emailFrom },
  emailBy == 'graph' ? { LOCKWATCH_GRAPH_MAIL: 'true' } : {},
  empty(auditRegions)
    ? {}
    : {
        LOCKWATCH_AUDIT_HUB: auditHubName
      },
  toObject(
    auditConnections,
    connection => '${connection}__fullyQualifiedNamespace',
    connection => '${auditNamespaces[indexOf(auditConnections, connection)]}.${endpoints.eventHubs}'
  ),
  toObject(auditConnections, connection => '${connection}__credential', connection => 'managedidentity'),
  secretReferences
)
// Flex Consumption refuses most settings of the platform ("App settings reference for Azure Functions", section Flex
// Consumption plan deprecations), and one of our own written over would take the app's storage or sign-in away.
var deployedSettingNames = ['LOCKWATCH_CLIENT_ID', 'LOCKWATCH_ACS_ENDPOINT']
var ownNames = map(concat(objectKeys(ownSettings), deployedSettingNames), name => toLower(name))
var foreignNames = filter(objectKeys(settings), name => !startsWith(toLower(name), 'lockwatch_'))
var clashingNames = filter(objectKeys(settings), name => contains(ownNames, toLower(name)))
var checkedSettings = !empty(foreignNames)
  ? fail('settings holds ${join(foreignNames, ', ')}: only settings of the app, which begin with LOCKWATCH_, may be set. Flex Consumption refuses those of the platform')
  : empty(clashingNames)
      ? settings
      : fail('settings holds ${join(clashingNames, ', ')}, which the deployment sets by itself. Use its own variable (docs/deploy.md), or leave it out')
var appSettings = union(ownSettings, checkedSettings)

// --- the app ---

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identityName
    location: location
    tags: allTags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: storageName
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
    queueName: queueName
    packageContainer: packageContainer
    deadLetterContainer: deadLetterContainer
    inventoryContainer: inventoryContainer
    isPrivate: privateNetwork
    zoneRedundant: zoneRedundant
  }
}

module logs 'modules/logs.bicep' = {
  scope: group
  params: {
    workspaceName: workspaceName
    insightsName: insightsName
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
    retentionDays: logRetentionDays
  }
}

module secretVault 'modules/secret-vault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
    deployerObjectId: deployerObjectId
    isPrivate: privateNetwork
    teamsWebhookUrl: teamsWebhookUrl
    smtpUrl: smtpUrl
    secretNames: {
      teams: 'lockwatch-teams-webhook-url'
      smtp: 'lockwatch-smtp-url'
    }
  }
}

module email 'modules/email-service.bicep' = if (emailBy == 'communicationServices') {
  scope: group
  params: {
    communicationName: 'acs-lockwatch-${token}'
    emailName: 'acs-lockwatch-email-${token}'
    domainName: emailDomain
    dataLocation: emailDataLocation
    tags: allTags
    principalId: identity.outputs.principalId
  }
}

// A network of the app's own, or subnets that are there already.
var hasSubnets = !empty(appSubnetId) || !empty(endpointSubnetId)
var ownNetwork = privateNetwork && !hasSubnets
var ownSubnetsId = '${groupId}/providers/Microsoft.Network/virtualNetworks/${networkName}/subnets'
var checkedAppSubnetId = !hasSubnets
  ? (privateNetwork ? '${ownSubnetsId}/app' : null)
  : !privateNetwork
      ? fail('appSubnetId or endpointSubnetId is set, and privateNetwork is not: set privateNetwork to true, or leave the subnets out')
      : empty(appSubnetId) || empty(endpointSubnetId)
          ? fail('appSubnetId and endpointSubnetId belong together: name both subnets, or neither for a network of the app\'s own')
          : toLower(appSubnetId) == toLower(endpointSubnetId)
              ? fail('appSubnetId and endpointSubnetId are the same: a subnet that is delegated to Microsoft.App/environments holds no private endpoint')
              : contains(last(split(appSubnetId, '/')), '_')
                  ? fail('appSubnetId: Flex Consumption takes no subnet with an underscore in its name. Use another one')
                  : appSubnetId
// "What is a private endpoint?", table of properties: it is made in the region and subscription of its network.
var checkedEndpointSubnetId = !hasSubnets
  ? '${ownSubnetsId}/endpoints'
  : toLower(split(endpointSubnetId, '/')[2]) == toLower(subscription().subscriptionId)
      ? endpointSubnetId
      : fail('endpointSubnetId is in another subscription than the app: Azure makes a private endpoint only in the subscription of its network. Deploy the app there')

module network 'modules/network.bicep' = if (ownNetwork) {
  scope: group
  params: {
    name: networkName
    location: location
    tags: allTags
    addressPrefix: networkAddressPrefix
    natGatewayName: natGateway ? 'ng-lockwatch-${token}' : null
  }
}

var privateTargets = concat(
  [
    { name: 'blob', targetId: storageId, groupId: 'blob', zoneName: 'privatelink.blob.${endpoints.storage}' }
    { name: 'queue', targetId: storageId, groupId: 'queue', zoneName: 'privatelink.queue.${endpoints.storage}' }
    { name: 'table', targetId: storageId, groupId: 'table', zoneName: 'privatelink.table.${endpoints.storage}' }
    { name: 'vault', targetId: vaultId, groupId: 'vault', zoneName: endpoints.privateVault }
  ],
  map(auditNamespaces, (namespace, index) => {
    name: 'audit-${index}'
    targetId: '${groupId}/providers/Microsoft.EventHub/namespaces/${namespace}'
    groupId: 'namespace'
    zoneName: 'privatelink.${endpoints.eventHubs}'
  })
)
var appZoneName = 'privatelink.${endpoints.sites}'

// Zones by id where they are named; ours for a network of our own; none where the network is another's and none is named:
// it has its own already, and a second one of the same name is refused ("A virtual network cannot be linked to multiple
// zones with overlapping namespaces": microsoft-foundry/foundry-samples#214).
var neededZones = union(
  map(privateTargets, target => target.zoneName),
  appPublicAccess == 'Disabled' ? [appZoneName] : []
)
var namedZones = toObject(privateDnsZones, id => toLower(last(split(id, '/'))), id => id)
var missingZones = filter(neededZones, name => !contains(namedZones, name))
var zoneIds = !empty(privateDnsZones)
  ? (empty(missingZones)
      ? namedZones
      : fail('privateDnsZones lacks ${join(missingZones, ', ')}. Name every zone, or none and let somebody else make the records'))
  : toObject(
      ownNetwork ? neededZones : [],
      name => name,
      name => '${groupId}/providers/Microsoft.Network/privateDnsZones/${name}'
    )

module privateZones 'modules/private-dns-zone.bicep' = [
  for name in (ownNetwork && empty(privateDnsZones) ? neededZones : []): {
    name: 'zone-${uniqueString(name)}'
    scope: group
    params: {
      zoneName: name
      networkName: networkName
      tags: allTags
    }
    dependsOn: [
      network
    ]
  }
]

// One after another: several namespaces have their records in one zone.
@batchSize(1)
module privateEndpoints 'modules/private-endpoint.bicep' = [
  for target in (privateNetwork ? privateTargets : []): {
    name: 'private-${target.name}'
    scope: group
    params: {
      name: 'pep-lockwatch-${target.name}-${token}'
      location: location
      tags: allTags
      subnetId: checkedEndpointSubnetId
      targetId: target.targetId
      groupId: target.groupId
      zoneId: zoneIds[?target.zoneName]
    }
    dependsOn: [
      network
      privateZones
      storage
      secretVault
      auditHubs
    ]
  }
]

module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    planName: 'plan-lockwatch-${token}'
    siteName: siteName
    location: location
    tags: allTags
    identityId: identityId
    identityClientId: identity.outputs.clientId
    subnetId: checkedAppSubnetId
    settings: appSettings
    deployedSettings: emailBy == 'communicationServices'
      ? union(
          { LOCKWATCH_ACS_ENDPOINT: email!.outputs.endpoint },
          empty(emailFrom) ? { LOCKWATCH_EMAIL_FROM: 'DoNotReply@${email!.outputs.senderDomain}' } : {}
        )
      : {}
    insightsConnectionString: logs.outputs.connectionString
    packageContainerUrl: 'https://${storageName}.blob.${endpoints.storage}/${packageContainer}'
    nodeVersion: nodeVersion
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    alwaysReady: alwaysReady
    zoneRedundant: zoneRedundant
    publicNetworkAccess: appPublicAccess
    signIn: access == 'entra'
      ? {
          clientId: !empty(entraClientId)
            ? entraClientId
            : fail('access is entra, and entraClientId is empty. The hook before the deployment makes the app registration; or set access to keys')
          issuer: '${endpoints.login}/${tenant().tenantId}/v2.0'
          excludedPaths: delivery == 'push' ? ['/runtime/webhooks/eventgrid'] : []
        }
      : null
  }
  dependsOn: [
    storage
    secretVault
    privateEndpoints
  ]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork && appPublicAccess == 'Disabled') {
  name: 'private-app'
  scope: group
  params: {
    name: 'pep-lockwatch-app-${token}'
    location: location
    tags: allTags
    subnetId: checkedEndpointSubnetId
    targetId: siteId
    groupId: 'sites'
    zoneId: zoneIds[?appZoneName]
  }
  dependsOn: [
    app
    privateZones
  ]
}

// --- what is watched ---

// The names of these modules' deployments carry the token: a subscription keeps each name to one region, so two
// Lockwatches of different regions that watch the same subscription would refuse each other ("InvalidDeploymentLocation").

module readingRights 'modules/reading-right.bicep' = [
  for id in (madeHere && readingRight == 'subscriptions' ? watchedSubscriptions : []): {
    name: 'lockwatch-reading-${uniqueString(token, id)}'
    scope: subscription(id)
    params: {
      principalId: identity.outputs.principalId
      readingRole: readingRole
      environmentName: environmentName
    }
  }
]

// One source of events a subscription, and one a vault.
var subscriptionSources = map(watchedSubscriptions, id => {
  id: '/subscriptions/${id}'
  subscriptionId: id
  topicType: 'Microsoft.Resources.Subscriptions'
  topicLocation: 'global'
  eventTypes: subscriptionEventTypes
  operations: watchedOperations
})
var vaultSources = map(filter(watchedVaults, vault => vault.?events ?? true), vault => {
  id: vault.id
  subscriptionId: split(vault.id, '/')[2]
  topicType: 'Microsoft.KeyVault.vaults'
  topicLocation: vault.location
  eventTypes: vaultEventTypes
  operations: []
})
var sources = concat(subscriptionSources, vaultSources)
var newTopicNames = map(sources, source => 'egst-lockwatch-${uniqueString(toLower(source.id), environmentName)}')
var topicIds = map(
  sources,
  (source, index) =>
    existingTopics[?toLower(source.id)] ?? '/subscriptions/${source.subscriptionId}/resourceGroups/${eventsGroupName}/providers/Microsoft.EventGrid/systemTopics/${newTopicNames[index]}'
)
// By these the app recognises its own event sources. Two hundred ids would make a setting of 85 KB, so a vault's topic
// is named by a hash of its id: the app computes the same (shared/visibility/event-source-scope.ts).
var ownSources = concat(
  [ourEventSubscription],
  map(
    take(topicIds, length(subscriptionSources)),
    id => '${split(id, '/')[2]}/${split(id, '/')[4]}/${split(id, '/')[8]}'
  ),
  map(skip(topicIds, length(subscriptionSources)), id => take(guid(toLower(id)), 8))
)
var subscriptionsWithNewTopics = union(
  map(
    filter(sources, source => !contains(existingTopics, toLower(source.id))),
    source => toLower(source.subscriptionId)
  ),
  []
)

module eventGroups 'modules/events-group.bicep' = [
  for id in (madeHere ? subscriptionsWithNewTopics : []): {
    name: 'lockwatch-events-${uniqueString(token, id)}'
    scope: subscription(id)
    params: {
      name: eventsGroupName
      location: location
      tags: allTags
    }
  }
]

// Topics, their identities and their rights early, the event subscriptions last of all (below): a role assignment takes
// minutes to be effective, and until then Event Grid refuses an event subscription that delivers by it ("Managed Identity
// Authorization Error": Azure/bicep-registry-modules#5205; "Troubleshoot Azure RBAC", section about changes of roles).
module sourceTopics 'modules/source-topic.bicep' = [
  for (source, index) in (madeHere ? sources : []): {
    name: 'lockwatch-source-${uniqueString(token, source.id)}'
    scope: subscription(source.subscriptionId)
    params: {
      sourceId: source.id
      topicType: source.topicType
      topicLocation: source.topicLocation
      topicId: topicIds[index]
      isReused: contains(existingTopics, toLower(source.id))
      appGroupId: groupId
      storageName: storageName
      queueName: queueName
      deadLetterContainer: deadLetterContainer
      toQueue: functionId == null
      tags: allTags
    }
    dependsOn: [
      eventGroups
      storage
    ]
  }
]

module auditHubs 'modules/audit-hub.bicep' = [
  for (region, index) in auditRegions: {
    name: 'audit-hub-${region}'
    scope: group
    params: {
      namespaceName: auditNamespaces[index]
      hubName: auditHubName
      location: region
      tags: allTags
      principalId: identity.outputs.principalId
      isPrivate: privateNetwork
    }
  }
]

var auditRuleIds = map(
  auditNamespaces,
  namespace => '${groupId}/providers/Microsoft.EventHub/namespaces/${namespace}/authorizationRules/azure-monitor'
)

module auditSettings 'modules/audit-setting.bicep' = [
  for vault in (madeHere ? auditedVaults : []): {
    name: 'lockwatch-audit-${uniqueString(vault.id)}'
    scope: resourceGroup(split(vault.id, '/')[2], split(vault.id, '/')[4])
    params: {
      vaultName: split(vault.id, '/')[8]
      name: ourEventSubscription
      ruleId: auditRuleIds[indexOf(auditRegions, regionOf(vault.location))]
      hubName: auditHubName
    }
    dependsOn: [
      auditHubs
    ]
  }
]

// --- who watches the watcher ---

var hasAlerts = !empty(concat(alertEmails, alertSms, alertVoice))
var alertPrefix = 'lockwatch-${environmentName}'

module alerts 'modules/alerts.bicep' = if (hasAlerts) {
  scope: group
  params: {
    namePrefix: alertPrefix
    location: location
    tags: allTags
    workspaceName: workspaceName
    emails: alertEmails
    sms: alertSms
    voice: alertVoice
    silentMinutes: alertSilentMinutes
    codeDeployed: codeDeployed
  }
  dependsOn: [
    logs
  ]
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    displayName: 'Lockwatch ${environmentName}'
    location: location
    tags: allTags
    workspaceName: workspaceName
  }
  dependsOn: [
    logs
  ]
}

module lock 'modules/delete-lock.bicep' = if (deleteLock) {
  scope: group
}

// --- prevention ---

module vaultLocks 'modules/vault-lock.bicep' = [
  for vault in (lockVaults ? watchedVaults : []): {
    name: 'lockwatch-lock-${uniqueString(vault.id)}'
    scope: resourceGroup(split(vault.id, '/')[2], split(vault.id, '/')[4])
    params: {
      vaultName: split(vault.id, '/')[8]
    }
  }
]

module policyLocks 'modules/policy-lock.bicep' = [
  for id in lockPolicies: {
    name: 'lockwatch-lock-${uniqueString(id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      policyName: split(id, '/')[8]
    }
  }
]

var guardedSubscriptions = networkGuard == 'off'
  ? []
  : union(map(watchedVaults, vault => toLower(split(vault.id, '/')[2])), [])

module networkGuards 'modules/network-guard.bicep' = [
  for id in guardedSubscriptions: {
    name: 'lockwatch-guard-${uniqueString(token, id)}'
    scope: subscription(id)
    params: {
      environmentName: environmentName
      vaultIds: map(filter(watchedVaults, vault => toLower(split(vault.id, '/')[2]) == id), vault => vault.id)
      firewall: networkGuard == 'open' ? 'open' : 'trustedServices'
    }
  }
]

// --- events: last ---

module eventSubscriptions 'modules/event-subscription.bicep' = [
  for (source, index) in (madeHere ? sources : []): {
    name: 'lockwatch-delivery-${uniqueString(token, source.id)}'
    scope: resourceGroup(split(topicIds[index], '/')[2], split(topicIds[index], '/')[4])
    params: {
      topicName: split(topicIds[index], '/')[8]
      name: ourEventSubscription
      eventTypes: source.eventTypes
      operations: source.operations
      storageId: storageId
      queueName: queueName
      deadLetterContainer: deadLetterContainer
      functionId: functionId
      workspaceId: workspaceId
    }
    dependsOn: [
      sourceTopics
      readingRights
      auditSettings
      app
      appEndpoint
      alerts
      workbook
    ]
  }
]

// --- what the hooks and azd need; no secret ---

output AZURE_RESOURCE_GROUP string = group.name
output LOCKWATCH_URL string = app.outputs.url
output LOCKWATCH_APP_NAME string = siteName
output LOCKWATCH_SECRET_VAULT string = vaultName
// Empty where nobody is to be notified.
output LOCKWATCH_HEARTBEAT_ALERT_ID string = hasAlerts
  ? '${groupId}/providers/Microsoft.Insights/scheduledQueryRules/${alertPrefix}-heartbeat-missing'
  : ''
output LOCKWATCH_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output LOCKWATCH_IDENTITY_CLIENT_ID string = identity.outputs.clientId
// What the owners of watched subscriptions make themselves, with separateDuties: tools/doctor/owner-tasks.ts reads it. As a
// text, since azd keeps texts. Names and ids are the ones that this deployment would use.
output LOCKWATCH_OWNER_TASKS string = separateDuties
  ? string({
      environmentName: environmentName
      cloud: cloud
      location: location
      tags: allTags
      readingRole: readingRight == 'managementGroup' ? 'managementGroup' : readingRole
      subscriptions: watchedSubscriptions
      eventsGroup: eventsGroupName
      name: ourEventSubscription
      storageId: storageId
      queue: queueName
      deadLetters: deadLetterContainer
      workspaceId: workspaceId
      sources: map(sources, (source, index) => {
        id: source.id
        location: source.topicLocation
        topicId: topicIds[index]
        reused: contains(existingTopics, toLower(source.id))
      })
      audit: map(auditedVaults, vault => {
        id: vault.id
        ruleId: auditRuleIds[indexOf(auditRegions, regionOf(vault.location))]
        hub: auditHubName
      })
    })
  : ''
