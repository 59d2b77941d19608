import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

const MAX_BODY_BYTES = 1_048_576;

export interface IncomingRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}
export interface SimulatorAnswer {
  status: number;
  /** An object is sent as JSON, a string as HTML. */
  body?: unknown;
  headers?: Record<string, string>;
}
/** `hang`: never answers. `reset`: breaks the connection. */
export type Reply = SimulatorAnswer | 'hang' | 'reset';
export type Handler = (request: IncomingRequest) => Promise<Reply> | Reply;

export interface Served {
  port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 only. A handler that throws is answered with 500; the server continues. */
export async function serve(
  handler: Handler,
  options: { port: number; tls?: { certFile: string; keyFile: string } },
): Promise<Served> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void answer(handler, request, response, options.tls ? 'https' : 'http');
  };
  const server = options.tls
    ? createSecureServer(
        { cert: readFileSync(options.tls.certFile), key: readFileSync(options.tls.keyFile) },
        listener,
      )
    : createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
  scheme: string,
): Promise<void> {
  let reply: Reply;
  try {
    const body = await readBody(request);
    const host = request.headers.host ?? 'localhost';
    // Not as a relative address: two leading slashes would be read as a host.
    const url = URL.parse(`${scheme}://${host}${request.url ?? '/'}`);
    if (body === undefined)
      reply = failure(413, 'RequestEntityTooLarge', 'The request body is larger than 1 MiB.');
    else if (!url) reply = failure(400, 'BadRequest', 'The request address is not valid.');
    else reply = await handler({ method: request.method ?? 'GET', url, headers: request.headers, body });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    reply = failure(500, 'InternalServerError', 'The Azure simulator failed; its own output says why.');
  }
  if (reply === 'hang') return;
  if (reply === 'reset') return void response.destroy();
  const html = typeof reply.body === 'string';
  const text = html ? (reply.body as string) : reply.body === undefined ? '' : JSON.stringify(reply.body);
  const type = html ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(reply.status, { 'content-type': type, 'cache-control': 'no-store', ...reply.headers });
  response.end(text);
}

/** An error in the schema that Resource Manager and the Power Platform API share. */
export function failure(
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): SimulatorAnswer {
  return { status, body: { error: { code, message } }, headers };
}

/** Undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}
