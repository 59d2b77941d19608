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
import type { Keys } from './keys.ts';
import { type HostLog, systemLog } from './log.ts';
import { discard, readBody } from './request-body.ts';
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
  /** Once aborted, every answer ends its connection, so that the server can close. */
  stopping: AbortSignal;
  log: HostLog;
}

/** Listens on 127.0.0.1. Throws HostError where the port is in use or not permitted. */
export async function listen(options: ServerOptions, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    handle(options, request, response).catch((error) => {
      systemLog(options.log, 'error', `A request could not be answered: ${messageOf(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new HostError(portFault(cause, port), { cause })));
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function handle(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let url: URL;
  try {
    // Joined, not resolved: a path that begins with two slashes would be read as a host.
    const target = request.url ?? '/';
    url = new URL(target.startsWith('/') ? `http://${request.headers.host ?? '127.0.0.1'}${target}` : target);
  } catch {
    return sendAnswer(response, { status: 400 }, true);
  }
  const endpoint = findEndpoint(options, request, url);
  if (!endpoint?.allowed) {
    discard(request);
    return sendAnswer(response, { status: endpoint ? 401 : 404 }, true);
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
  allowed: boolean;
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
      allowed: keys.allows('system', request, url),
      maxBytes: MAX_EVENT_GRID_BYTES,
      answer: (body) => answerEventGrid(request, url, body, here, invoke, log),
    };
  if (/^\/local\/functions\/?$/i.test(path) && method === 'GET')
    return { allowed: true, maxBytes: 0, answer: async () => listFunctions(functions, isHere) };
  if (/^\/local\/dropped-lines\/?$/i.test(path) && method === 'GET')
    return { allowed: true, maxBytes: 0, answer: async () => jsonHostAnswer(200, options.dropped()) };
  if (/^\/local\/event-hubs\/[^/]+$/i.test(path) && method === 'POST') {
    const fn = byName('/local/event-hubs/');
    if (fn?.triggerType !== 'eventhubtrigger') return undefined;
    return {
      allowed: keys.allows('admin', request, url),
      maxBytes: MAX_EVENT_HUB_BYTES,
      answer: (body) => answerEventHub(fn, body, invoke, log),
    };
  }
  if (/^\/admin\/functions\/[^/]+$/i.test(path) && method === 'POST')
    return {
      allowed: keys.allows('admin', request, url),
      maxBytes: MAX_BYTES,
      answer: async (body) =>
        answerManualRun(byName('/admin/functions/'), body, options.schedules, invoke, log),
    };
  return httpEndpoint(options, request, url, method);
}

function httpEndpoint(
  { http, keys, invoke, log }: ServerOptions,
  request: IncomingMessage,
  url: URL,
  method: string,
): Endpoint | undefined {
  const found = findHttpFunction(http, method, url.pathname);
  if (found) {
    const { fn, authLevel } = found.http;
    return {
      allowed: keys.allows(authLevel, request, url, fn.name),
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
  if (url.pathname === '/' && method === 'GET')
    return {
      allowed: true,
      maxBytes: MAX_BYTES,
      answer: async () => textAnswer(200, 'The function app is running.'),
    };
  return undefined;
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
