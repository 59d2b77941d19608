import type { ServerResponse } from 'node:http';

export interface Answer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value, null, 2),
  };
}

export function textAnswer(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** Writes an answer. `close`: the connection is not to be used again. */
export function sendAnswer(response: ServerResponse, answer: Answer, close = false): void {
  const body = answer.body ?? '';
  const bodiless = answer.status === 204 || answer.status === 205 || answer.status === 304;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(bodiless ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...(close ? { connection: 'close' } : {}),
  });
  response.end(bodiless ? undefined : body);
}
