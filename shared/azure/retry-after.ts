/**
 * The wait that a Retry-After header requests, in milliseconds (RFC 9110, 10.2.3: seconds or a date); negative
 * for a date in the past. Undefined if it is missing or unreadable.
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? undefined : wait;
}
