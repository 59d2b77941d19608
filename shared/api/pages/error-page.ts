import { html } from 'hono/html';
import type { Answer } from '../problem.ts';
import { barePage } from './bare-page.ts';
import { layout, PAGE_CONTENT_POLICY } from './layout.ts';
import type { Html, PageContext, PageViewer } from './page.ts';
import { pageAnswer } from './page-answer.ts';

/** What could not be answered, for people. */
export interface PageProblem {
  status: number;
  title: string;
  detail: string;
  field?: string;
  /** The paragraph of the documents about it. */
  type?: string;
}

/** Who sees a problem, where that is known: then the page has the navigation. */
export interface ProblemReader {
  viewer: PageViewer;
  /** ISO 8601. */
  now: string;
}

/** A problem as a page. The JSON of the same address has it as problem details. */
export async function errorPage(
  { status, title, detail, type }: PageProblem,
  place: {
    url: URL;
    jsonAddress: string;
    headers?: Record<string, string>;
    reader?: ProblemReader;
    deployment?: string | undefined;
  },
): Promise<Answer> {
  const { url, jsonAddress, headers, reader, deployment } = place;
  const main = html`<p>${detail}</p>
<p>${status === 503 || status === 409 ? html`<a href="${url.pathname}">Try again</a> · ` : ''}<a href="/">Status of all policies</a>${type === undefined ? '' : html` · <a href="${type}">What this means</a>`}</p>
<p class="quiet">Answered ${status} for ${url.pathname.slice(0, 200)}.</p>`;
  const answer = await (reader === undefined
    ? barePage({ title, main, deployment }, { status, jsonAddress })
    : pageAnswer(withNavigation({ title, main, jsonAddress, deployment }, url, reader), {
        status,
        policy: PAGE_CONTENT_POLICY,
        jsonAddress,
      }));
  return headers === undefined ? answer : { ...answer, headers: { ...answer.headers, ...headers } };
}

function withNavigation(
  {
    title,
    main,
    jsonAddress,
    deployment,
  }: { title: string; main: Html; jsonAddress: string; deployment: string | undefined },
  { pathname, searchParams }: URL,
  { viewer, now }: ProblemReader,
): Html {
  const named = deployment === undefined ? {} : { deployment };
  const context: PageContext = { now, path: pathname, parameters: searchParams, viewer, ...named };
  return layout(
    {
      title,
      condition: 'unknown',
      isUrgent: false,
      asOf: null,
      isStill: true,
      jsonAddress,
      main: html`<section class="panel"><h1>${title}</h1>${main}</section>`,
    },
    context,
  );
}

/** Nobody has signed in with Entra, or without the role. The platform's own pages do both. */
export async function entraPage(
  { status, detail }: { status: 401 | 403; detail: string },
  { url, jsonAddress, deployment }: { url: URL; jsonAddress: string; deployment?: string | undefined },
): Promise<Answer> {
  const back = encodeURIComponent(url.pathname);
  const main =
    status === 401
      ? html`<p>${detail}</p><p><a href="/.auth/login/aad?post_login_redirect_uri=${back}">Sign in with Microsoft Entra</a></p>`
      : html`<p>${detail}</p><p><a href="/.auth/logout?post_logout_redirect_uri=${back}">Sign in as somebody else</a></p>`;
  const title = status === 401 ? 'Not signed in' : 'Not allowed';
  return barePage({ title, main, deployment }, { status, jsonAddress });
}
