import type { SimulatorState } from '../state.ts';
import type { Tokens } from '../tokens.ts';
import type { World } from '../world/world.ts';
import type { Faults } from './faults.ts';
import { failure, type Handler, type IncomingRequest, type SimulatorAnswer } from './serve.ts';

export const GRAPH_AUDIENCES = ['https://graph.microsoft.com'];
/** Application permissions; the last includes the others ("Microsoft Graph permissions reference"). */
export const GRAPH_PERMISSIONS = ['User.Read.All', 'Application.Read.All', 'Directory.Read.All'] as const;
export type GraphPermission = (typeof GRAPH_PERMISSIONS)[number];

export interface GraphDependencies {
  state: SimulatorState;
  tokens: Tokens;
  faults: Faults;
  latency: () => Promise<void>;
  /** The permissions that were granted to the app's identity. */
  permissions: readonly GraphPermission[];
}

/** Microsoft Graph: "Get a user" and "Get servicePrincipal", by object id. */
export function graphHandler(dependencies: GraphDependencies): Handler {
  return async (request) => {
    await dependencies.latency();
    return dependencies.faults.meet('graph', request) ?? respond(dependencies, request);
  };
}

function respond(
  { state, tokens, permissions }: GraphDependencies,
  request: IncomingRequest,
): SimulatorAnswer {
  const checked = tokens.check(request.headers.authorization, GRAPH_AUDIENCES, state.now());
  if (!('caller' in checked)) return failure(401, 'InvalidAuthenticationToken', checked.message);
  const match = /^\/v1\.0\/(users|servicePrincipals)\/([^/]+)$/i.exec(request.url.pathname);
  const [, collection = '', id = ''] = match ?? [];
  if (request.method !== 'GET' || !match)
    return failure(400, 'BadRequest', `Resource not found for the segment '${request.url.pathname}'.`);
  const isUsers = collection.toLowerCase() === 'users';
  const needed: GraphPermission = isUsers ? 'User.Read.All' : 'Application.Read.All';
  const world = state.current();
  const isApp = checked.caller.objectId === world.app.objectId;
  if (!isApp || !permissions.some((held) => held === needed || held === 'Directory.Read.All'))
    return failure(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  const found = (isUsers ? usersOf : servicePrincipalsOf)(world).find((one) => one.id === id.toLowerCase());
  if (!found)
    return failure(
      404,
      'Request_ResourceNotFound',
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    );
  const context = `https://graph.microsoft.com/v1.0/$metadata#${isUsers ? 'users' : 'servicePrincipals'}/$entity`;
  const asked = (request.url.searchParams.get('$select') ?? '').split(',').filter((name) => name !== '');
  const chosen = Object.entries(found).filter(([name]) => asked.length === 0 || asked.includes(name));
  return { status: 200, body: { '@odata.context': context, ...Object.fromEntries(chosen) } };
}

function usersOf({ people }: World) {
  return people.flatMap(({ objectId, name, upn }) =>
    upn === undefined ? [] : [{ id: objectId, displayName: name, userPrincipalName: upn }],
  );
}

/** Applications, Lockwatch's own identity and those of the enterprise policies. */
function servicePrincipalsOf({ people, app, policies }: World) {
  const applications = people.filter(({ upn }) => upn === undefined);
  return [
    ...applications.map(({ objectId, applicationId, name }) => ({
      id: objectId,
      appId: applicationId,
      displayName: name,
    })),
    { id: app.objectId, appId: app.clientId, displayName: app.name },
    ...policies.map(({ principalId, name }) => ({
      id: principalId,
      appId: principalId,
      displayName: name,
    })),
  ];
}
