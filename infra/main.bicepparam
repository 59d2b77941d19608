// What azd deploys. Each value comes from the azd environment (`azd env set NAME value`); the hooks set some of them.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'lockwatch')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param cloud = readEnvironmentVariable('LOCKWATCH_CLOUD', 'public')
param tags = json(readEnvironmentVariable('LOCKWATCH_TAGS', '{}'))

// Set by the hook before the deployment (tools/deploy/): JSON.
param watchedSubscriptions = json(readEnvironmentVariable(
  'LOCKWATCH_WATCHED_SUBSCRIPTIONS',
  '["${readEnvironmentVariable('AZURE_SUBSCRIPTION_ID', '')}"]'
))
param existingTopics = json(readEnvironmentVariable('LOCKWATCH_EXISTING_TOPICS', '{}'))
param watchedVaults = json(readEnvironmentVariable('LOCKWATCH_WATCHED_VAULTS', '[]'))
param entraClientId = readEnvironmentVariable('LOCKWATCH_ENTRA_CLIENT_ID', '')
param deployerObjectId = readEnvironmentVariable('LOCKWATCH_DEPLOYER_OBJECT_ID', '')

param readingRole = readEnvironmentVariable('LOCKWATCH_READING_ROLE', 'custom')
param readingRight = readEnvironmentVariable('LOCKWATCH_READING_RIGHT', 'subscriptions')
param delivery = readEnvironmentVariable('LOCKWATCH_DELIVERY', 'queue')
param access = readEnvironmentVariable('LOCKWATCH_ACCESS', 'entra')
param nodeVersion = readEnvironmentVariable('LOCKWATCH_NODE_VERSION', '24')
param settings = json(readEnvironmentVariable('LOCKWATCH_SETTINGS', '{}'))
param secretSettings = json(readEnvironmentVariable('LOCKWATCH_SECRET_SETTINGS', '[]'))

param teams = bool(readEnvironmentVariable('LOCKWATCH_TEAMS', 'true'))
param teamsWebhookUrl = readEnvironmentVariable('LOCKWATCH_TEAMS_WEBHOOK_URL', '')
param emailBy = readEnvironmentVariable('LOCKWATCH_EMAIL_BY', 'none')
param emailFrom = readEnvironmentVariable('LOCKWATCH_EMAIL_FROM', '')
param emailTo = json(readEnvironmentVariable('LOCKWATCH_EMAIL_TO', '[]'))
param emailDomain = readEnvironmentVariable('LOCKWATCH_EMAIL_DOMAIN', 'managed')
param smtpUrl = readEnvironmentVariable('LOCKWATCH_SMTP_URL', '')

param alertEmails = json(readEnvironmentVariable('LOCKWATCH_ALERT_EMAILS', '[]'))
param alertSms = json(readEnvironmentVariable('LOCKWATCH_ALERT_SMS', '[]'))
param alertVoice = json(readEnvironmentVariable('LOCKWATCH_ALERT_VOICE', '[]'))
param deleteLock = bool(readEnvironmentVariable('LOCKWATCH_DELETE_LOCK', 'false'))

param privateNetwork = bool(readEnvironmentVariable('LOCKWATCH_PRIVATE_NETWORK', 'false'))
param appPublicAccess = readEnvironmentVariable('LOCKWATCH_APP_PUBLIC_ACCESS', 'Enabled')

param lockVaults = bool(readEnvironmentVariable('LOCKWATCH_LOCK_VAULTS', 'false'))
param lockPolicies = json(readEnvironmentVariable('LOCKWATCH_LOCK_POLICIES', '[]'))
param networkGuard = readEnvironmentVariable('LOCKWATCH_NETWORK_GUARD', 'off')
