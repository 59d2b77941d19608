import type { ServerResponse } from 'node:http';

export interface HostAnswer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

export function jsonHostAnswer(status: number, value: unknown): HostAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value, null, 2),
  };
}

export function textAnswer(status: number, body: string): HostAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** Writes an answer. `close`: the connection must not be used again. */
export function sendAnswer(response: ServerResponse, answer: HostAnswer, close = false): void {
  const body = answer.body ?? '';
  const bodiless = answer.status === 204 || answer.status === 205 || answer.status === 304;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(bodiless ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...(close ? { connection: 'close' } : {}),
  });
  response.end(bodiless ? undefined : body);
}
