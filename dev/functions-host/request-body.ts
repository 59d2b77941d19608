import type { IncomingMessage } from 'node:http';

/**
 * The request's body in full, or undefined when it is longer than `mostBytes`; the rest then flows away unread, so that
 * the caller still gets its answer. Rejects when the caller goes away.
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

/** Lets the rest of a body flow away. */
export function discard(request: IncomingMessage): undefined {
  request.on('error', () => {});
  request.resume();
}
