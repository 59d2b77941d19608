import { type Log, systemLog } from './log.ts';
import { pause } from './pause.ts';
import type { HostQueue } from './queue-port.ts';
import { describeFault, isTakenOrGone } from './storage-fault.ts';

/** Renewal after a failed one is tried again no faster than that. */
const LEAST_RENEWAL_MS = 60_000;

/**
 * Keeps a message hidden while its function runs: renewed when half of the lease has gone by, at twice the pace after
 * a failure. `end` waits for a renewal under way and gives the pop receipt that is valid then.
 * Source: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common, QueueListener and
 * UpdateQueueMessageVisibilityCommand.
 */
export function holdLease(
  queue: HostQueue,
  message: { messageId: string; popReceipt: string },
  leaseMs: number,
  log: Log,
  functionName: string,
): { end(): Promise<string> } {
  const ending = new AbortController();
  let { popReceipt } = message;
  const renew = async () => {
    const normalMs = leaseMs / 2;
    let waitMs = normalMs;
    while (true) {
      await pause(waitMs, ending.signal);
      if (ending.signal.aborted) return;
      try {
        popReceipt = await queue.hide(message.messageId, popReceipt, leaseMs / 1000);
        waitMs = normalMs;
      } catch (error) {
        if (isTakenOrGone(error)) return;
        systemLog(log, 'warning', `A message's lease was not renewed: ${describeFault(error)}`, functionName);
        waitMs = Math.max(waitMs / 2, Math.min(LEAST_RENEWAL_MS, normalMs));
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
