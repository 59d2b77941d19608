import { createBackoff } from './backoff.ts';
import { LEAST_POLLING_MS } from './host-json.ts';
import { systemLog } from './log.ts';
import { pause } from './pause.ts';
import { processMessage, type QueueTask } from './queue-message.ts';
import type { QueueMessage } from './queue-port.ts';
import { describeFault, isPassingFault, isQueueMissing } from './storage-fault.ts';

export interface Listener {
  /** Accepts no more messages. Resolves when all accepted ones have been processed. */
  stop(): Promise<void>;
}

/**
 * Polls a queue as the runtime does: up to batchSize messages at once, all processed in parallel, the next
 * batch when no more than newBatchThreshold are still running; an empty queue is polled less and less often,
 * up to maxPollingInterval. A queue that doesn't exist is polled without log lines, and is not created. A
 * transient fault is retried at the same pace, without end; any other goes to `onUnhandled`, and polling
 * stops.
 * Source: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common, QueueListener.ExecuteAsync.
 */
export function listenToQueue(task: QueueTask): Listener {
  const stopping = new AbortController();
  const processing = new Set<Promise<void>>();
  const receive = createReceiver(task);
  const loop = async () => {
    const backoff = createBackoff(LEAST_POLLING_MS, task.options.maxPollingIntervalMs);
    let found = false;
    while (!stopping.signal.aborted) {
      const batch = await receive();
      if (!batch) break;
      if (batch.length === 0) {
        await pause(backoff.nextMs(found), stopping.signal);
        found = false;
        continue;
      }
      found = true;
      for (const message of batch) {
        const work = processMessage(task, message).finally(() => processing.delete(work));
        processing.add(work);
      }
      while (processing.size > task.options.newBatchThreshold) await Promise.race(processing);
    }
    await Promise.all(processing);
  };
  const looping = loop();
  return {
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}

/**
 * Each state of storage (healthy, missing, failing) is logged once, when it begins. Undefined after an
 * unhandled fault.
 */
function createReceiver(task: QueueTask): () => Promise<QueueMessage[] | undefined> {
  const { queue, fn, options, leaseMs, log } = task;
  let exists = false;
  let state = '';
  const enter = (next: string, level: 'information' | 'warning', message: string) => {
    if (state !== next) systemLog(log, level, message, fn.name);
    state = next;
  };
  return async () => {
    try {
      exists = exists || (await queue.exists());
      if (!exists) {
        enter('missing', 'information', `Queue '${queue.name}' does not exist yet.`);
        return [];
      }
      const messages = await queue.receive(options.batchSize, leaseMs / 1000);
      enter('listening', 'information', `Listening to queue '${queue.name}'.`);
      return messages;
    } catch (error) {
      exists = false;
      if (isQueueMissing(error)) return [];
      if (!isPassingFault(error)) {
        task.onUnhandled(`Queue '${queue.name}' can't be read: ${describeFault(error)}.`);
        return undefined;
      }
      enter('failing', 'warning', `Queue '${queue.name}' can't be read, trying on: ${describeFault(error)}`);
      return [];
    }
  };
}
