import { errorFields } from '../../telemetry/log.ts';
import { isLocalAddress } from '../access/session.ts';
import { type Viewing, viewing } from '../access/viewer.ts';
import { type Answer, ProblemError } from '../problem.ts';
import { TooManyQuestionsError } from '../status/answer-sharing.ts';
import type { ProblemReader } from './error-page.ts';
import { matchPage, type PageMatch } from './match-page.ts';
import type { PageContext } from './page.ts';
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
import { submitAction, whyNotDone } from './submit-action.ts';

/**
 * Answers at every address but `/api`: a page, or what is wrong as a page. Never throws, and never anything but
 * pages: `/api` in any spelling is not among them.
 */
export async function servePage(request: PageRequest, ports: PagePorts): Promise<Answer> {
  const url = new URL(request.url);
  const answer = await answerVisit(request, url, ports).catch((error) => failed(error, request, url, ports));
  return request.method === 'HEAD' ? { ...answer, body: '' } : answer;
}

/** `reader`: who may look; undefined where that could not be read. */
function failed(
  error: unknown,
  { method }: PageRequest,
  url: URL,
  ports: PagePorts,
  reader?: ProblemReader,
): Promise<Answer> {
  const { log } = ports;
  if (error instanceof ProblemError)
    return problemPage(pageProblem(error.kind, error.message), url, ports, { reader });
  if (error instanceof TooManyQuestionsError) {
    log.warn('too-many-questions', errorFields(error));
    const busy = pageProblem('too-many-questions', 'Too many others ask just now. Try again in a moment.');
    return problemPage(busy, url, ports, { reader, headers: { 'retry-after': '5' } });
  }
  log.error('page-failed', errorFields(error));
  return problemPage(pageProblem('not-available', whyNot(error, method)), url, ports, { reader });
}

function whyNot(error: unknown, method: string): string {
  return method === 'POST'
    ? whyNotDone(error)
    : 'What Lockwatch remembers can not be read just now. Try again in a moment.';
}

async function answerVisit(request: PageRequest, url: URL, ports: PagePorts): Promise<Answer> {
  const { method, header } = request;
  const { access, sessions, isInAzure, clock } = ports;
  if (!METHODS.includes(method))
    return problemPage(
      pageProblem('wrong-method', 'A page is read with GET; its forms are sent with POST.'),
      url,
      ports,
      { headers: { allow: METHODS.join(', ') } },
    );
  const isLocal = isLocalAddress(url, isInAzure);
  const seen = await viewing(access, header, { sessions, now: clock.now(), isLocal });
  const reader = readerOf(seen, ports);
  return answerSeen(request, url, seen, ports).catch((error) => failed(error, request, url, ports, reader));
}

function answerSeen(request: PageRequest, url: URL, seen: Viewing, ports: PagePorts): Promise<Answer> {
  const { method } = request;
  if (method === 'POST') return submitAction(request, url, seen, ports);
  if ('refused' in seen) return refusedPage(seen.refused, { url, method }, ports);
  const match = matchPage(url.pathname);
  if (!match) return problemPage(noPage(url), url, ports, { reader: readerOf(seen, ports) });
  return showPage({ url, viewer: seen.viewer, match, ports }, outcomeOf(request, url, match), 200);
}

const METHODS = ['GET', 'HEAD', 'POST'];

/**
 * What a form did, as the address says after it. Only what this site's own form led to counts: a link from
 * elsewhere could claim that something was done. Browsers without Fetch Metadata do not say where they come from.
 */
function outcomeOf(
  { header }: PageRequest,
  { searchParams }: URL,
  { page }: PageMatch,
): PageContext['asked'] {
  const done = searchParams.get('done');
  const fetchSite = header('sec-fetch-site');
  const isOwn = fetchSite === null || fetchSite === 'same-origin';
  return done !== null && isOwn && page.actions.includes(done) ? { done } : undefined;
}
