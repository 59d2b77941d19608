import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerManualRun, listFunctions } from './admin.ts';
import type { DroppedLines } from './app-log.ts';
import { answerEventGrid, MAX_EVENT_GRID_BYTES } from './event-grid-trigger.ts';
import { answerEventHub, MAX_EVENT_HUB_BYTES } from './event-hub-trigger.ts';
import type { RegisteredFunction } from './function-app.ts';
import { HostError, messageOf } from './host-error.ts';
import { type HostAnswer, jsonHostAnswer, sendAnswer, textAnswer } from './http-answer.ts';
import { findHttpFunction, type HttpFunction, httpAnswer, httpInput } from './http-trigger.ts';
import type { Invoke } from './invoke.ts';
import type { Keys, KeyVerdict } from './keys.ts';
import { type HostLog, systemLog } from './log.ts';
import { discard, readBody } from './request-body.ts';
import { MAX_READ_BYTES, refusalByLimits } from './request-limits.ts';
import type { Schedule } from './schedule.ts';

/** "Azure Functions HTTP trigger", section "Limits": a request has at most 100 MB. */
const MAX_BYTES = 104_857_600;

export interface ServerOptions {
  functions: RegisteredFunction[];
  isHere: (fn: RegisteredFunction) => boolean;
  http: HttpFunction[];
  schedules: Map<string, Schedule>;
  keys: Keys;
  invoke: Invoke;
  dropped: () => DroppedLines;
  /** False: `AzureWebJobsDisableHomepage` is true. */
  hasHomepage: boolean;
  /** Once aborted, every answer ends its connection, so that the server can close. */
  stopping: AbortSignal;
  log: HostLog;
}

export interface ListeningServer {
  port: number;
  /**
   * Accepts nothing more; resolves when each accepted request is answered. A connection that never sent a
   * request, such as a browser's preconnection, is not waited for.
   */
  stop(): Promise<void>;
  closeAllConnections(): void;
}

