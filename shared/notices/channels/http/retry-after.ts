import { retryAfterMs } from '../../../azure/retry-after.ts';
import { MAX_RETRY_AFTER_MS } from '../../notice.ts';

/** The wait that a Retry-After header requests of a channel: never more than `MAX_RETRY_AFTER_MS`. */
export function channelRetryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const wait = retryAfterMs(header, nowMs);
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), MAX_RETRY_AFTER_MS);
}
