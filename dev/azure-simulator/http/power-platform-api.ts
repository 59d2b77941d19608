import type { Environment, World } from '../world/world.ts';
import { page } from './paging.ts';
import type { PowerPlatformDependencies } from './power-platform.ts';
import { failure, type Handler, type IncomingRequest, type SimulatorAnswer } from './serve.ts';

export const POWER_PLATFORM_API_AUDIENCES = ['https://api.powerplatform.com'];

const ENVIRONMENTS = '/environmentmanagement/environments';
const ROLES = '/authorization/roleassignments';
/** The versions that the reference and the tutorials name. */
const VERSIONS = ['2024-10-01', '2022-03-01-preview'];
/** OData's name for the address of the next page. */
const LINK_NAME = '@odata.nextLink';

export interface PowerPlatformApiDependencies extends Omit<PowerPlatformDependencies, 'nextPageRegion'> {
  /** Its words for the states of environments. */
  states: Readonly<Record<Environment['runtime'], string>>;
}

/**
 * The Power Platform API, as far as Lockwatch reads it: the environments that the caller may see by Power
 * Platform RBAC, and the role assignments of the tenant. It shares the fault service of the admin API; a
 * fault's path tells them apart.
 */
export function powerPlatformApiHandler(dependencies: PowerPlatformApiDependencies): Handler {
  return async (request) => {
    await dependencies.latency();
    return dependencies.faults.meet('powerPlatform', request) ?? respond(dependencies, request);
  };
}

function respond(
  { state, tokens, pageSize, states }: PowerPlatformApiDependencies,
  request: IncomingRequest,
): SimulatorAnswer {
  const checked = tokens.check(request.headers.authorization, POWER_PLATFORM_API_AUDIENCES, state.now());
  if (!('caller' in checked)) return failure(401, checked.code, checked.message);
  if (!VERSIONS.includes(request.url.searchParams.get('api-version') ?? ''))
    return failure(400, 'BadRequest', 'The api-version is missing or not supported.');
  const world = state.current();
  const scopes = world.powerPlatformRoles
    .filter(({ principalObjectId }) => principalObjectId === checked.caller.objectId)
    .map(({ scope }) => scope);
  const path = request.url.pathname.replace(/\/+$/, '').toLowerCase();
  const isTenant = scopes.includes(`/tenants/${world.tenantId}`);
  if (request.method === 'GET' && path === ENVIRONMENTS) {
    if (scopes.length === 0) return forbidden(request);
    const seen = state.listed().environments.filter((one) => isTenant || maySee(world, scopes, one));
    const rows = seen.map((environment) => flatBody(environment, states));
    return page(rows, request, pageSize, { linkName: LINK_NAME });
  }
  if (request.method === 'GET' && path === ROLES) {
    // A role at a group or an environment reads nothing of the tenant itself ("Scope inheritance").
    if (!isTenant) return forbidden(request);
    return page(world.powerPlatformRoles.map(roleBody), request, pageSize, { linkName: LINK_NAME });
  }
  return failure(404, 'NotFound', 'The specified resource does not exist.');
}

function forbidden(request: IncomingRequest): SimulatorAnswer {
  return failure(403, 'Forbidden', `The caller has no role that reads ${request.url.pathname}.`);
}

function maySee(world: World, scopes: readonly string[], { id, groupId }: Environment): boolean {
  const tenant = `/tenants/${world.tenantId}`;
  return scopes.some(
    (scope) =>
      scope === `${tenant}/environments/${id}` ||
      (groupId !== undefined && scope === `${tenant}/environmentGroups/${groupId}`),
  );
}

/** "Environments - List Environments For User", EnvironmentResponse. The values of `state` are not published. */
function flatBody(environment: Environment, states: PowerPlatformApiDependencies['states']): object {
  const { id, name, sku, runtime, geo, url, link, groupId, deletedAt } = environment;
  return {
    id,
    displayName: name,
    type: sku,
    state: states[runtime],
    adminMode: false,
    geo,
    ...(url === undefined ? {} : { url }),
    ...(deletedAt === undefined ? {} : { deletedDateTime: new Date(deletedAt).toISOString() }),
    ...(groupId === undefined ? {} : { environmentGroupId: groupId }),
    ...(link === undefined
      ? {}
      : {
          enterprisePolicies: {
            encryption: { id: link.systemId, resourceId: link.policyId, status: link.status },
          },
        }),
  };
}

/** "Tutorial: Assign roles to service principals", step 3. */
function roleBody({ id, ...role }: World['powerPlatformRoles'][number]): object {
  const { principalObjectId, roleDefinitionId, scope, createdAt } = role;
  return {
    roleAssignmentId: id,
    principalObjectId,
    roleDefinitionId,
    scope,
    principalType: 'ApplicationUser',
    createdOn: new Date(createdAt).toISOString(),
  };
}
