import type { Person } from '../../incidents/incident.ts';
import { CommitConflictError } from '../../pipeline/decide-and-commit.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { errorFields } from '../../telemetry/log.ts';
import type { Access } from '../access/admit.ts';
import { BY_HEADER } from '../access/cross-site.ts';
import { type Answer, problem } from '../problem.ts';
import { FilterError, readFields } from '../status/filter.ts';
import { ActionError, problemOf } from './action-error.ts';
import { answerDrill } from './answer-drill.ts';
import { BODIES, readActionBody } from './bodies.ts';
import { answerIncidentAction } from './incident-actions.ts';
import { personActing } from './person-acting.ts';
import { answerCheck, answerPolicySilence, answerVaultSilence } from './policy-actions.ts';

/** One POST. */
export interface ActionRequest {
  url: string;
  header(name: string): string | null;
  body: Uint8Array;
}

/** Admission was decided before; `signedIn`: the person from the platform's sign-in. */
export interface ActingPerson {
  access: Access;
  signedIn?: Person | undefined;
}

/**
 * Answers one POST. Never throws: every error becomes a problem document that names the field and the
 * remediation, without internal details.
 * @example
 * const request = { url: 'http://localhost/api/drill', header: () => null, body: new Uint8Array() };
 * await answerAction(request, { access: 'keys' }, ports);
 */
export async function answerAction(
  request: ActionRequest,
  actor: ActingPerson,
  ports: Ports,
): Promise<Answer> {
  try {
    return await route(request, actor, ports);
  } catch (error) {
    if (error instanceof ActionError) return problemOf(error);
    if (error instanceof FilterError)
      return problem(400, 'Bad request', error.message, { field: error.field });
    if (error instanceof URIError)
      return problem(400, 'Bad request', 'The address holds a % that is no encoded character.');
    ports.log.error('action-failed', errorFields(error));
    if (error instanceof CommitConflictError)
      return problem(503, 'Not available', 'Others keep writing at the same time. Try again in a moment.');
    return problem(
      503,
      'Not available',
      'What Lockwatch remembers can not be read or written just now. Whether this was done is not certain: ask, or do it again; done twice is done once.',
    );
  }
}

async function route(request: ActionRequest, actor: ActingPerson, ports: Ports): Promise<Answer> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/api\b/i, '').replace(/\/+$/, '');
  const sent = {
    contentType: request.header('content-type'),
    transferEncoding: request.header('transfer-encoding'),
    bytes: request.body,
  };
  const by = (body?: string) =>
    personActing(actor.access, actor.signedIn, { body, header: request.header(BY_HEADER) });
  const [, id, last] = /^\/incidents\/([^/]+)\/([^/]+)$/i.exec(path) ?? [];
  const action = last?.toLowerCase();
  if (id !== undefined && action !== undefined && isIncidentAction(action)) {
    noParameters(url);
    const { by: named, ...asked } = INCIDENT_ACTIONS[action](sent);
    return answerIncidentAction(decodeURIComponent(id), asked, by(named), request.header('if-match'), ports);
  }
  // An ARM id has slashes, which some front ends decode in transit.
  const [, policy, what] = /^\/policies\/(.+)\/(check|silence)$/i.exec(path) ?? [];
  const [, vault] = /^\/vaults\/(.+)\/silence$/i.exec(path) ?? [];
  const isDrill = path.toLowerCase() === '/drill';
  if (policy === undefined && vault === undefined && !isDrill) return nothingHere(url);
  onlyIncidentsMatch(request.header('if-match'));
  if (isDrill) {
    const { channel } = readFields(url.searchParams, ['channel']);
    return answerDrill(channel, by(readActionBody(BODIES.drill, sent).by), ports);
  }
  noParameters(url);
  if (policy !== undefined && what?.toLowerCase() === 'check') {
    by(readActionBody(BODIES.check, sent).by);
    return answerCheck(decodeURIComponent(policy), ports);
  }
  const { by: named, ...asked } = readActionBody(BODIES.plannedSilence, sent);
  if (policy !== undefined) return answerPolicySilence(decodeURIComponent(policy), asked, by(named), ports);
  return answerVaultSilence(decodeURIComponent(vault ?? ''), asked, by(named), ports);
}

type Sent = Parameters<typeof readActionBody>[1];

const INCIDENT_ACTIONS = {
  acknowledge: (sent: Sent) => ({
    what: 'acknowledge' as const,
    ...readActionBody(BODIES.acknowledge, sent),
  }),
  silence: (sent: Sent) => ({ what: 'silence' as const, ...readActionBody(BODIES.silence, sent) }),
  'support-case': (sent: Sent) => ({
    what: 'supportCase' as const,
    ...readActionBody(BODIES.supportCase, sent),
  }),
  close: (sent: Sent) => ({ what: 'close' as const, ...readActionBody(BODIES.close, sent) }),
};
type IncidentAction = keyof typeof INCIDENT_ACTIONS;

function isIncidentAction(action: string): action is IncidentAction {
  return Object.hasOwn(INCIDENT_ACTIONS, action);
}

/** Ignored parameters mislead: `?until=4h` would silence nothing. */
function noParameters(url: URL): void {
  for (const name of url.searchParams.keys())
    if (name.toLowerCase() !== 'code')
      throw new ActionError(
        400,
        `'${name.slice(0, 40)}' is not taken in the address. Send an action's fields in the body, as JSON.`,
        name.slice(0, 40),
      );
}

/** RFC 9110, section 13.1.1: where no representation has a tag, only `*` matches. */
function onlyIncidentsMatch(ifMatch: string | null): void {
  if (ifMatch !== null && ifMatch.trim() !== '*')
    throw new ActionError(
      412,
      'Only incidents can be guarded by their ETag: leave If-Match out.',
      'If-Match',
    );
}

function nothingHere(url: URL): Answer {
  return problem(
    404,
    'Not found',
    `There is nothing to do at ${url.pathname.slice(0, 200)}. Acts are /api/incidents/{id}/acknowledge, silence, support-case and close; /api/policies/{id}/check and silence; /api/vaults/{id}/silence; /api/drill.`,
  );
}
