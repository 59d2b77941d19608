import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { TestContext } from 'node:test';
import type { TokenCredential } from '@azure/core-auth';

/** A request as the server got it. */
export interface Got {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answer = (request: Got, response: ServerResponse, raw: IncomingMessage) => void;

/** A server on loopback that answers as it is told, and keeps what it got. `tls`: with the certificate of `npm test`. */
export async function aServer(
  context: TestContext,
  answer: Answer,
  { tls = false }: { tls?: boolean } = {},
): Promise<{ origin: string; got: Got[] }> {
  const got: Got[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    got.push(one);
    answer(one, response, request);
  };
  const server: Server = tls
    ? createHttps(
        { cert: fileIn('LOCKWATCH_LOCAL_TEST_CERT'), key: fileIn('LOCKWATCH_LOCAL_TEST_KEY') },
        listener,
      )
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { origin: `${tls ? 'https' : 'http'}://${tls ? 'localhost' : '127.0.0.1'}:${port}`, got };
}

function fileIn(variable: string): string {
  const file = process.env[variable];
  if (!file) throw new Error('Run with npm test: it makes the certificate.');
  return readFileSync(file, 'utf8');
}

export const TOKEN = 'eyJ0b2tlbi1vZi10aGUtYXBw';

/** The app's identity: gives one token for every scope, or fails. */
export function aCredential(fails?: Error): TokenCredential & { scopes: string[] } {
  const scopes: string[] = [];
  return {
    scopes,
    async getToken(scope) {
      scopes.push(String(scope));
      if (fails) throw fails;
      return { token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}

export const never = (): AbortSignal => new AbortController().signal;
