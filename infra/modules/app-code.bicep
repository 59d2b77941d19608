// The app's code, where no tool uploads it: the platform fetches the zip from an address ("Automate resource deployment for
// your function app in Azure Functions", Flex Consumption plan, section Deployment package). Nothing is built from it.

param siteName string
@description('Address of the zip. A secret where it carries a shared access signature.')
@secure()
param packageUri string

resource site 'Microsoft.Web/sites@2024-11-01' existing = {
  name: siteName
}

resource code 'Microsoft.Web/sites/extensions@2022-09-01' = {
  parent: site
  name: 'onedeploy'
  // The published type knows no properties of onedeploy, which needs them (Azure/bicep-types-az#2249).
  #disable-next-line BCP187
  properties: {
    packageUri: packageUri
    remoteBuild: false
  }
}
