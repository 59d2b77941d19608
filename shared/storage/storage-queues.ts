import type { TokenCredential } from '@azure/core-auth';
import type { QueueClient } from '@azure/storage-queue';
import type { Unreadable } from '../signals/read-message.ts';
import { type Recheck, recheckMessages } from '../signals/recheck.ts';
import { askQueue, QueueError, type QueueUse } from './queue-errors.ts';

/** Unreadable messages are kept here, for a person. */
export const UNREADABLE_QUEUE = 'lockwatch-unreadable';
/** Storage queues: messages live seven days unless they are set never to expire. */
const NEVER = -1;

export interface StorageQueues {
  rechecks: {
    send(recheck: Recheck, delaySeconds: number): Promise<void>;
    sendHeartbeat(text: string, delaySeconds: number): Promise<void>;
  };
  unreadable: { keep(item: Unreadable, receivedAt: string): Promise<void>; count(): Promise<number> };
  /**
   * Creates the queues that are missing, and returns the error of each that can't be used: a queue that
   * refuses does not keep the others from being created. Once all exist, it costs nothing.
   */
  prepare(): Promise<readonly QueueError[]>;
  /** The queue operations that last failed in this process. */
  faults(): readonly QueueError[];
}

/** The timeout of any operation: the SDK itself limits only the server's part of a try. */
const TIMEOUT_MS = 10_000;
/** The count is an optional part of an answer to a person, who does not wait for a queue that hangs. */
const COUNT_TIMEOUT_MS = 2_000;

/**
 * The app's own messages: rechecks go back into the queue of signals, hidden until they are due, since the
 * function of that queue is the one that is active. The Functions output binding can't delay a message, hence
 * the SDK. Every method throws `QueueError`, which names the queue and the role.
 */
export function createStorageQueues(options: {
  endpoint: string;
  queue: string;
  credential: TokenCredential;
}): StorageQueues {
  const faults = new Map<string, QueueError>();
  const poison = `${options.queue}-poison`;
  const open = async (name: string) => {
    const { QueueClient } = await import('@azure/storage-queue');
    return new QueueClient(`${options.endpoint}/${name}`, options.credential, {
      retryOptions: { maxTries: 3, tryTimeoutInMs: 5_000, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
    });
  };
  const use = async <T>(
    what: QueueUse,
    name: string,
    work: (queue: QueueClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const queue = await open(name);
    const abortSignal = AbortSignal.timeout(what === 'count' ? COUNT_TIMEOUT_MS : TIMEOUT_MS);
    try {
      const answer = await askQueue(what, name, () => work(queue, abortSignal));
      faults.delete(`${name} ${what}`);
      return answer;
    } catch (error) {
      if (error instanceof QueueError) faults.set(`${name} ${what}`, error);
      throw error;
    }
  };
  const sendHidden = async (texts: readonly string[], delaySeconds: number) => {
    const visibilityTimeout = Math.max(0, Math.round(delaySeconds));
    for (const text of texts)
      await use('send', options.queue, (queue, abortSignal) =>
        queue.sendMessage(text, { visibilityTimeout, messageTimeToLive: NEVER, abortSignal }),
      );
  };
  const count = (name: string) =>
    use('count', name, async (queue, abortSignal) => {
      const { approximateMessagesCount } = await queue.getProperties({ abortSignal });
      return approximateMessagesCount ?? 0;
    });
  const peek = (name: string) =>
    use('receive', name, (queue, abortSignal) => queue.peekMessages({ numberOfMessages: 1, abortSignal }));

  async function prepareOne(name: string): Promise<QueueError | undefined> {
    const [made] = await Promise.allSettled([
      use('create', name, (queue, abortSignal) => queue.createIfNotExists({ abortSignal })),
    ]);
    const refused = errorOf(made);
    if (!refused?.isRefused) return refused;
    // The deployment creates the queues: without the right to create them, existing ones can still be used.
    const [used] = await Promise.allSettled([name === UNREADABLE_QUEUE ? count(name) : peek(name)]);
    const fault = errorOf(used);
    if (fault?.statusCode === 404) return refused;
    faults.delete(`${name} create`);
    return fault;
  }

  let preparing: Promise<readonly QueueError[]> | undefined;
  async function prepareAll(): Promise<readonly QueueError[]> {
    let isReady = false;
    try {
      const found = await Promise.all([options.queue, poison, UNREADABLE_QUEUE].map(prepareOne));
      const wrong = found.filter((fault) => fault !== undefined);
      isReady = wrong.length === 0;
      return wrong;
    } finally {
      if (!isReady) preparing = undefined;
    }
  }

  return {
    rechecks: {
      send: (recheck, delaySeconds) => sendHidden(recheckMessages(recheck), delaySeconds),
      sendHeartbeat: (text, delaySeconds) => sendHidden([text], delaySeconds),
    },
    unreadable: {
      async keep(item, receivedAt) {
        const text = Buffer.from(keptText({ ...item, receivedAt })).toString('base64');
        await use('send', UNREADABLE_QUEUE, (queue, abortSignal) =>
          queue.sendMessage(text, { messageTimeToLive: NEVER, abortSignal }),
        );
      },
      count: () => count(UNREADABLE_QUEUE),
    },
    prepare() {
      preparing ??= prepareAll();
      return preparing;
    },
    faults: () => [...faults.values()],
  };
}

/** The error of a queue; any other error is a bug, and is thrown unchanged. */
function errorOf(result: PromiseSettledResult<unknown>): QueueError | undefined {
  if (result.status === 'fulfilled') return undefined;
  if (result.reason instanceof QueueError) return result.reason;
  throw result.reason;
}

/**
 * A queue message holds 64 KiB as text, and base64 makes four bytes of three: a kept message must stay below
 * 48 KiB.
 */
const MAX_BYTES = 47_000;

function keptText(item: Unreadable & { receivedAt: string }): string {
  const text = JSON.stringify(item);
  if (Buffer.byteLength(text) <= MAX_BYTES) return text;
  // Control characters grow sixfold in JSON; base64 of the same bytes grows by a third at most.
  const { firstBytes, ...rest } = item;
  return JSON.stringify({
    ...rest,
    firstBytesBase64: Buffer.from(firstBytes)
      .subarray(0, 16 * 1024)
      .toString('base64'),
  });
}
