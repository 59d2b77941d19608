import type { Person } from '../incidents/incident.ts';
import { CommitConflictError } from '../pipeline/decide-and-commit.ts';
import type { Ports } from '../pipeline/ports.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Access } from './access/admit.ts';
import { BY_HEADER } from './access/cross-site.ts';
import { guarded } from './access/guard.ts';
import { checkBody, readActionBody } from './actions/bodies.ts';
import { personActing } from './actions/person-acting.ts';
import type { ActionEndpoint, ReadEndpoint, ReadPorts } from './endpoint.ts';
import { jsonAnswer, passingAnswer, unlessKnown } from './json-answer.ts';
import { type EndpointMatch, matchEndpoint, neededAccessOf } from './match-endpoint.ts';
import { type Answer, answerOfProblem, ProblemError, problem } from './problem.ts';
import { readQuery } from './read-query.ts';
import { ENDPOINTS } from './register.ts';
import { TooManyQuestionsError } from './status/answer-sharing.ts';

export interface Question {
  url: string;
  ifNoneMatch: string | null;
}

/**
 * Answers one GET. Never throws: every error becomes a problem document without internal details. Who asks the
 * same at the same time shares one computation.
 * @example await answer({ url: 'http://localhost/api/status', ifNoneMatch: null }, ports)
 */
export async function answer({ url: asked, ifNoneMatch }: Question, ports: ReadPorts): Promise<Answer> {
  const url = new URL(asked);
  const compute = () => computeAnswer(url, ports);
  try {
    const answered = ports.shared ? await ports.shared.share(sameQuestion(url), compute) : await compute();
    return withServiceLinks(unlessKnown(answered, ifNoneMatch));
  } catch (error) {
    if (!(error instanceof TooManyQuestionsError)) throw error;
    return withServiceLinks(busyAnswer(error, ports));
  }
}

/** Two addresses with the same text get the same answer. The platform's function key is no part of it. */
function sameQuestion({ origin, pathname, searchParams }: URL): string {
  const parameters = [...searchParams].filter(([name]) => name.toLowerCase() !== 'code');
  return JSON.stringify([origin, pathname, ...parameters]);
}

async function computeAnswer(url: URL, ports: ReadPorts): Promise<Answer> {
  try {
    const match = matchEndpoint('GET', url.pathname);
    if (!('endpoint' in match)) return notMatched('GET', url, match);
    if (match.endpoint.method !== 'GET') throw new TypeError(`${match.endpoint.id} is not read`);
    return jsonAnswer(await askEndpoint({ ...match, endpoint: match.endpoint }, url.searchParams, ports));
  } catch (error) {
    return problemAnswer(error, ports, {
      logged: 'status-failed',
      detail: 'What Lockwatch remembers can not be read just now. Try again in a moment.',
    });
  }
}

/** The answer of a GET as plain data. Throws `ProblemError`, and what reading the storage throws. */
export async function askEndpoint(
  { endpoint, id }: { endpoint: ReadEndpoint<unknown, unknown>; id: string },
  parameters: URLSearchParams,
  ports: ReadPorts,
): Promise<unknown> {
  return endpoint.handle({ id, query: readQuery(endpoint.query, parameters, 'GET') }, ports);
}

