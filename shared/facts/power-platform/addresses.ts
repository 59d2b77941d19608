import type { Cloud } from '../../azure/cloud.ts';
import type { ApiAddress } from './read-tenant.ts';

/** The settings that move an API away from the cloud's own address. */
export interface AddressSettings {
  powerPlatformEndpoint?: string;
  powerPlatformScope?: string;
  powerPlatformApiEndpoint?: string;
  powerPlatformApiScope?: string;
}

/** Where the two environment APIs are. `platform` absent: its address is not known in this cloud. */
export function environmentApis(
  settings: AddressSettings,
  cloud: Cloud,
): { admin: ApiAddress; platform?: ApiAddress } {
  const admin = {
    endpoint: settings.powerPlatformEndpoint ?? cloud.powerPlatformEndpoint,
    scope: settings.powerPlatformScope ?? cloud.powerPlatformScope,
  };
  const endpoint = settings.powerPlatformApiEndpoint ?? cloud.powerPlatformApiEndpoint;
  if (endpoint === undefined) return { admin };
  const scope =
    settings.powerPlatformApiScope ?? cloud.powerPlatformApiScope ?? `${new URL(endpoint).origin}/.default`;
  return { admin, platform: { endpoint, scope } };
}
