import assert from 'node:assert/strict';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import type { Page, PageContext } from '../../../shared/api/pages/page.ts';
import { PAGES } from '../../../shared/api/pages/register.ts';
import { answer } from '../../../shared/api/serve-api.ts';

export const VIEWER = { name: 'Ada Admin', mayAct: true, mode: 'entra' } as const;
export const LINKS = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
  powerPlatformApiEndpoint: 'https://api.powerplatform.com',
};

function pageOf(path: string): Page<unknown> {
  const page = PAGES.find((one) => one.path === path);
  assert.ok(page, `no page ${path}`);
  return page as Page<unknown>;
}

/** The page as the server would send it. */
export async function rendered(
  path: string,
  shown: unknown,
  more: Partial<PageContext> & { query?: string } = {},
): Promise<string> {
  const { query = '', ...context } = more;
  const page = pageOf(path);
  return String(
    await page.render(shown, {
      now: '2026-11-20T12:00:00.000Z',
      path,
      parameters: new URLSearchParams(query),
      viewer: VIEWER,
      deployment: 'contoso',
      links: LINKS,
      ...context,
    }),
  );
}

/** The real answer, as the API gives it. */
export async function askedOf<T>(path: string, ports: ReadPorts): Promise<T> {
  const { status, body } = await answer({ url: `http://localhost/api${path}`, ifNoneMatch: null }, ports);
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

/** The text that a reader gets, without markup, style and script. */
export function textOf(page: string): string {
  return page
    .replace(/<(style|script|title)\b.*?<\/\1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Nothing that the Content-Security-Policy would refuse, or that would leave this origin without a click. */
export function assertOwnMarkup(page: string): void {
  const markup = page.replace(/<style>.*?<\/style>/s, '').replace(/<script>.*?<\/script>/s, '');
  // A value never holds a raw quotation mark, so this leaves the names of the attributes.
  const names = markup.replace(/"[^"]*"/g, '""');
  const found = [
    ...(page.match(/<script/g)?.slice(1) ?? []),
    ...names.matchAll(/<[a-z][^>]*\s(?:style|src|on[a-z]+)\s*=/gi),
    ...names.matchAll(/<(?:iframe|object|embed|base|img|meta http-equiv)\b/gi),
    ...markup.matchAll(/(?:href|action)="(?!\/|#|https:\/\/|data:image\/svg\+xml,)[^"]*"/gi),
  ].map(String);
  assert.deepEqual(found, []);
}
