import type { TokenCredential } from '@azure/core-auth';
import type { Unreadable } from './signals/read-message.ts';
import { type SecondLook, secondLookMessages } from './signals/second-look.ts';

/** What nobody could read is kept here, for a person. */
export const UNREADABLE_QUEUE = 'lockwatch-unreadable';
/** Storage queues: messages live seven days unless told never to end. */
const NEVER = -1;

export interface StorageQueues {
  looks: {
    send(look: SecondLook, delaySeconds: number): Promise<void>;
    sendHeartbeat(text: string, delaySeconds: number): Promise<void>;
  };
  unreadable: { keep(item: Unreadable, receivedAt: string): Promise<void>; count(): Promise<number> };
  ensureQueues(): Promise<void>;
}

/**
 * The app's own writing to queues: second looks go back into the queue of signals, hidden until they are due, since
 * its function is the one that is awake. The Functions output binding can't delay a message, hence the SDK.
 */
export function createStorageQueues(options: {
  endpoint: string;
  queue: string;
  credential: TokenCredential;
}): StorageQueues {
  const open = async (name: string) => {
    const { QueueClient } = await import('@azure/storage-queue');
    return new QueueClient(`${options.endpoint}/${name}`, options.credential, {
      retryOptions: { maxTries: 3, tryTimeoutInMs: 5_000, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
    });
  };
  const sendHidden = async (texts: readonly string[], delaySeconds: number) => {
    const queue = await open(options.queue);
    const visibilityTimeout = Math.max(0, Math.round(delaySeconds));
    for (const text of texts) await queue.sendMessage(text, { visibilityTimeout, messageTimeToLive: NEVER });
  };
  return {
    looks: {
      send: (look, delaySeconds) => sendHidden(secondLookMessages(look), delaySeconds),
      sendHeartbeat: (text, delaySeconds) => sendHidden([text], delaySeconds),
    },
    unreadable: {
      async keep(item, receivedAt) {
        const queue = await open(UNREADABLE_QUEUE);
        const text = keptText({ ...item, receivedAt });
        await queue.sendMessage(Buffer.from(text).toString('base64'), { messageTimeToLive: NEVER });
      },
      async count() {
        const queue = await open(UNREADABLE_QUEUE);
        return (await queue.getProperties()).approximateMessagesCount ?? 0;
      },
    },
    async ensureQueues() {
      for (const name of [options.queue, `${options.queue}-poison`, UNREADABLE_QUEUE])
        await (await open(name)).createIfNotExists();
    },
  };
}

/** A queue message holds 64 KiB as text, and base64 makes three bytes four: what is kept must stay below 48 KiB. */
const MOST_BYTES = 47_000;

function keptText(item: Unreadable & { receivedAt: string }): string {
  const text = JSON.stringify(item);
  if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  // Control characters grow sixfold in JSON; base64 of the same bytes grows by a third at most.
  const { head, ...rest } = item;
  return JSON.stringify({
    ...rest,
    headBase64: Buffer.from(head)
      .subarray(0, 16 * 1024)
      .toString('base64'),
  });
}
