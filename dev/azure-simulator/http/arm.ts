import { randomUUID } from 'node:crypto';
import type { Caller } from '../tokens.ts';
import { mayRead } from '../world/access.ts';
import type { ArmDependencies } from './arm-route.ts';
import { ARM_ROUTES } from './arm-routes.ts';
import { failure, type Handler, type IncomingRequest, type SimulatorAnswer } from './serve.ts';

/** The audiences that Resource Manager accepts ("Azure Resource Manager: authenticate"). */
export const ARM_AUDIENCES = ['https://management.azure.com', 'https://management.core.windows.net'];

/**
 * Azure Resource Manager: authentication, authorization, existence, in the order in which Azure checks them.
 */
export function armHandler(dependencies: ArmDependencies): Handler {
  return async (request) => {
    await dependencies.latency();
    const fault = dependencies.faults.meet('arm', request);
    if (fault) return fault;
    const answer = await respond(dependencies, request);
    note(dependencies, request, answer);
    const id = randomUUID();
    const headers = { 'x-ms-request-id': id, 'x-ms-correlation-request-id': id, ...answer.headers };
    return { ...answer, headers };
  };
}

/** The requests of the app's identity are recorded: its role must allow exactly those. */
function note(
  { state, tokens, asked }: ArmDependencies,
  request: IncomingRequest,
  { status }: SimulatorAnswer,
): void {
  const checked = tokens.check(request.headers.authorization, ARM_AUDIENCES, state.now());
  if (!('caller' in checked) || checked.caller.objectId !== state.current().app.objectId) return;
  asked.add({ method: request.method, path: decodePath(request.url.pathname) ?? '', status });
}

async function respond(dependencies: ArmDependencies, request: IncomingRequest): Promise<SimulatorAnswer> {
  const { state, tokens } = dependencies;
  const world = state.current();
  const checked = tokens.check(request.headers.authorization, ARM_AUDIENCES, state.now());
  if (!('caller' in checked)) {
    const challenge = `Bearer authorization_uri="https://login.windows.net/${world.tenantId}", error="invalid_token"`;
    return failure(401, checked.code, checked.message, { 'www-authenticate': challenge });
  }

  const path = decodePath(request.url.pathname);
  if (path === undefined) return failure(400, 'BadRequest', 'The request address is not valid.');
  const apiVersion = request.url.searchParams.get('api-version');
  if (!apiVersion)
    return failure(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );

  const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(path)?.[1];
  if (subscriptionId && !world.subscriptions.some((entry) => entry.id === subscriptionId.toLowerCase()))
    return failure(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);

  for (const route of ARM_ROUTES) {
    const match = route.path.exec(path);
    if (!match || route.method !== request.method) continue;
    if (!route.apiVersions.test(apiVersion))
      return failure(
        400,
        'NoRegisteredProviderFound',
        `No registered resource provider found for API version '${apiVersion}' for type '${route.type}'.`,
      );
    const scope = route.scope?.(match);
    if (scope !== undefined && !mayRead(state.propagated(), checked.caller.objectId, route.action, scope))
      return forbidden(checked.caller, route.action, scope);
    return route.answer({
      ...dependencies,
      request,
      match,
      world,
      propagated: state.propagated(),
      caller: checked.caller,
    });
  }
  return failure(
    404,
    'InvalidResourceType',
    `The resource type could not be found for api version '${apiVersion}'.`,
  );
}

function forbidden(caller: Caller, action: string, scope: string): SimulatorAnswer {
  return failure(
    403,
    'AuthorizationFailed',
    `The client '${caller.applicationId}' with object id '${caller.objectId}' does not have authorization to perform ` +
      `action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please ` +
      'refresh your credentials.',
  );
}

/** Decoded, without doubled slashes and without a trailing one; undefined where it can't be decoded. */
function decodePath(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname)
      .replace(/\/{2,}/g, '/')
      .replace(/\/+$/, '');
  } catch {
    return undefined;
  }
}
