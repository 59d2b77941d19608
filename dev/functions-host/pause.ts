import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits, and ends early without an error when `signal` aborts. An infinite wait ends only with the signal.
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // A Node timer holds at most 2^31-1 ms, and longer waits would fire at once.
  const MAX_LENGTH = 2 ** 31 - 1;
  let left = ms;
  while (left > 0 && !signal.aborted) {
    const part = Math.min(left, MAX_LENGTH);
    try {
      await sleep(part, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    left -= part;
  }
}
