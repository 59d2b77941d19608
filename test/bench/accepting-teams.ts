import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { Certificate } from '../../dev/stack/certificate.ts';

/** A Teams webhook that accepts every card, and tells when. */
export interface AcceptingTeams {
  url: string;
  /** When the next card is accepted, in milliseconds since the epoch. */
  next(): Promise<number>;
  stop(): Promise<void>;
}

export async function startAcceptingTeams({ certFile, keyFile }: Certificate): Promise<AcceptingTeams> {
  const waiting: ((at: number) => void)[] = [];
  const server = createServer(
    { cert: await readFile(certFile), key: await readFile(keyFile) },
    async (request, response) => {
      for await (const _chunk of request);
      response.writeHead(202).end();
      const at = performance.timeOrigin + performance.now();
      for (const tell of waiting.splice(0)) tell(at);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Teams of the bench has no port.');
  return {
    url: `https://localhost:${address.port}/workflows`,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
