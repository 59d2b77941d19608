import { pause } from './pause.ts';
import type { QueueTask } from './queue-message.ts';
import { describeFault, isTakenOrGone } from './storage-fault.ts';

/**
 * Keeps a message hidden while its function runs: renewed after half of the lease. A renewal that fails goes
 * to `onUnhandled`, a 5xx as well: the runtime computes an earlier renewal for those and then throws anyway.
 * `end` waits for a renewal in progress and returns the pop receipt that is then valid.
 * Source: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common, QueueListener and
 * UpdateQueueMessageVisibilityCommand.
 */
export function holdLease(
  { queue, leaseMs, onUnhandled }: Pick<QueueTask, 'queue' | 'leaseMs' | 'onUnhandled'>,
  message: { messageId: string; popReceipt: string },
): { end(): Promise<string> } {
  const ending = new AbortController();
  let { popReceipt } = message;
  const renew = async () => {
    while (true) {
      await pause(leaseMs / 2, ending.signal);
      if (ending.signal.aborted) return;
      try {
        popReceipt = await queue.hide(message.messageId, popReceipt, leaseMs / 1000);
      } catch (error) {
        if (isTakenOrGone(error)) return;
        return onUnhandled(
          `Message ${message.messageId} of queue '${queue.name}' could not be kept hidden: ${describeFault(error)}.`,
        );
      }
    }
  };
  const renewing = renew();
  return {
    async end() {
      ending.abort();
      await renewing;
      return popReceipt;
    },
  };
}
