import { CommitConflictError } from '../../pipeline/decide-and-commit.ts';
import { errorFields } from '../../telemetry/log.ts';
import { isFromOwnPage } from '../access/cross-site.ts';
import { isLocalAddress, sessionCookie, sessionHashIn } from '../access/session.ts';
import type { Viewing } from '../access/viewer.ts';
import type { ActionEndpoint } from '../endpoint.ts';
import { matchEndpoint } from '../match-endpoint.ts';
import { type Answer, PROBLEMS, ProblemError } from '../problem.ts';
import { ENDPOINTS } from '../register.ts';
import { performAction } from '../serve-api.ts';
import type { PageProblem } from './error-page.ts';
import { matchPage, type PageMatch } from './match-page.ts';
import { seeOther } from './page-answer.ts';
import {
  noPage,
  type PagePorts,
  type PageRequest,
  pageProblem,
  problemPage,
  readerOf,
  refusedPage,
  showPage,
} from './show-page.ts';

/** As a body of the API. */
const MAX_BYTES = 16 * 1024;

/**
 * A form of one of our pages, sent to that page's own address. What it asks for is done by the endpoint of that
 * name; then the browser is sent back to the page, or sees it again with what is wrong. Throws what the page and
 * the endpoint throw.
 */
export async function submitAction(
  request: PageRequest,
  url: URL,
  seen: Viewing,
  ports: PagePorts,
): Promise<Answer> {
  const { access } = ports;
  const place = { reader: readerOf(seen, ports) };
  if (!isFromOwnPage(request.header, ports.publicUrl)) return problemPage(FOREIGN, url, ports, place);
  const sent = await readFields(request);
  if (!(sent instanceof Map)) return problemPage(sent, url, ports, place);
  const action = sent.get('action') ?? '';
  if (action === 'sign-out' && access === 'keys') return signOut(request, url, ports);
  if ('refused' in seen) return refusedPage(seen.refused, { url, method: request.method }, ports);
  const match = matchPage(url.pathname);
  if (!match) return problemPage(noPage(url), url, ports, place);
  const { viewer } = seen;
  if (!viewer.mayAct) return problemPage(mayNotAct(ports), url, ports, place);
  const asked = match.page.actions.includes(action) ? actionOf(action, match, sent) : undefined;
  if (!asked) return problemPage(unknownAction(action), url, ports, place);
  try {
    await performAction(asked, asked.fields, { access, signedIn: viewer.signedIn }, ports);
    return seeOther(withOutcome(url, action));
  } catch (error) {
    const isRefused = error instanceof ProblemError;
    if (!isRefused) ports.log.error('page-failed', errorFields(error));
    const problem = {
      detail: isRefused ? error.message : whyNotDone(error),
      form: `${action}${sent.get('form') ?? ''}`,
      typed: asked.fields,
      ...(isRefused || error instanceof CommitConflictError ? {} : { isUncertain: true as const }),
      ...(isRefused && error.field !== undefined ? { field: error.field } : {}),
    };
    const { status } = PROBLEMS[isRefused ? error.kind : 'not-available'];
    const page = showPage({ url, viewer, match, ports }, { problem }, status);
    // Where the page can't be read either, the reason is the first failure.
    return isRefused ? page : page.catch(() => Promise.reject(error));
  }
}

/** For whoever sent a form that failed and was not refused. */
export function whyNotDone(error: unknown): string {
  return error instanceof CommitConflictError
    ? 'Others keep writing at the same time. Send it again in a moment.'
    : 'What Lockwatch remembers can not be read or written just now. Whether this was done is not certain: look at the page, or do it again; done twice is done once.';
}

async function signOut(
  { header }: PageRequest,
  url: URL,
  { sessions, isInAzure }: PagePorts,
): Promise<Answer> {
  const isLocal = isLocalAddress(url, isInAzure);
  const hash = sessionHashIn(header('cookie'), isLocal);
  if (hash !== undefined) await (await sessions()).end(hash);
  return { ...seeOther('/'), cookies: [sessionCookie('', isLocal)] };
}

interface AskedAction {
  endpoint: ActionEndpoint<unknown, unknown, unknown>;
  id: string;
  fields: Record<string, string>;
}

/**
 * What the action is about: what the page is about; or, where the action is one on something else, the field of
 * that kind (`policy` of `/policies/{id}/check`). Undefined where nothing is named.
 */
function actionOf(
  action: string,
  { page, encodedId }: PageMatch,
  sent: ReadonlyMap<string, string>,
): AskedAction | undefined {
  const path = ENDPOINTS.find(({ id, method }) => id === action && method === 'POST')?.path;
  if (path === undefined) return undefined;
  const folder = path.split('/')[1] ?? '';
  const kind = page.path.startsWith(`/${folder}/`) ? undefined : KINDS[folder];
  const named = kind === undefined ? encodedId : encodeURIComponent(sent.get(kind) ?? '');
  const match = matchEndpoint(
    'POST',
    path.replace('{id}', () => named),
  );
  if (!('endpoint' in match) || match.endpoint.method !== 'POST') return undefined;
  const fields = [...sent].filter(([name]) => name !== 'action' && name !== 'form' && name !== kind);
  return { endpoint: match.endpoint, id: match.id, fields: Object.fromEntries(fields) };
}

const KINDS: Readonly<Record<string, string>> = {
  incidents: 'incident',
  policies: 'policy',
  vaults: 'vault',
};

/** An empty field is one that was not given. */
async function readFields(request: PageRequest): Promise<Map<string, string> | PageProblem> {
  const type = (request.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return NO_FORM;
  const bytes = await request.body();
  if (bytes.length > MAX_BYTES) return TOO_LONG;
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes)))
    if (value.trim() !== '' && !fields.has(name)) fields.set(name, value);
  return fields;
}

/** The same page, with what was done. */
function withOutcome({ pathname, searchParams }: URL, action: string): string {
  const parameters = [...searchParams].filter(([name]) => name.toLowerCase() !== 'code' && name !== 'done');
  return `${pathname}?${new URLSearchParams([...parameters, ['done', action]])}`;
}

const FOREIGN = pageProblem(
  'not-allowed',
  'Nothing was done: this form was not sent by a page at this address. If Lockwatch has an address of its own, set LOCKWATCH_PUBLIC_URL to it.',
);
const NO_FORM: PageProblem = {
  status: 415,
  title: 'Not a form',
  detail: 'Nothing was done. A page takes its own forms; scripts send JSON to the same address under /api.',
};
const TOO_LONG = pageProblem('too-long', `Nothing was done: a form has at most ${MAX_BYTES} bytes.`);

function mayNotAct({ access }: PagePorts): PageProblem {
  return pageProblem(
    'not-allowed',
    access === 'keys'
      ? 'Nothing was done. You signed in with a key that may only read. Sign out, then sign in with a key of the function actions, or a host key.'
      : 'Nothing was done. This needs the app role Lockwatch.Operator. An owner of Lockwatch’s enterprise application in Entra assigns it (Users and groups); then sign in again.',
  );
}

function unknownAction(action: string): PageProblem {
  return pageProblem(
    'bad-request',
    `Nothing was done: this page has no form for '${action.slice(0, 40)}', or the form does not name what it is about.`,
  );
}
