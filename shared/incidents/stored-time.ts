/**
 * Clocks of one cloud differ by seconds. A stored time that is further ahead than this plus the longest wait
 * that the code ever writes comes from a clock that ran ahead. If the code obeyed it, it would wait until
 * that clock's time.
 */
export const MAX_CLOCK_SKEW_MS = 60_000;

/**
 * Until when a stored lease, pause or next try is valid. Undefined: it is over, the time is invalid, or it is
 * further ahead than `maxMs`, the longest that the code writes for it. Pure. Times ISO 8601.
 */
export function untilOrIgnored(until: string | undefined, now: string, maxMs: number): string | undefined {
  const aheadMs = Date.parse(until ?? '') - Date.parse(now);
  return aheadMs > 0 && aheadMs <= maxMs + MAX_CLOCK_SKEW_MS ? until : undefined;
}

/** When something happened. Undefined: never, or at a time in the future. Pure. */
export function pastOrIgnored(
  at: string | undefined,
  now: string,
  skewMs = MAX_CLOCK_SKEW_MS,
): string | undefined {
  return Date.parse(at ?? '') - Date.parse(now) <= skewMs ? at : undefined;
}

/** How long ago it happened, in milliseconds; infinite where `pastOrIgnored` gives no time. Pure. */
export function msSince(at: string | undefined, now: string): number {
  const past = pastOrIgnored(at, now);
  return past === undefined ? Number.POSITIVE_INFINITY : Date.parse(now) - Date.parse(past);
}
