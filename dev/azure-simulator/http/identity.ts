import { randomUUID } from 'node:crypto';
import type { SimulatorState } from '../state.ts';
import type { Tokens } from '../tokens.ts';
import { ARM_AUDIENCES } from './arm.ts';
import type { Faults } from './faults.ts';
import { GRAPH_AUDIENCES } from './graph.ts';
import { POWER_PLATFORM_AUDIENCES } from './power-platform.ts';
import { POWER_PLATFORM_API_AUDIENCES } from './power-platform-api.ts';
import type { Handler, SimulatorAnswer } from './serve.ts';

const STORAGE_AUDIENCES = ['https://storage.azure.com'];
const KNOWN = [
  ...ARM_AUDIENCES,
  ...POWER_PLATFORM_AUDIENCES,
  ...POWER_PLATFORM_API_AUDIENCES,
  ...GRAPH_AUDIENCES,
  ...STORAGE_AUDIENCES,
  'https://eventhubs.azure.net',
];

/** A token with less life than this is not given again. */
const RENEWED_MS = 5 * 60_000;

/**
 * The managed identity endpoint of App Service and Functions ("How to use managed identities for App Service
 * and Azure Functions", REST endpoint reference): resource, api-version, client_id and the secret header. It
 * gives the same token again until shortly before its end ("Managed identities: frequently asked questions": a
 * cache per resource, for about 24 hours).
 */
export function identityHandler(options: {
  state: SimulatorState;
  tokens: Tokens;
  faults: Faults;
  header: string;
}): Handler {
  return (request) => {
    const fault = options.faults.meet('identity', request);
    if (fault) return fault;
    const { state, tokens } = options;
    const { app } = state.current();
    const query = request.url.searchParams;
    const resource = query.get('resource');
    const clientId = query.get('client_id');
    if (request.headers['x-identity-header'] !== options.header) return refusal(401, 'Unauthorized');
    if (query.get('api-version') !== '2019-08-01') return refusal(400, 'The api-version is not supported.');
    // The app is deployed with a user-assigned identity only: without its id there is no token.
    if (!clientId) return refusal(400, 'Unable to load the proper Managed Identity.');
    if (clientId.toLowerCase() !== app.clientId)
      return refusal(
        400,
        'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      );
    if (!resource || !KNOWN.includes(resource.replace(/\/+$/, '').toLowerCase()))
      return refusal(
        400,
        `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`,
      );
    const caller = { objectId: app.objectId, applicationId: app.clientId };
    const now = state.now();
    let kept = app.tokens.find((one) => one.resource === resource && one.expiresOn * 1000 - now > RENEWED_MS);
    if (!kept) {
      kept = { resource, ...tokens.issue(caller, resource, now) };
      app.tokens = [...app.tokens.filter((one) => one.resource !== resource), kept];
    }
    const { token, expiresOn } = kept;
    return {
      status: 200,
      body: {
        access_token: token,
        expires_on: `${expiresOn}`,
        resource,
        token_type: 'Bearer',
        client_id: app.clientId,
      },
    };
  };
}

function refusal(statusCode: number, message: string): SimulatorAnswer {
  return { status: statusCode, body: { statusCode, message, correlationId: randomUUID() } };
}