/** Listens on 127.0.0.1. Throws HostError where the port is in use or not permitted. */
export async function listen(options: ServerOptions, port: number): Promise<ListeningServer> {
  const unanswered = new Set<Promise<void>>();
  const server = createServer({ maxHeaderSize: MAX_READ_BYTES }, (request, response) => {
    const answered = new Promise<void>((done) => {
      response.once('close', done);
    });
    unanswered.add(answered);
    void answered.then(() => unanswered.delete(answered));
    handle(options, request, response).catch((error) => {
      systemLog(options.log, 'error', `A request could not be answered: ${messageOf(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new HostError(portFault(cause, port), { cause })));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: portOf(server),
    async stop() {
      server.close();
      server.closeIdleConnections();
      await Promise.all(unanswered);
    },
    closeAllConnections: () => server.closeAllConnections(),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function handle(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = refusalByLimits(request);
  if (refused !== undefined) {
    discard(request);
    return sendAnswer(response, { status: refused }, true);
  }
  let url: URL;
  try {
    // Joined, not resolved: a path that begins with two slashes would be read as a host.
    const target = request.url ?? '/';
    url = new URL(target.startsWith('/') ? `http://${request.headers.host ?? '127.0.0.1'}${target}` : target);
  } catch {
    return sendAnswer(response, { status: 400 }, true);
  }
  const endpoint = findEndpoint(options, request, url);
  if (endpoint?.refusal !== undefined || !endpoint) {
    discard(request);
    return sendAnswer(response, { status: endpoint?.refusal ?? 404 }, true);
  }
  let body: Buffer | undefined;
  try {
    body = await readBody(request, endpoint.maxBytes);
  } catch {
    // The caller disconnected in the middle of its request.
    response.destroy();
    return;
  }
  if (!body) return sendAnswer(response, { status: 413 }, true);
  const answer = await endpoint.answer(body);
  sendAnswer(
    response,
    request.method === 'HEAD' ? { ...answer, body: '' } : answer,
    options.stopping.aborted,
  );
}

interface Endpoint {
  /** The status for a caller whose key does not suffice. */
  refusal: number | undefined;
  maxBytes: number;
  answer(body: Buffer): Promise<HostAnswer>;
}

function findEndpoint(options: ServerOptions, request: IncomingMessage, url: URL): Endpoint | undefined {
  const { functions, isHere, keys, log } = options;
  const method = request.method ?? 'GET';
  const path = url.pathname;
  const here = functions.filter(isHere);
  const byName = (prefix: string) => {
    const name = decodeName(path.slice(prefix.length));
    return here.find((fn) => fn.name.toLowerCase() === name.toLowerCase());
  };
  const invoke: Invoke = options.invoke;

  if (/^\/runtime\/webhooks\/eventgrid\/?$/i.test(path) && (method === 'POST' || method === 'OPTIONS'))
    return {
      refusal: controllerRefusal(keys.judge('system', request, url)),
      maxBytes: MAX_EVENT_GRID_BYTES,
      answer: (body) => answerEventGrid(request, url, body, here, invoke, log),
    };
  if (/^\/local\/functions\/?$/i.test(path) && method === 'GET')
    return { refusal: undefined, maxBytes: 0, answer: async () => listFunctions(functions, isHere) };
  if (/^\/local\/dropped-lines\/?$/i.test(path) && method === 'GET')
    return { refusal: undefined, maxBytes: 0, answer: async () => jsonHostAnswer(200, options.dropped()) };
  if (/^\/local\/event-hubs\/[^/]+$/i.test(path) && method === 'POST') {
    const fn = byName('/local/event-hubs/');
    if (fn?.triggerType !== 'eventhubtrigger') return undefined;
    return {
      refusal: controllerRefusal(keys.judge('admin', request, url)),
      maxBytes: MAX_EVENT_HUB_BYTES,
      answer: (body) => answerEventHub(fn, body, invoke, log),
    };
  }
  if (/^\/admin\/functions\/[^/]+$/i.test(path) && method === 'POST')
    return {
      refusal: controllerRefusal(keys.judge('admin', request, url)),
      maxBytes: MAX_BYTES,
      answer: async (body) =>
        answerManualRun(
          byName('/admin/functions/'),
          { contentType: request.headers['content-type'], body },
          options.schedules,
          invoke,
          log,
        ),
    };
  return httpEndpoint(options, request, url, method);
}

function httpEndpoint(
  { http, keys, invoke, log, hasHomepage }: ServerOptions,
  request: IncomingMessage,
  url: URL,
  method: string,
): Endpoint | undefined {
  const found = findHttpFunction(http, method, url.pathname);
  if (found) {
    const { fn, authLevel } = found.http;
    return {
      // FunctionInvocationMiddleware.cs answers 401 also where the key is known and its level too low.
      refusal: keys.judge(authLevel, request, url, fn.name) === 'allowed' ? undefined : 401,
      maxBytes: MAX_BYTES,
      async answer(body) {
        try {
          return httpAnswer(await invoke(fn, httpInput(request, url, found.parameters, body)));
        } catch (error) {
          // The runtime's answer contains nothing about the fault.
          systemLog(log, 'error', `Executing failed: ${messageOf(error)}`, fn.name);
          return { status: 500 };
        }
      },
    };
  }
  if (url.pathname !== '/') return undefined;
  return { refusal: undefined, maxBytes: MAX_BYTES, answer: async () => homepage(hasHomepage) };
}

/**
 * What the runtime answers at `/` where no function does, to any method.
 * Source: azure-functions-host, src/WebJobs.Script.WebHost/Middleware/HomepageMiddleware.cs.
 */
function homepage(isThere: boolean): HostAnswer {
  return isThere ? textAnswer(200, 'The function app is running.') : { status: 204 };
}

/**
 * A controller refuses a known key of too low a level with 403, and no key or an unknown one with 401.
 * Source: azure-functions-host, `[Authorize(Policy = …)]` in HostController.cs and FunctionsController.cs,
 * AuthLevelAuthorizationHandler.cs; aspnetcore, AuthorizeFilter.
 */
function controllerRefusal(verdict: KeyVerdict): number | undefined {
  if (verdict === 'allowed') return undefined;
  return verdict === 'tooLow' ? 403 : 401;
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function portFault(cause: Error, port: number): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} of 127.0.0.1 is in use. End what uses it, or choose another with --port.`;
  return `Port ${port} of 127.0.0.1 can't be opened: ${cause.message}`;
}
