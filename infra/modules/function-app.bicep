// The function app, on Flex Consumption ("Create and manage function apps in the Flex Consumption plan").

param planName string
param siteName string
param location string
param tags object
param identityId string
param subnetId string?
@description('Settings that are known before the deployment.')
param settings object
@description('Settings whose values only the deployment itself knows.')
param deployedSettings object
@description('Application Insights: not a secret where local authentication is off, but only known after its making.')
param insightsConnectionString string
param identityClientId string
param packageContainerUrl string
param nodeVersion '24' | '22'
@minValue(40)
@maxValue(1000)
param maximumInstances int
param instanceMemoryMB 512 | 2048 | 4096
@description('Instances in at least two zones of the region, where it has zones.')
param zoneRedundant bool
param alwaysReady { name: string, instanceCount: int }[]
param publicNetworkAccess 'Enabled' | 'Disabled'

@description('Sign-in with Microsoft Entra ID; null where function keys guard the app.')
param signIn { clientId: string, issuer: string, excludedPaths: string[] }?

// The host and the app sign in with the same user-assigned identity, named by its client id.
var ofIdentity = union(
  {
    LOCKWATCH_CLIENT_ID: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  },
  toObject(
    filter(objectKeys(settings), name => endsWith(name, '__credential')),
    name => replace(name, '__credential', '__clientId'),
    name => identityClientId
  ),
  signIn == null ? {} : { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId }
)

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
    // "Configure zone redundancy for Azure Functions", tab Bicep.
    ...(zoneRedundant ? { zoneRedundant: true } : {})
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: siteName
  location: location
  // azd finds what to deploy to by this tag ("Azure Developer CLI's azure.yaml schema", services).
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicNetworkAccess
    // Key Vault references are resolved with this identity ("Use Key Vault references", section user-assigned identity).
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      appSettings: [
        for setting in items(union(settings, deployedSettings, ofIdentity)): {
          name: setting.key
          value: setting.value
        }
      ]
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
        // Of the functions that events wake. The name is `function:` and the function's own
        // ("Flex Consumption plan hosting", section Always ready instances).
        alwaysReady: alwaysReady
      }
    }
  }
}

// No publishing with a password: deployment goes by Microsoft Entra ID ("Disable basic authentication in App Service").
// There is nothing to say about FTP: Flex Consumption has none, and refuses its site property ("App settings reference
// for Azure Functions", section Flex Consumption plan deprecations).
resource scm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource authentication 'Microsoft.Web/sites/config@2024-11-01' = if (signIn != null) {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      // Event Grid pushes to the host itself, which asks for its own key ("Event Grid trigger for Azure Functions").
      excludedPaths: signIn!.excludedPaths
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: signIn!.clientId
          openIdIssuer: signIn!.issuer
          // Instead of a client secret the app proves itself with its managed identity ("Configure your App Service or
          // Azure Functions app to use Microsoft Entra sign-in", section Use a managed identity instead of a secret).
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
        }
        validation: {
          // No list of client applications: the registration demands an app role, and Lockwatch checks the role itself.
          allowedAudiences: [
            signIn!.clientId
            'api://${signIn!.clientId}'
          ]
        }
      }
    }
    login: {
      // Links in notices lead to a form of a page (#actions).
      preserveUrlFragmentsForLogins: true
      // Tokens of the person are of no use to the app.
      tokenStore: {
        enabled: false
      }
    }
  }
}

output url string = 'https://${site.properties.defaultHostName}'
