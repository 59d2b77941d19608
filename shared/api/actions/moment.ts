const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A moment in a body: a point in time, or an offset from another. */
export type Moment = { at: string } | { afterMs: number } | 'now';

/**
 * Reads "now", an ISO 8601 time with its zone, or a duration: 90m, 4h, 2d, 1h30m, PT4H, P1DT12H. Undefined
 * where it is none of these.
 */
export function readMoment(text: string): Moment | undefined {
  const wanted = text.trim();
  if (wanted.toLowerCase() === 'now') return 'now';
  const at = instant(wanted);
  if (at !== undefined) return { at };
  const match =
    /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?$/i.exec(wanted) ??
    /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?$/i.exec(wanted);
  if (!match) return undefined;
  const [days, hours, minutes] = match.slice(1).map((digits) => Number(digits ?? 0));
  const afterMs = (days ?? 0) * DAY_MS + (hours ?? 0) * HOUR_MS + (minutes ?? 0) * MINUTE_MS;
  return afterMs > 0 ? { afterMs } : undefined;
}

/**
 * As UTC. A time without its zone could mean any of 26 hours, so it is invalid; so is the 30th of February.
 */
function instant(text: string): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i.exec(text);
  if (!match) return undefined;
  const [year, month, day] = match.slice(1, 4).map(Number);
  if (new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day)).getUTCDate() !== day) return undefined;
  const time = Date.parse(text.toUpperCase());
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
