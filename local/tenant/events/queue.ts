import { QueueClient } from '@azure/storage-queue';
import type { Caller, Tokens } from '../tokens.ts';
import type { Destination } from './event-grid.ts';

/**
 * Delivers into a storage queue by identity: one event per message, base64, and never expiring. The queue is made
 * where it is missing, as a deployment would have done.
 */
export function queueDestination(options: {
  endpoint: string;
  name: string;
  tokens: Tokens;
  identity: Caller;
}): Destination {
  const client = new QueueClient(
    `${options.endpoint.replace(/\/+$/, '')}/${options.name}`,
    {
      async getToken() {
        const issued = options.tokens.issue(options.identity, 'https://storage.azure.com', Date.now());
        return { token: issued.token, expiresOnTimestamp: issued.expiresOn * 1000 };
      },
    },
    { retryOptions: { maxTries: 1 } },
  );
  let made = false;
  return {
    name: 'queue',
    async deliver(event) {
      const abortSignal = AbortSignal.timeout(30_000);
      if (!made) await client.createIfNotExists({ abortSignal });
      made = true;
      const text = Buffer.from(JSON.stringify(event)).toString('base64');
      try {
        const { messageId } = await client.sendMessage(text, { messageTimeToLive: -1, abortSignal });
        return { messageId };
      } catch (error) {
        made = false;
        throw error;
      }
    },
  };
}
