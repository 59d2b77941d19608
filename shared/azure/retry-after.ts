/**
 * The wait that a Retry-After header requests, in milliseconds (RFC 9110, 10.2.3: seconds or a date); negative
 * for a date in the past. Undefined if it is missing or unreadable.
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? undefined : wait;
}

/** The wait of a throttled request where the answer gives none, and the minimum wait. */
const THROTTLED_MS = 1000;
const THROTTLED_LEAST_MS = 200;

/**
 * How long Azure wants us to wait; undefined where it does not throttle. A 503 that gives no time is an outage
 * (Azure Resource Manager docs: "Understand how Azure Resource Manager throttles requests": 429). Azure's own
 * headers use milliseconds.
 */
export function throttledMs(
  status: number,
  header: (name: string) => string | undefined,
  nowMs: number,
): number | undefined {
  const own = header('retry-after-ms') ?? header('x-ms-retry-after-ms');
  const general = header('retry-after');
  if (status !== 429 && !(status === 503 && (own ?? general) !== undefined)) return undefined;
  const ms = Number(own ?? Number.NaN);
  if (Number.isFinite(ms)) return Math.max(ms, THROTTLED_LEAST_MS);
  return Math.max(retryAfterMs(general, nowMs) ?? THROTTLED_MS, THROTTLED_LEAST_MS);
}
