import { html } from 'hono/html';
import type { Answer } from '../problem.ts';
import { barePage } from './bare-page.ts';

/** What could not be answered, for people. */
export interface PageProblem {
  status: number;
  title: string;
  detail: string;
  field?: string;
  /** The paragraph of the documents about it. */
  type?: string;
}

/** A problem as a page. The JSON of the same address has it as problem details. */
export async function errorPage(
  { status, title, detail, type }: PageProblem,
  { url, jsonAddress, headers }: { url: URL; jsonAddress: string; headers?: Record<string, string> },
): Promise<Answer> {
  const main = html`<p>${detail}</p>
<p>${status === 503 || status === 409 ? html`<a href="${url.pathname}">Try again</a> · ` : ''}<a href="/">Status of all policies</a>${type === undefined ? '' : html` · <a href="${type}">What this means</a>`}</p>
<p class="quiet">Answered ${status} for ${url.pathname.slice(0, 200)}.</p>`;
  const answer = await barePage({ title, main }, { status, jsonAddress });
  return headers === undefined ? answer : { ...answer, headers: { ...answer.headers, ...headers } };
}

/** Nobody has signed in with Entra, or without the role. The platform's own pages do both. */
export async function entraPage(
  { status, detail }: { status: 401 | 403; detail: string },
  { url, jsonAddress }: { url: URL; jsonAddress: string },
): Promise<Answer> {
  const back = encodeURIComponent(url.pathname);
  const main =
    status === 401
      ? html`<p>${detail}</p><p><a href="/.auth/login/aad?post_login_redirect_uri=${back}">Sign in with Microsoft Entra</a></p>`
      : html`<p>${detail}</p><p><a href="/.auth/logout?post_logout_redirect_uri=${back}">Sign in as somebody else</a></p>`;
  return barePage({ title: status === 401 ? 'Not signed in' : 'Not allowed', main }, { status, jsonAddress });
}
