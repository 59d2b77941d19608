// The same deployment without azd: one template for the portal's button, `az deployment sub create`, a template spec or a
// pipeline. `npm run bicep -- template` compiles it to azuredeploy.json, which is committed. Everything comes from main.bicep;
// this file adds the code, which azd would upload. Not offered here: `delivery` push and a closed `appPublicAccess`, since the
// code arrives after the event subscription and from outside the network.

targetScope = 'subscription'

import { cloudName } from 'clouds.bicep'
import { watchedVault } from 'main.bicep'
import { nameToken, siteNameOf } from 'names.bicep'
import { alertPhone } from 'receivers.bicep'

@description('Address of the package, which npm run package writes. Azure must reach it without signing in, so it may carry a shared access signature. The file is called released-package.zip.')
@secure()
param packageUri string

// --- where ---

@description('Name of this deployment: what azd calls the environment.')
@minLength(1)
@maxLength(40)
param environmentName string
@description('Region of the app. Flex Consumption is not in every region: az functionapp list-flexconsumption-locations.')
param location string = deployment().location
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

param watchedVaults watchedVault[] = []
@description('System topics that are there already, by the lower-case id of their source (Azure allows one for each). Without azd you fill this in: az resource list --resource-type Microsoft.EventGrid/systemTopics.')
param existingTopics { *: string } = {}
@description('Nothing is made in the watched subscriptions, for whoever deploys without rights there. Their owners make roles, topics and event subscriptions, by the commands that npm run doctor -- --grants prints from the output LOCKWATCH_OWNER_TASKS.')
param separateDuties bool = false

// --- the app ---

@description('24; 22 where a region does not offer 24 yet.')
param nodeVersion '24' | '22' = '24'
param instanceMemoryMB 512 | 2048 | 4096 = 2048
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40
@description('Instances that never sleep, by function. One for the queue means no cold start between an event and the notice.')
param alwaysReady { name: string, instanceCount: int }[] = [
  {
    name: 'function:storageQueue'
    instanceCount: 1
  }
]
@description('entra: people sign in, with the roles Lockwatch.Reader and Lockwatch.Operator. keys: function keys.')
param access 'entra' | 'keys' = 'keys'
@description('Client id of the app registration for sign-in, with access entra. An identity team makes it: docs/deploy.md, section Without azd.')
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
param alertSilentMinutes 5 | 10 | 15 | 30 | 60 = 10
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90
@description('Keeps the app\'s group from being deleted by accident.')
param deleteLock bool = false

// --- network ---

@description('Storage and vault are closed to the internet, and the app reaches them by private endpoints.')
param privateNetwork bool = false
param networkAddressPrefix string = '10.71.0.0/24'

@description('Plan and storage in several zones of the region, which must have them. Before the first deployment: storage is not converted later.')
param zoneRedundant bool = false
@description('The app reaches the internet from that network by a NAT gateway of its own, with an address that stays the same. false: you see to it, by a route or a peering.')
param natGateway bool = true
@description('A subnet that is there already, for the app: delegated to Microsoft.App/environments, in the region of the app, of its own. Its way to the internet is yours.')
param appSubnetId string = ''
@description('A subnet that is there already, for the private endpoints.')
param endpointSubnetId string = ''
@description('Ids of private DNS zones that get the records of the private endpoints. Empty: zones are made for a network of the app\'s own; in subnets that are there already, somebody else makes the records.')
param privateDnsZones string[] = []

// --- prevention: opt-in ---

@description('Delete locks on the watched vaults.')
param lockVaults bool = false
@description('Enterprise policies that get a delete lock: their resource ids.')
param lockPolicies string[] = []
@description('Azure Policy refuses to close the network of watched vaults. trustedServices: unless trusted Microsoft services still pass.')
param networkGuard 'off' | 'trustedServices' | 'open' = 'off'

// --- what is made ---

module lockwatch 'main.bicep' = {
  // A subscription keeps each name of a deployment to one region ("InvalidDeploymentLocation").
  name: 'lockwatch-${uniqueString(environmentName, location, deployment().location)}'
  params: {
    environmentName: environmentName
    location: location
    resourceGroupName: resourceGroupName
    cloud: cloud
    tags: tags
    watchedSubscriptions: watchedSubscriptions
    readingRight: readingRight
    readingRole: readingRole
    watchedVaults: watchedVaults
    existingTopics: existingTopics
    separateDuties: separateDuties
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    alwaysReady: alwaysReady
    access: access
    entraClientId: entraClientId
    deployerObjectId: deployerObjectId
    noticeName: noticeName
    settings: settings
    teams: teams
    teamsWebhookUrl: teamsWebhookUrl
    emailBy: emailBy
    emailFrom: emailFrom
    emailTo: emailTo
    smtpUrl: smtpUrl
    emailDomain: emailDomain
    emailDataLocation: emailDataLocation
    secretSettings: secretSettings
    alertEmails: alertEmails
    alertSms: alertSms
    alertVoice: alertVoice
    // No hook comes after the code to switch the alert on.
    codeDeployed: true
    alertSilentMinutes: alertSilentMinutes
    logRetentionDays: logRetentionDays
    deleteLock: deleteLock
    privateNetwork: privateNetwork
    networkAddressPrefix: networkAddressPrefix
    zoneRedundant: zoneRedundant
    natGateway: natGateway
    appSubnetId: appSubnetId
    endpointSubnetId: endpointSubnetId
    privateDnsZones: privateDnsZones
    lockVaults: lockVaults
    lockPolicies: lockPolicies
    networkGuard: networkGuard
  }
}

module code 'modules/app-code.bicep' = {
  name: 'lockwatch-code'
  scope: resourceGroup(resourceGroupName)
  params: {
    siteName: siteNameOf(nameToken(subscription().id, environmentName, location))
    packageUri: packageUri
  }
  dependsOn: [
    lockwatch
  ]
}

output AZURE_RESOURCE_GROUP string = lockwatch.outputs.AZURE_RESOURCE_GROUP
output LOCKWATCH_URL string = lockwatch.outputs.LOCKWATCH_URL
output LOCKWATCH_APP_NAME string = lockwatch.outputs.LOCKWATCH_APP_NAME
output LOCKWATCH_SECRET_VAULT string = lockwatch.outputs.LOCKWATCH_SECRET_VAULT
output LOCKWATCH_IDENTITY_PRINCIPAL_ID string = lockwatch.outputs.LOCKWATCH_IDENTITY_PRINCIPAL_ID
output LOCKWATCH_IDENTITY_CLIENT_ID string = lockwatch.outputs.LOCKWATCH_IDENTITY_CLIENT_ID
output LOCKWATCH_HEARTBEAT_ALERT_ID string = lockwatch.outputs.LOCKWATCH_HEARTBEAT_ALERT_ID
output LOCKWATCH_OWNER_TASKS string = lockwatch.outputs.LOCKWATCH_OWNER_TASKS
