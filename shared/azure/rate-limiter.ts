import type { Deadline } from './deadline.ts';
import { makeSemaphore } from './semaphore.ts';

/** What every request passes on its way out: so many under way at once, and where a service counts them, so many a second. */
export interface RateLimiter {
  /**
   * Waits until a request to this address may go; call what it gives back when the answer is there. Undefined: it may
   * not go before the deadline. `abort`: nobody waits for it any more.
   */
  enter(url: URL, deadline: Deadline, abort: AbortSignal): Promise<Release | undefined>;
  /** The service answered that it throttles, until then (milliseconds since the epoch). */
  throttled(url: URL, untilMs: number): void;
}

export type Release = () => void;

/** So many at once, whatever the address; for a service that tells nothing of how it counts. */
export function concurrencyLimiter(count: number): RateLimiter {
  const semaphore = makeSemaphore(count);
  return { enter: () => semaphore.take(), throttled() {} };
}
