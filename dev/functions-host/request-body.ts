import type { IncomingMessage } from 'node:http';

/**
 * The request's complete body, or undefined when it is longer than `mostBytes`; the rest is then discarded,
 * so that the caller still gets its answer. Rejects when the caller disconnects.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return discard(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBytes) return discard(request);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Discards the rest of a body. */
export function discard(request: IncomingMessage): undefined {
  request.on('error', () => {});
  request.resume();
}
