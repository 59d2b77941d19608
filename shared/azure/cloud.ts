/** The addresses of a cloud's services, and the token scope of each. */
export interface Cloud {
  armEndpoint: string;
  armScope: string;
  /** The Power Platform admin API ("BAP"). */
  powerPlatformEndpoint: string;
  powerPlatformScope: string;
  /**
   * The Power Platform API ("Programmability and extensibility"). Absent where sources differ on the address
   * or none is published: there it is asked only if the settings name it.
   */
  powerPlatformApiEndpoint?: string;
  powerPlatformApiScope?: string;
  portalUrl: string;
  /** Microsoft Graph docs: "National cloud deployments". */
  graphUrl: string;
  adminCenterUrl: string;
}

export type CloudName = 'public' | 'gcc' | 'gcchigh' | 'dod' | 'china';

const AZURE = {
  armEndpoint: 'https://management.azure.com',
  armScope: 'https://management.azure.com/.default',
  portalUrl: 'https://portal.azure.com',
  graphUrl: 'https://graph.microsoft.com',
};
const AZURE_GOVERNMENT = {
  armEndpoint: 'https://management.usgovcloudapi.net',
  armScope: 'https://management.usgovcloudapi.net/.default',
  portalUrl: 'https://portal.azure.us',
  graphUrl: 'https://graph.microsoft.us',
};

/**
 * Power Platform docs: "Power Platform for US Government" (service URLs) and the environments that the
 * PowerApps administration module knows; Azure docs: "Azure Government" and "Azure China" endpoint tables.
 * GCC tenants are in Entra public, and so are their Azure resources: only Power Platform differs.
 */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  public: {
    ...AZURE,
    powerPlatformEndpoint: 'https://api.bap.microsoft.com',
    powerPlatformScope: 'https://service.powerapps.com/.default',
    powerPlatformApiEndpoint: 'https://api.powerplatform.com',
    powerPlatformApiScope: 'https://api.powerplatform.com/.default',
    adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  },
  gcc: {
    ...AZURE,
    powerPlatformEndpoint: 'https://gov.api.bap.microsoft.us',
    powerPlatformScope: 'https://service.powerapps.us/.default',
    adminCenterUrl: 'https://gcc.admin.powerplatform.microsoft.us',
  },
  gcchigh: {
    ...AZURE_GOVERNMENT,
    powerPlatformEndpoint: 'https://high.api.bap.microsoft.us',
    powerPlatformScope: 'https://high.service.powerapps.us/.default',
    adminCenterUrl: 'https://high.admin.powerplatform.microsoft.us',
  },
  dod: {
    ...AZURE_GOVERNMENT,
    graphUrl: 'https://dod-graph.microsoft.us',
    powerPlatformEndpoint: 'https://api.bap.appsplatform.us',
    powerPlatformScope: 'https://service.apps.appsplatform.us/.default',
    adminCenterUrl: 'https://admin.appsplatform.us',
  },
  china: {
    armEndpoint: 'https://management.chinacloudapi.cn',
    armScope: 'https://management.chinacloudapi.cn/.default',
    portalUrl: 'https://portal.azure.cn',
    graphUrl: 'https://microsoftgraph.chinacloudapi.cn',
    powerPlatformEndpoint: 'https://api.bap.partner.microsoftonline.cn',
    powerPlatformScope: 'https://service.powerapps.cn/.default',
    adminCenterUrl: 'https://admin.powerplatform.partner.microsoftonline.cn',
  },
};
