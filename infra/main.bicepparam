// What azd deploys. Each value comes from the azd environment (`azd env set NAME value`); the hooks set some of them.
using 'main.bicep'
import { instancesOf, listOf, objectOf, phonesOf, textOr, vaultsOf } from 'variables.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'lockwatch')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param resourceGroupName = textOr(readEnvironmentVariable('LOCKWATCH_RESOURCE_GROUP', ''), 'rg-${environmentName}')
param cloud = any(textOr(readEnvironmentVariable('LOCKWATCH_CLOUD', ''), 'public'))
param tags = objectOf(readEnvironmentVariable('LOCKWATCH_TAGS', ''))

// Set by the hook before the deployment (tools/deploy/).
param watchedSubscriptions = listOf(textOr(
  readEnvironmentVariable('LOCKWATCH_WATCHED_SUBSCRIPTIONS', ''),
  readEnvironmentVariable('AZURE_SUBSCRIPTION_ID', '')
))
param existingTopics = objectOf(readEnvironmentVariable('LOCKWATCH_EXISTING_TOPICS', ''))
param watchedVaults = vaultsOf(readEnvironmentVariable('LOCKWATCH_WATCHED_VAULTS', ''))
param entraClientId = readEnvironmentVariable('LOCKWATCH_ENTRA_CLIENT_ID', '')
param deployerObjectId = readEnvironmentVariable('LOCKWATCH_DEPLOYER_OBJECT_ID', '')

param readingRole = any(textOr(readEnvironmentVariable('LOCKWATCH_READING_ROLE', ''), 'custom'))
param readingRight = any(textOr(readEnvironmentVariable('LOCKWATCH_READING_RIGHT', ''), 'subscriptions'))
param delivery = any(textOr(readEnvironmentVariable('LOCKWATCH_DELIVERY', ''), 'queue'))
param separateDuties = bool(textOr(readEnvironmentVariable('LOCKWATCH_SEPARATE_DUTIES', ''), 'false'))
param access = any(textOr(readEnvironmentVariable('LOCKWATCH_ACCESS', ''), 'entra'))
param nodeVersion = any(textOr(readEnvironmentVariable('LOCKWATCH_NODE_VERSION', ''), '24'))
param instanceMemoryMB = any(int(textOr(readEnvironmentVariable('LOCKWATCH_INSTANCE_MEMORY_MB', ''), '2048')))
param maximumInstances = int(textOr(readEnvironmentVariable('LOCKWATCH_MAXIMUM_INSTANCES', ''), '40'))
param zoneRedundant = bool(textOr(readEnvironmentVariable('LOCKWATCH_ZONE_REDUNDANT', ''), 'false'))
param alwaysReady = instancesOf(textOr(readEnvironmentVariable('LOCKWATCH_ALWAYS_READY', ''), 'function:storageQueue=1'))
param noticeName = readEnvironmentVariable('LOCKWATCH_NAME', '')
param settings = objectOf(readEnvironmentVariable('LOCKWATCH_SETTINGS', ''))
param secretSettings = listOf(readEnvironmentVariable('LOCKWATCH_SECRET_SETTINGS', ''))

param teams = bool(textOr(readEnvironmentVariable('LOCKWATCH_TEAMS', ''), 'true'))
param teamsWebhookUrl = readEnvironmentVariable('LOCKWATCH_TEAMS_WEBHOOK_URL', '')
param emailBy = any(textOr(readEnvironmentVariable('LOCKWATCH_EMAIL_BY', ''), 'none'))
param emailFrom = readEnvironmentVariable('LOCKWATCH_EMAIL_FROM', '')
param emailTo = listOf(readEnvironmentVariable('LOCKWATCH_EMAIL_TO', ''))
param emailDomain = textOr(readEnvironmentVariable('LOCKWATCH_EMAIL_DOMAIN', ''), 'managed')
param emailDataLocation = textOr(readEnvironmentVariable('LOCKWATCH_EMAIL_DATA_LOCATION', ''), 'Europe')
param smtpUrl = readEnvironmentVariable('LOCKWATCH_SMTP_URL', '')

param alertEmails = listOf(readEnvironmentVariable('LOCKWATCH_ALERT_EMAILS', ''))
param alertSms = phonesOf(readEnvironmentVariable('LOCKWATCH_ALERT_SMS', ''))
param alertVoice = phonesOf(readEnvironmentVariable('LOCKWATCH_ALERT_VOICE', ''))
param codeDeployed = bool(textOr(readEnvironmentVariable('LOCKWATCH_CODE_DEPLOYED', ''), 'false'))
param alertSilentMinutes = any(int(textOr(readEnvironmentVariable('LOCKWATCH_ALERT_SILENT_MINUTES', ''), '10')))
param logRetentionDays = int(textOr(readEnvironmentVariable('LOCKWATCH_LOG_RETENTION_DAYS', ''), '90'))
param deleteLock = bool(textOr(readEnvironmentVariable('LOCKWATCH_DELETE_LOCK', ''), 'false'))

param privateNetwork = bool(textOr(readEnvironmentVariable('LOCKWATCH_PRIVATE_NETWORK', ''), 'false'))
param networkAddressPrefix = textOr(readEnvironmentVariable('LOCKWATCH_NETWORK_PREFIX', ''), '10.71.0.0/24')
param natGateway = bool(textOr(readEnvironmentVariable('LOCKWATCH_NAT_GATEWAY', ''), 'true'))
param appSubnetId = readEnvironmentVariable('LOCKWATCH_APP_SUBNET_ID', '')
param endpointSubnetId = readEnvironmentVariable('LOCKWATCH_ENDPOINT_SUBNET_ID', '')
param privateDnsZones = listOf(readEnvironmentVariable('LOCKWATCH_PRIVATE_DNS_ZONES', ''))
param appPublicAccess = any(textOr(readEnvironmentVariable('LOCKWATCH_APP_PUBLIC_ACCESS', ''), 'Enabled'))

param lockVaults = bool(textOr(readEnvironmentVariable('LOCKWATCH_LOCK_VAULTS', ''), 'false'))
param lockPolicies = listOf(readEnvironmentVariable('LOCKWATCH_LOCK_POLICIES', ''))
param networkGuard = any(textOr(readEnvironmentVariable('LOCKWATCH_NETWORK_GUARD', ''), 'off'))
