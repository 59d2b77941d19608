import * as z from 'zod';
import { httpsAddress, optionalText } from '../../azure/answer-schema.ts';
import type { Get } from '../../azure/azure-get.ts';
import type { Deadline } from '../../azure/deadline.ts';
import { environmentKey } from '../environment-state.ts';
import {
  linkOf,
  linkStatusOf,
  type ParsedRow,
  readTenantList,
  type TenantList,
  type UnreadList,
} from './tenant-list.ts';

/**
 * The admin API that the PowerApps administration module calls; links to policies are returned only if
 * expanded.
 */
const ADMIN_ENVIRONMENTS =
  '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version=2023-06-01&$expand=properties/enterprisePolicies';

const RIGHT =
  "a registration there as a management application; or else the Power Platform reader role, with which the Power Platform API answers, or an inventory file in the list's place";

/**
 * The list of the admin API ("BAP"). It answers only administrators and applications that an administrator
 * registered, and these see every environment of the tenant.
 */
export function readAdminList(get: Get, deadline: Deadline): Promise<TenantList | UnreadList> {
  return readTenantList(get, deadline, {
    api: 'The Power Platform admin API',
    right: RIGHT,
    target: ADMIN_ENVIRONMENTS,
    schema,
    rowOf,
  });
}

/** The admin API also has a host for each region: `{geo}.api.bap.microsoft.com`. */
export function isRegionOf(endpoint: string): (url: URL) => boolean {
  const { protocol, host } = new URL(endpoint);
  return (url) => {
    const region = url.host.endsWith(`.${host}`) ? url.host.slice(0, -host.length - 1) : '';
    return url.protocol === protocol && /^[a-z0-9-]+$/.test(region);
  };
}

/** A descriptive field must not make a list unreadable; a linking field must. */
const describes = optionalText.optional().catch(undefined);

const schema = z.object({
  name: z.string().min(1),
  location: describes,
  properties: z
    .object({
      displayName: describes,
      environmentSku: describes,
      linkedEnvironmentMetadata: z
        .object({ instanceUrl: describes, instanceState: describes })
        .nullish()
        .catch(undefined),
      enterprisePolicies: z
        .object({
          customerManagedKeys: z
            .object({ id: optionalText, systemId: optionalText, linkStatus: describes })
            .nullish(),
        })
        .nullish(),
      states: z
        .object({
          management: z.object({ id: describes }).nullish().catch(undefined),
          runtime: z.object({ id: describes, runtimeReasonCode: describes }).nullish().catch(undefined),
        })
        .nullish()
        .catch(undefined),
    })
    .nullish(),
});

function rowOf({ name, location, properties }: z.infer<typeof schema>): ParsedRow {
  const metadata = properties?.linkedEnvironmentMetadata;
  const runtime = properties?.states?.runtime;
  const key = properties?.enterprisePolicies?.customerManagedKeys;
  const link = linkOf([key?.id, key?.systemId]);
  return {
    environment: {
      id: environmentKey(name),
      displayName: properties?.displayName ?? name,
      sku: properties?.environmentSku ?? 'Unknown',
      region: location ?? '',
      url: httpsAddress(metadata?.instanceUrl),
      linkStatus: linkStatusOf(key?.linkStatus),
      managementState: properties?.states?.management?.id,
      instanceState: metadata?.instanceState,
      runtimeState: runtime?.id,
      runtimeReasonCode: runtime?.runtimeReasonCode,
    },
    link,
    hasUnknownLink: link === undefined && key?.linkStatus !== undefined,
  };
}
