import type { Deadline } from './deadline.ts';
import { makeSemaphore } from './semaphore.ts';

/**
 * Limits the requests of a service: how many run at once and, where the service counts them, how many per
 * second.
 */
export interface RateLimiter {
  /**
   * Waits until a request to this address may be sent; call the returned function when the answer has
   * arrived. Undefined: it may not be sent before the deadline. `abort`: the caller no longer waits.
   */
  enter(url: URL, deadline: Deadline, abort: AbortSignal): Promise<Release | undefined>;
  /** The service answered that it throttles until then (milliseconds since the epoch). */
  throttled(url: URL, untilMs: number): void;
  /** The service answered how many requests it still allows now. */
  left?(url: URL, count: number): void;
}

export type Release = () => void;

/** A fixed number at once, for any address; for a service that does not publish how it counts. */
export function concurrencyLimiter(count: number): RateLimiter {
  const semaphore = makeSemaphore(count);
  return { enter: () => semaphore.take(), throttled() {} };
}
