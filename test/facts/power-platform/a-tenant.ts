import { deadlineIn } from '../../../shared/azure/deadline.ts';
import type { Part } from '../../../shared/azure/part.ts';
import type { EnvironmentReadOptions, PolicyAnswer } from '../../../shared/facts/environments.ts';
import type { EnvironmentsFact } from '../../../shared/facts/facts.ts';
import { powerPlatformEnvironments } from '../../../shared/facts/power-platform/environment-source.ts';
import { handClock } from '../../azure/hand-clock.ts';
import { armError, fakeAzure, list, type Play } from '../fake-azure.ts';
import { POLICY } from '../tenant.ts';

/** A tenant that both environment APIs list, read under one identity. */

export const BAP = 'https://api.bap.microsoft.com';
export const PLATFORM = 'https://api.powerplatform.com';
export const ADMIN_PATH = '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments';
export const PLATFORM_PATH = '/environmentmanagement/environments';
const ROLES_PATH = '/authorization/roleAssignments';
const OWN_ID = 'bbbbbbbb-0000-0000-0000-000000000002';
const READER = 'c886ad2e-27f7-4874-8381-5849b8d8a090';

interface Described {
  /** The policy that it names; null: none. */
  link?: string | null;
  linkStatus?: string;
  state?: string;
}

/** As the admin API lists it. */
export function adminRow(name: string, { link = POLICY, linkStatus = 'Linked', state }: Described = {}) {
  return {
    name,
    location: 'europe',
    properties: {
      displayName: `Env ${name}`,
      environmentSku: 'Production',
      linkedEnvironmentMetadata: { instanceState: state === 'Disabled' ? 'Disabled' : 'Ready' },
      states: { management: { id: 'Ready' }, runtime: { id: state ?? 'Enabled' } },
      ...(link === null ? {} : { enterprisePolicies: { customerManagedKeys: { id: link, linkStatus } } }),
    },
  };
}

/** As the Power Platform API lists it. */
export function platformRow(
  id: string,
  { link = POLICY, linkStatus = 'Linked', state = 'Enabled' }: Described = {},
  more: Record<string, unknown> = {},
) {
  return {
    id,
    displayName: `Env ${id}`,
    type: 'Production',
    state,
    geo: 'europe',
    ...(link === null
      ? {}
      : { enterprisePolicies: { encryption: { id: 's', resourceId: link, status: linkStatus } } }),
    ...more,
  };
}

export function role(scope = '/tenants/t', changes: Record<string, unknown> = {}) {
  return {
    roleAssignmentId: 'r1',
    principalObjectId: OWN_ID,
    roleDefinitionId: READER,
    scope,
    principalType: 'ApplicationUser',
    ...changes,
  };
}

export const REFUSED = armError(403, 'Forbidden');

export interface Tenant {
  admin?: Play;
  platform?: Play;
  roles?: Play;
}

export function aTenant({ admin = REFUSED, platform = REFUSED, roles = list() }: Tenant) {
  const clock = handClock();
  const azure = fakeAzure(clock);
  azure.on(ADMIN_PATH, admin);
  azure.on(PLATFORM_PATH, platform);
  azure.on(ROLES_PATH, roles);
  const claims = Buffer.from(JSON.stringify({ oid: OWN_ID })).toString('base64url');
  const source = powerPlatformEnvironments({
    admin: { endpoint: BAP, scope: 'https://service.powerapps.com/.default' },
    platform: { endpoint: PLATFORM, scope: `${PLATFORM}/.default` },
    clock,
    httpClient: azure,
    credential: {
      getToken: async (scope) => ({
        token: `${String(scope).includes('powerapps') ? 'admin' : 'platform'}.${claims}.signature`,
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      }),
    },
  });
  return {
    clock,
    azure,
    set: ({ admin, platform, roles }: Tenant) => {
      if (admin) azure.on(ADMIN_PATH, admin);
      if (platform) azure.on(PLATFORM_PATH, platform);
      if (roles) azure.on(ROLES_PATH, roles);
    },
    /** One read session. */
    read: (
      id = POLICY,
      policy: PolicyAnswer = {},
      options: EnvironmentReadOptions = {},
    ): Promise<Part<EnvironmentsFact>> =>
      clock.drive(source.begin(deadlineIn(10_000, clock), options).forPolicy(id, Promise.resolve(policy))),
  };
}
