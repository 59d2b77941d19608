import { MAX_RETRY_AFTER_MS } from '../../notice.ts';

/**
 * The wait that a Retry-After header requests, in milliseconds (RFC 9110, 10.2.3: seconds or a date).
 * Undefined if it is missing or unreadable; never more than `MAX_RETRY_AFTER_MS`.
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), MAX_RETRY_AFTER_MS);
}
