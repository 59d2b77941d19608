import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { servePage } from '../../../shared/api/pages/serve-page.ts';
import type { PagePorts } from '../../../shared/api/pages/show-page.ts';
import { sessionStore } from '../../../shared/storage/sessions.ts';
import { principalHeader } from '../access/principal-header.ts';
import { LINKS, VIEWER } from './page-html.ts';
import type { StateWorld } from './page-states.ts';

export interface PagesServer {
  origin: string;
  /** What every answer is instead, while it is set: the server is away, or wants a sign-in. */
  instead: { status: number; headers?: Record<string, string> } | undefined;
  /** Changes every answer before it is rendered. */
  change: ((answer: unknown) => unknown) | undefined;
  close(): Promise<void>;
}

/** The real pages of one world on the loopback, as somebody sees them who signed in and may act. */
export async function servePages({ ports: read, world }: StateWorld): Promise<PagesServer> {
  const server = createServer((request, response) => {
    respond(request, response).catch((error) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  const served: PagesServer = {
    origin: '',
    instead: undefined,
    change: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const ports: PagePorts = {
    ...world.ports,
    access: 'entra',
    isInAzure: false,
    sessions: async () => sessionStore(async () => world.tables.readModel),
    read,
    answers: {
      async share(_, compute) {
        const answer = await compute();
        return served.change ? served.change(answer) : answer;
      },
    },
    links: LINKS,
  };
  const signedIn = principalHeader({ name: VIEWER.name, roles: ['Lockwatch.Operator'] });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (served.instead) {
      response.writeHead(served.instead.status, served.instead.headers).end();
      return;
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const header = (name: string) => {
      if (name.toLowerCase() === 'x-ms-client-principal') return signedIn;
      const value = request.headers[name.toLowerCase()];
      return value === undefined ? null : String(value);
    };
    const { status, headers, body } = await world.clock.drive(
      servePage(
        {
          method: request.method ?? 'GET',
          url: new URL(request.url ?? '/', served.origin).href,
          header,
          body: async () => Buffer.concat(parts),
        },
        ports,
      ),
    );
    response.writeHead(status, headers).end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  served.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}
