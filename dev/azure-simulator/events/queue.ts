import { QueueClient } from '@azure/storage-queue';
import type { Caller, Tokens } from '../tokens.ts';
import type { Destination } from './event-grid.ts';

/**
 * Delivers into a storage queue by the topic's identity: one event per message, base64, and never expiring.
 * The queue must exist: Event Grid creates none.
 */
export function queueDestination(options: {
  endpoint: string;
  tokens: Tokens;
  identity: Caller;
}): Destination {
  const credential = {
    async getToken() {
      const issued = options.tokens.issue(options.identity, 'https://storage.azure.com', Date.now());
      return { token: issued.token, expiresOnTimestamp: issued.expiresOn * 1000 };
    },
  };
  const clients = new Map<string, QueueClient>();
  const open = (name: string) => {
    const found = clients.get(name);
    if (found) return found;
    const address = `${options.endpoint.replace(/\/+$/, '')}/${name}`;
    const made = new QueueClient(address, credential, { retryOptions: { maxTries: 1 } });
    clients.set(name, made);
    return made;
  };
  return {
    name: 'queue',
    async deliver(event, _attempt, { queueName, whyRefused }) {
      const refused = whyRefused();
      if (refused !== undefined) throw new Error(refused);
      const text = Buffer.from(JSON.stringify(event)).toString('base64');
      const sending = { messageTimeToLive: -1, abortSignal: AbortSignal.timeout(30_000) };
      const { messageId } = await open(queueName).sendMessage(text, sending);
      return { messageId };
    },
  };
}
