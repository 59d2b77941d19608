// Names that two templates must agree on: main.bicep makes the app, azuredeploy.bicep puts the code into it. Both compute
// them from what is known at the start, so that `bicep snapshot` evaluates them.

@export()
@description('What the names of one deployment have in common; another environment, region or subscription has another.')
func nameToken(subscriptionId string, environmentName string, location string) string =>
  uniqueString(subscriptionId, environmentName, location)

@export()
@description('The function app.')
func siteNameOf(token string) string => 'func-lockwatch-${token}'
