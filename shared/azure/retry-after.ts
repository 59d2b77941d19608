/**
 * No wait is longer, whatever an answer asks: a service that throttled us for longer would otherwise stop a
 * subscription's readings until the process ends. Resource Manager's own limits refill within an hour
 * (Azure Resource Manager docs: "Understand how Azure Resource Manager throttles requests").
 */
const MAX_WAIT_MS = 3_600_000;

/**
 * The wait that a Retry-After header requests, in milliseconds (RFC 9110, 10.2.3: seconds or a date); negative
 * for a date in the past. Undefined if it is missing or unreadable.
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? undefined : Math.min(wait, MAX_WAIT_MS);
}

/** The wait of a throttled request where the answer gives none, and the minimum wait. */
const THROTTLED_MS = 1000;
const MIN_THROTTLED_MS = 200;

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
  const ms = own?.trim() ? Number(own) : Number.NaN;
  const asked = Number.isFinite(ms) ? Math.min(ms, MAX_WAIT_MS) : retryAfterMs(general, nowMs);
  return Math.max(asked ?? THROTTLED_MS, MIN_THROTTLED_MS);
}