/** One POST. */
export interface PostRequest {
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
 *
 * `read`: what a question for operators alone may use; without it, none is answered here.
 */
export async function answerAction(
  request: PostRequest,
  actor: ActingPerson,
  ports: Ports,
  read?: ReadPorts,
): Promise<Answer> {
  return withServiceLinks(await computeAction(request, actor, ports, read));
}

async function computeAction(
  request: PostRequest,
  actor: ActingPerson,
  ports: Ports,
  read: ReadPorts | undefined,
): Promise<Answer> {
  try {
    const url = new URL(request.url);
    const match = matchEndpoint('POST', url.pathname);
    if (!('endpoint' in match)) {
      const question = operatorQuestion(url);
      if (question === undefined || read === undefined) return notMatched('POST', url, match);
      return passingAnswer(await askEndpoint(question, url.searchParams, read));
    }
    const { endpoint, id } = match;
    if (endpoint.method !== 'POST') throw new TypeError(`${endpoint.id} is no action`);
    const ifMatch = request.header('if-match');
    if (!endpoint.hasEtag) onlyIncidentsMatch(ifMatch);
    const query = readQuery(endpoint.query, url.searchParams, 'POST');
    const body = readActionBody(
      endpoint.body,
      {
        contentType: request.header('content-type'),
        transferEncoding: request.header('transfer-encoding'),
        bytes: request.body,
      },
      endpoint.takesBody,
    );
    const by = personActing(actor.access, actor.signedIn, {
      body: body.by,
      header: request.header(BY_HEADER),
    });
    const answered = await endpoint.handle({ id, query, body, by, ifMatch }, ports);
    return endpoint.hasEtag ? jsonAnswer(answered) : passingAnswer(answered);
  } catch (error) {
    return problemAnswer(error, ports, {
      logged: 'action-failed',
      detail:
        'What Lockwatch remembers can not be read or written just now. Whether this was done is not certain: ask, or do it again; done twice is done once.',
    });
  }
}

/**
 * What is for operators alone can be asked for with POST as well: with `keys` the host checks another key for it than
 * for GET, the one that lets people act.
 */
function operatorQuestion(url: URL) {
  const match = matchEndpoint('GET', url.pathname);
  if (!('endpoint' in match) || match.endpoint.method !== 'GET') return undefined;
  const { endpoint, id } = match;
  return endpoint.access === 'operatorRead' ? { endpoint, id } : undefined;
}

/**
 * The same action, asked for by a page's form: `fields` are those of the body. Throws `ProblemError`, and what
 * reading and writing the storage throws.
 */
export async function performAction(
  { endpoint, id }: { endpoint: ActionEndpoint<unknown, unknown, unknown>; id: string },
  fields: Record<string, string>,
  actor: ActingPerson,
  ports: Ports,
): Promise<unknown> {
  const body = checkBody(endpoint.body, fields);
  const by = personActing(actor.access, actor.signedIn, { body: body.by, header: null });
  return endpoint.handle({ id, query: {}, body, by, ifMatch: null }, ports);
}

/** Answers whoever holds the right that the endpoint of this address needs. */
export function guardedEndpoint(
  access: Access,
  { method, url }: { method: string; url: string },
  header: (name: string) => string | null,
  answered: (signedIn: Person | undefined) => Promise<Answer>,
  links?: Parameters<typeof guarded>[4],
): Promise<Answer> {
  return guarded(access, neededAccessOf(method, url), header, answered, links);
}

/** Where this API is described, explained and watched: RFC 8631, sections 4.1 to 4.3. */
const SERVICE_LINKS = [
  '</api/openapi.json>; rel="service-desc"; type="application/json"',
  '</docs>; rel="service-doc"; type="text/html"',
  '</api/health>; rel="status"; type="application/json"',
].join(', ');

function withServiceLinks(answered: Answer): Answer {
  return { ...answered, headers: { ...answered.headers, link: SERVICE_LINKS } };
}

/** RFC 9110, section 13.1.1: where no representation has a tag, only `*` matches. */
function onlyIncidentsMatch(ifMatch: string | null): void {
  if (ifMatch !== null && ifMatch.trim() !== '*')
    throw new ProblemError(
      'changed-meanwhile',
      'Only incidents can be guarded by their ETag: leave If-Match out.',
      'If-Match',
    );
}

function problemAnswer(
  error: unknown,
  { log }: Pick<ReadPorts, 'log'>,
  { logged, detail }: { logged: string; detail: string },
): Answer {
  if (error instanceof ProblemError) return answerOfProblem(error);
  if (error instanceof TooManyQuestionsError) return busyAnswer(error, { log });
  log.error(logged, errorFields(error));
  if (error instanceof CommitConflictError)
    return problem('not-available', 'Others keep writing at the same time. Try again in a moment.');
  return problem('not-available', detail);
}

function busyAnswer(error: TooManyQuestionsError, { log }: Pick<ReadPorts, 'log'>): Answer {
  log.warn('too-many-questions', errorFields(error));
  const busy = problem('too-many-questions', 'Too many others ask just now. Try again in a moment.');
  return { ...busy, headers: { ...busy.headers, 'retry-after': '5' } };
}

function notMatched(
  method: 'GET' | 'POST',
  url: URL,
  { status, allow }: Exclude<EndpointMatch, { endpoint: unknown }>,
): Answer {
  const asked = url.pathname.slice(0, 200);
  if (status === 404) {
    const paths = ENDPOINTS.filter((endpoint) => endpoint.method === method).map(({ path }) => `/api${path}`);
    return problem('not-found', `There is nothing at ${asked} to ${method}. There is ${paths.join(', ')}.`);
  }
  const answered = problem(
    'wrong-method',
    method === 'GET' ? onlyByPost(url) : `${asked} is only read: ask for it with ${allow.join(' or ')}.`,
  );
  return { ...answered, headers: { ...answered.headers, allow: allow.join(', ') } };
}

/** Notices contain these addresses, and mail programs turn them into links. */
function onlyByPost({ origin, pathname }: URL): string {
  return `Opening this address does nothing, on purpose: what acts is sent as a POST, with the key or the token that you use otherwise. For example: curl -X POST '${`${origin}${pathname.slice(0, 500)}`.replaceAll("'", '%27')}' -H 'content-type: application/json'. A silence, a support case and a closing need a JSON body; /api/openapi.json describes each.`;
}
