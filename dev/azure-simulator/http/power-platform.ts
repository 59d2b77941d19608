import type { SimulatorState } from '../state.ts';
import type { Tokens } from '../tokens.ts';
import type { Environment } from '../world/world.ts';
import type { Faults } from './faults.ts';
import { page } from './paging.ts';
import { failure, type Handler, type IncomingRequest, type SimulatorAnswer } from './serve.ts';

export const POWER_PLATFORM_AUDIENCES = ['https://service.powerapps.com'];

const LIST = '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments';

export interface PowerPlatformDependencies {
  state: SimulatorState;
  tokens: Tokens;
  faults: Faults;
  latency: () => Promise<void>;
  pageSize: number;
  /** The region whose host continues a list. */
  nextPageRegion?: string;
}

/** The Power Platform admin API ("BAP"): the list of environments, and one of them. */
export function powerPlatformHandler(dependencies: PowerPlatformDependencies): Handler {
  return async (request) => {
    await dependencies.latency();
    return dependencies.faults.meet('powerPlatform', request) ?? respond(dependencies, request);
  };
}

function respond(
  { state, tokens, pageSize, nextPageRegion }: PowerPlatformDependencies,
  request: IncomingRequest,
): SimulatorAnswer {
  const checked = tokens.check(request.headers.authorization, POWER_PLATFORM_AUDIENCES, state.now());
  if (!('caller' in checked)) return failure(401, checked.code, checked.message);
  if (!request.url.searchParams.get('api-version'))
    return failure(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter is required for all requests.',
    );
  const world = state.current();
  const { objectId, applicationId } = checked.caller;
  // "Create a service principal application via API": only a registered application has access, whatever its
  // Entra role.
  if (!world.managementApplications.includes(applicationId))
    return failure(
      403,
      'Forbidden',
      `The service principal with id '${objectId}' for application ${applicationId} does not have permission to access the path '${request.url.pathname}'.`,
    );
  const path = request.url.pathname.replace(/\/+$/, '').toLowerCase();
  const expanded = (request.url.searchParams.get('$expand') ?? '')
    .toLowerCase()
    .includes('enterprisepolicies');
  if (request.method === 'GET' && path === LIST.toLowerCase()) {
    const { environments } = state.listed();
    const items = environments.map((environment) => environmentBody(environment, expanded));
    return page(items, request, pageSize, { region: nextPageRegion });
  }
  const id = path.startsWith(`${LIST.toLowerCase()}/`) ? path.split('/').at(-1) : undefined;
  const found = world.environments.find((environment) => environment.id === id);
  if (request.method === 'GET' && found) return { status: 200, body: environmentBody(found, expanded) };
  return failure(404, 'EnvironmentNotFound', 'The environment could not be found in the tenant.');
}

function environmentBody(environment: Environment, expanded: boolean): object {
  const { id, link } = environment;
  return {
    id: `${LIST}/${id}`,
    name: id,
    type: 'Microsoft.BusinessAppPlatform/scopes/environments',
    location: environment.geo,
    properties: {
      displayName: environment.name,
      environmentSku: environment.sku,
      azureRegion: environment.geo === 'europe' ? 'westeurope' : 'eastus',
      provisioningState: 'Succeeded',
      // Does not depend on the key: it remains at Microsoft for environments that have a key of their own.
      protectionStatus: { keyManagedBy: 'Microsoft' },
      states: {
        management: { id: 'Ready' },
        runtime: { id: environment.runtime, runtimeReasonCode: 'NotSpecified' },
      },
      ...(environment.instance
        ? {
            linkedEnvironmentMetadata: {
              instanceUrl: environment.url,
              instanceState: environment.deletedAt === undefined ? environment.instance : 'Deleting',
              version: '9.2.26104.00172',
            },
          }
        : {}),
      ...(expanded && link
        ? {
            enterprisePolicies: {
              customerManagedKeys: { id: link.policyId, systemId: link.systemId, linkStatus: link.status },
            },
          }
        : {}),
    },
  };
}
