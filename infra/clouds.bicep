// Endpoints of each cloud, so that settings and names are known before a deployment (`environment()` is not evaluated
// offline). Sources: "Compare Azure Government and global Azure" and "Azure China developer guide", endpoint tables;
// private DNS zones: "Azure Private Endpoint private DNS zone values". GCC runs in the public Azure cloud
// ("Power Platform US Government", section about Azure subscriptions).

@export()
@description('The clouds that Lockwatch knows, as its setting LOCKWATCH_CLOUD names them.')
type cloudName = 'public' | 'gcc' | 'gcchigh' | 'dod' | 'china'

// The one file in which addresses of clouds are written down.
#disable-diagnostics no-hardcoded-env-urls

var global = {
  storage: 'core.windows.net'
  vault: 'vault.azure.net'
  eventHubs: 'servicebus.windows.net'
  login: 'https://login.microsoftonline.com'
  sites: 'azurewebsites.net'
  privateVault: 'privatelink.vaultcore.azure.net'
}

var government = {
  storage: 'core.usgovcloudapi.net'
  vault: 'vault.usgovcloudapi.net'
  eventHubs: 'servicebus.usgovcloudapi.net'
  login: 'https://login.microsoftonline.us'
  sites: 'azurewebsites.us'
  privateVault: 'privatelink.vaultcore.usgovcloudapi.net'
}

var china = {
  storage: 'core.chinacloudapi.cn'
  vault: 'vault.azure.cn'
  eventHubs: 'servicebus.chinacloudapi.cn'
  // The issuer of its tokens ("Configure an application to trust a managed identity", Azure in China).
  login: 'https://login.partner.microsoftonline.cn'
  sites: 'chinacloudsites.cn'
  privateVault: 'privatelink.vaultcore.azure.cn'
}

@export()
@description('Suffixes and sign-in address by cloud.')
var clouds = {
  public: global
  gcc: global
  gcchigh: government
  dod: government
  china: china
}
