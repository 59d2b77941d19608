import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { atEnd, testCertificate } from '../azure-simulator/harness.ts';

/** Queues that take messages as Azure Storage does: those that the deployment makes, and no others. */
export async function fakeQueues(names: readonly string[]) {
  const { certFile, keyFile } = await testCertificate();
  const messages: { queue: string; text: string }[] = [];
  const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const server = createServer(tls, async (request, response) => {
    const queue = /^\/devstoreaccount1\/([^/]+)\/messages/.exec(request.url ?? '')?.[1] ?? '';
    let body = '';
    for await (const chunk of request) body += chunk;
    const isThere = names.includes(queue);
    if (isThere) messages.push({ queue, text: /<MessageText>(.*)<\/MessageText>/.exec(body)?.[1] ?? '' });
    const made = `<QueueMessagesList><QueueMessage><MessageId>${messages.length}</MessageId></QueueMessage></QueueMessagesList>`;
    response.writeHead(isThere ? 201 : 404, { 'content-type': 'application/xml' });
    response.end(isThere ? made : '<Error><Code>QueueNotFound</Code></Error>');
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  await listen(0);
  atEnd(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    messages,
    endpoint: `https://localhost:${port}/devstoreaccount1`,
    /** Refuses connections from now on. */
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    open: () => listen(port),
  };
}
