import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { matchEndpoint } from '../../../shared/api/match-endpoint.ts';
import { PAGE_CONTENT_POLICY } from '../../../shared/api/pages/layout.ts';
import type { Page, PageContext } from '../../../shared/api/pages/page.ts';
import { PAGES } from '../../../shared/api/pages/register.ts';
import { ProblemError } from '../../../shared/api/problem.ts';
import { askEndpoint, performAction } from '../../../shared/api/serve-api.ts';
import { LINKS, VIEWER } from './page-html.ts';
import type { StateWorld } from './page-states.ts';
import { standInAnswer } from './stand-in-answers.ts';

export interface PagesServer {
  origin: string;
  /** What every answer is instead, while it is set: the server is away, or wants a sign-in. */
  instead: { status: number; headers?: Record<string, string> } | undefined;
  /** Changes an answer before it is rendered. */
  change: ((endpoint: string, answer: object) => object) | undefined;
  viewer: PageContext['viewer'];
  close(): Promise<void>;
}

/** The real pages over the real endpoints of one world, on the loopback. */
export async function servePages({ ports, world }: StateWorld): Promise<PagesServer> {
  const server = createServer((request, response) => {
    respond(request, response).catch((error) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  const served: PagesServer = {
    origin: '',
    instead: undefined,
    change: undefined,
    viewer: VIEWER,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', served.origin);
    if (served.instead) {
      response.writeHead(served.instead.status, served.instead.headers).end();
      return;
    }
    const found = pageAt(url.pathname);
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no page');
      return;
    }
    const { page, id } = found;
    if (request.method !== 'POST')
      return send(page, id, url, { done: url.searchParams.get('done') ?? undefined });
    const fields = Object.fromEntries(
      [...new URLSearchParams(await textIn(request))].filter(([, value]) => value !== ''),
    );
    const { action = '', policy, ...given } = fields;
    try {
      if (!page.actions.includes(action)) throw new ProblemError('bad-request', `no action '${action}'`);
      const path = ACTION_PATHS[action]?.replace('{id}', encodeURIComponent(policy ?? id)) ?? '';
      const match = matchEndpoint('POST', path);
      if (!('endpoint' in match) || match.endpoint.method !== 'POST') throw new Error(`no action ${path}`);
      const actor = { access: 'entra' as const, signedIn: { name: served.viewer.name ?? 'nobody' } };
      await world.clock.drive(
        performAction({ endpoint: match.endpoint, id: match.id }, given, actor, world.ports),
      );
      response.writeHead(303, { location: `${url.pathname}?done=${action}` }).end();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      await send(page, id, url, { problem: { field: error.field, detail: error.message } });
    }

    async function send(shown: Page<never>, of: string, at: URL, asked: PageContext['asked']) {
      const answer = await answerOf(shown, of, at);
      const context: PageContext = {
        now: ports.clock.now(),
        path: at.pathname,
        parameters: at.searchParams,
        viewer: served.viewer,
        deployment: 'contoso',
        links: LINKS,
        asked,
      };
      const body = String(
        await shown.render((served.change?.(shown.endpoint, answer) ?? answer) as never, context),
      );
      response
        .writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': PAGE_CONTENT_POLICY,
        })
        .end(body);
    }
  }

  async function answerOf(page: Page<never>, id: string, url: URL): Promise<object> {
    const query = new URLSearchParams(
      [...url.searchParams].filter(([name]) => name !== 'done' && !page.ownParameters.includes(name)),
    );
    const path = page.endpoint === 'openapi' ? '/openapi.json' : page.path === '/' ? '/status' : url.pathname;
    const match = matchEndpoint('GET', path);
    if ('endpoint' in match && match.endpoint.method === 'GET' && match.endpoint.id === page.endpoint)
      return (await askEndpoint({ endpoint: match.endpoint, id: match.id }, query, ports)) as object;
    return standInAnswer(page.endpoint, id, ports);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  served.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}

const ACTION_PATHS: Readonly<Record<string, string>> = {
  acknowledge: '/incidents/{id}/acknowledge',
  silence: '/incidents/{id}/silence',
  supportCase: '/incidents/{id}/support-case',
  close: '/incidents/{id}/close',
  check: '/policies/{id}/check',
  silencePolicy: '/policies/{id}/silence',
  silenceVault: '/vaults/{id}/silence',
  drill: '/drill',
};

function pageAt(pathname: string): { page: Page<never>; id: string } | undefined {
  for (const page of PAGES) {
    const pattern = new RegExp(`^${page.path.replace('{id}', '(?<id>[^/]+)')}$`);
    const found = pattern.exec(pathname);
    if (found) return { page, id: decodeURIComponent(found.groups?.id ?? '') };
  }
  return undefined;
}

async function textIn(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
