import type { Ports } from '../../pipeline/ports.ts';
import type { SessionStore } from '../../storage/sessions.ts';
import type { Access } from '../access/admit.ts';
import type { Viewer, Viewing } from '../access/viewer.ts';
import { apiAddress } from '../alternate.ts';
import type { ReadPorts } from '../endpoint.ts';
import { matchEndpoint } from '../match-endpoint.ts';
import { type Answer, PROBLEMS, ProblemError, type ProblemKind, problemType } from '../problem.ts';
import { ENDPOINTS } from '../register.ts';
import { askEndpoint } from '../serve-api.ts';
import type { AnswerSharing } from '../status/answer-sharing.ts';
import { entraPage, errorPage, type PageProblem, type ProblemReader } from './error-page.ts';
import { PAGE_CONTENT_POLICY } from './layout.ts';
import type { PageMatch } from './match-page.ts';
import type { CloudLinks, PageContext, PageViewer } from './page.ts';
import { pageAnswer, seeOther } from './page-answer.ts';
import { signInPage } from './sign-in-page.ts';

/** What pages need besides what the API needs. */
export interface PagePorts extends Ports {
  access: Access;
  sessions(): Promise<SessionStore>;
  isInAzure: boolean;
  /** What a GET of the API may use. */
  read: ReadPorts;
  /** Outlives the invocation: many look at the same page, and each refreshes it. */
  answers?: AnswerSharing<unknown>;
  /** The Microsoft pages of this cloud. */
  links: CloudLinks;
}

export interface PageRequest {
  method: string;
  url: string;
  header(name: string): string | null;
  body(): Promise<Uint8Array>;
}

/** A request whose sender may look, with what is needed to answer it. */
export interface Visit {
  url: URL;
  viewer: Viewer;
  match: PageMatch;
  ports: PagePorts;
}

/** Where nobody has signed in, or without the role. */
export function refusedPage(
  refused: { status: 401 | 403; detail: string },
  { url, method }: { url: URL; method: string },
  { access, config: { deployment } }: Pick<PagePorts, 'access' | 'config'>,
): Promise<Answer> {
  const jsonAddress = apiAddress(url);
  if (access === 'keys')
    return signInPage({ url, method }, { status: refused.status, jsonAddress, deployment });
  return entraPage(refused, { url, jsonAddress, deployment });
}

/**
 * The page of the endpoint's answer. `status`: of a form that was not done. Throws `ProblemError`, and what
 * reading the storage throws.
 */
export async function showPage(
  { url, viewer, match, ports }: Visit,
  asked: PageContext['asked'],
  status: number,
): Promise<Answer> {
  const { page } = match;
  const isForOperators = ENDPOINTS.some(
    ({ id, access }) => id === page.endpoint && access === 'operatorRead',
  );
  if (isForOperators && !viewer.mayAct) throw new ProblemError('not-allowed', onlyForOperators(viewer));
  const elsewhere = page.leadsTo?.(withoutKey(url.searchParams));
  if (elsewhere !== undefined) return seeOther(`${url.pathname}${elsewhere}`);
  const { deployment } = ports.config;
  const context: PageContext = {
    ...(deployment === undefined ? {} : { deployment }),
    now: ports.clock.now(),
    path: url.pathname,
    parameters: withoutKey(url.searchParams),
    viewer: pageViewer(viewer),
    links: ports.links,
    ...(asked === undefined ? {} : { asked }),
  };
  const sent = { policy: PAGE_CONTENT_POLICY, jsonAddress: apiAddress(url) };
  try {
    // The register pairs each page with its own endpoint, whose answer this is.
    const rendered = page.render((await answerFor(match, url, ports)) as never, context);
    return await pageAnswer(rendered, { ...sent, status });
  } catch (error) {
    if (!(error instanceof ProblemError) || page.renderProblem === undefined) throw error;
    if (error.kind === 'not-available') throw error;
    const { message: detail, field, kind } = error;
    const rendered = page.renderProblem({ detail, ...(field === undefined ? {} : { field }) }, context);
    // Who opens the page has asked nothing yet.
    const isAsked = context.parameters.size > 0;
    return pageAnswer(rendered, { ...sent, status: isAsked ? PROBLEMS[kind].status : status });
  }
}

function onlyForOperators({ mode }: Viewer): string {
  return mode === 'keys'
    ? 'This page names people, and is for operators alone. You signed in with a key that may only read. Sign out, then sign in with a key of the function actions, or a host key.'
    : 'This page names people, and is for operators alone: it needs the app role Lockwatch.Operator. An owner of Lockwatch’s enterprise application in Entra assigns it (Users and groups); then sign in again.';
}

function answerFor(
  { page, encodedId }: PageMatch,
  { searchParams }: URL,
  { read, answers }: PagePorts,
): Promise<unknown> {
  const path = ENDPOINTS.find(({ id }) => id === page.endpoint)?.path ?? page.path;
  const match = matchEndpoint(
    'GET',
    path.replace('{id}', () => encodedId),
  );
  if (!('endpoint' in match) || match.endpoint.method !== 'GET')
    throw new TypeError(`The page ${page.path} has no endpoint`);
  const { endpoint, id } = match;
  const parameters = new URLSearchParams(
    [...withoutKey(searchParams)].filter(([name]) => name !== 'done' && !page.ownParameters.includes(name)),
  );
  const compute = () => askEndpoint({ endpoint, id }, parameters, read);
  return answers ? answers.share(JSON.stringify([endpoint.id, id, ...parameters]), compute) : compute();
}

export function problemPage(
  problem: PageProblem,
  url: URL,
  { config: { deployment } }: Pick<PagePorts, 'config'>,
  { reader, headers }: { reader?: ProblemReader | undefined; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return errorPage(problem, {
    url,
    jsonAddress: apiAddress(url),
    deployment,
    ...(headers === undefined ? {} : { headers }),
    ...(reader === undefined ? {} : { reader }),
  });
}

function pageViewer({ mode, mayAct, signedIn }: Viewer): PageViewer {
  return { mode, mayAct, ...(signedIn === undefined ? {} : { name: signedIn.name }) };
}

/** Who may look keeps the navigation, whatever is wrong with the page. */
export function readerOf(seen: Viewing, { clock }: Pick<PagePorts, 'clock'>): ProblemReader | undefined {
  return 'viewer' in seen ? { viewer: pageViewer(seen.viewer), now: clock.now() } : undefined;
}

export function pageProblem(kind: ProblemKind, detail: string): PageProblem {
  return { ...PROBLEMS[kind], detail, type: problemType(kind) };
}

export function noPage({ pathname }: URL): PageProblem {
  return pageProblem(
    'not-found',
    `There is no page at ${pathname.slice(0, 200)}. The answers in JSON are under /api.`,
  );
}

/** A key in the address opens nothing here, and is handed on to nothing. */
function withoutKey(parameters: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...parameters].filter(([name]) => name.toLowerCase() !== 'code'));
}
