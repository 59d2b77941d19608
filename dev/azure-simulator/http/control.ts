import * as z from 'zod';
import { listScenarios } from '../scenarios/register.ts';
import { ScenarioRefusedError } from '../scenarios/scenario.ts';
import { resolveActor } from '../scenarios/target.ts';
import type { SimulatorState } from '../state.ts';
import type { Tokens } from '../tokens.ts';
import type { AskedList } from './asked.ts';
import { type Faults, faultRequest } from './faults.ts';
import { failure, type Handler, type IncomingRequest, type SimulatorAnswer } from './serve.ts';
import { stateForPeople } from './state-for-people.ts';

const name = z.string().min(1).max(500);
const scenarioSchema = z.strictObject({
  policy: name.optional(),
  vault: name.optional(),
  key: name.optional(),
  environment: name.optional(),
  actor: name.optional(),
  as: name.optional(),
});
const tokenRequest = z.strictObject({ actor: name.optional(), resource: name });

export interface ControlDependencies {
  state: SimulatorState;
  tokens: Tokens;
  faults: Faults;
  asked: AskedList;
}

/** The control port: scenarios, faults, the state for people and the audit records. The console shows them. */
export function controlHandler(dependencies: ControlDependencies): Handler {
  return async (request) => {
    // A page of another site must not run scenarios through a visitor's browser.
    if (request.headers.origin && request.headers.origin !== request.url.origin)
      return failure(403, 'ForeignOrigin', 'Requests from other pages are refused.');
    try {
      return await respond(dependencies, request);
    } catch (error) {
      if (!(error instanceof ScenarioRefusedError)) throw error;
      const { field, choices, code = 'ScenarioRefusedError' } = error;
      return {
        status: error.status,
        body: { error: { code, message: error.message, field, choices } },
      };
    }
  };
}

async function respond(
  { state, tokens, faults, asked: askedOfArm }: ControlDependencies,
  request: IncomingRequest,
): Promise<SimulatorAnswer> {
  const path = request.url.pathname.replace(/\/+$/, '') || '/';
  const scenario = /^\/scenarios\/([^/]+)$/.exec(path)?.[1];
  if (request.method === 'POST' && scenario) {
    const asked = readBody(scenarioSchema, request);
    return 'status' in asked ? asked : { status: 200, body: await state.scenario(scenario, asked.value) };
  }
  switch (`${request.method} ${path}`) {
    case 'GET /scenarios':
      return {
        status: 200,
        body: listScenarios(),
      };
    case 'GET /state':
      return { status: 200, body: stateForPeople(state) };
    case 'GET /events':
      return { status: 200, body: state.scenarios() };
    case 'GET /audit':
      return { status: 200, body: { records: state.audit() } };
    case 'GET /asked':
      return { status: 200, body: askedOfArm.list() };
    case 'GET /faults':
      return { status: 200, body: faults.list() };
    case 'DELETE /faults':
      faults.clear();
      return { status: 204 };
    case 'POST /faults': {
      const asked = readBody(faultRequest, request);
      return 'status' in asked ? asked : { status: 201, body: faults.add(asked.value) };
    }
    case 'POST /tokens': {
      const asked = readBody(tokenRequest, request);
      if ('status' in asked) return asked;
      const { objectId, applicationId } = resolveActor(state.current(), asked.value.actor);
      const { token } = tokens.issue({ objectId, applicationId }, asked.value.resource, state.now());
      return { status: 200, body: { access_token: token } };
    }
    default:
      return failure(
        404,
        'NotFound',
        'Try GET /scenarios, /state, /events, /audit, /asked or /faults; POST /scenarios/{name}, /faults.',
      );
  }
}

/** The request's JSON, an empty body counting as `{}`; or the answer that names its fault. */
function readBody<T>(schema: z.ZodType<T>, request: IncomingRequest): { value: T } | SimulatorAnswer {
  let value: unknown = {};
  try {
    if (request.body.trim() !== '') value = JSON.parse(request.body);
  } catch {
    return failure(400, 'BadRequest', 'The request body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  return failure(400, 'BadRequest', faults.join('; '));
}
