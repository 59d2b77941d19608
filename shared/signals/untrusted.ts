/**
 * An untrusted text: trimmed, and never longer than `max` characters. Undefined where it isn't a text or is
 * blank. All untrusted text passes through here, so no row or message grows with the sender's input.
 */
export function textFrom(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text === '') return undefined;
  return text.length > max ? text.slice(0, max).toWellFormed() : text;
}

/** The value as a JSON object, or undefined where it is anything else (an array and null included). */
export function recordFrom(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}

/** As `recordFrom`, but a text that holds a JSON object counts too: Event Grid has been seen to send both. */
export function recordOrJsonFrom(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return recordFrom(value);
  if (!value.trimStart().startsWith('{')) return undefined;
  try {
    return recordFrom(JSON.parse(value));
  } catch {
    return undefined; // other text: it has no usable data, and the event is valid without it
  }
}

/** An untrusted instant as ISO 8601 in UTC with milliseconds; undefined where it isn't one. */
export function instantFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  // Azure writes UTC with seven digits. Truncating is far faster than creating a date, and every event has
  // one.
  if (UTC_INSTANT.test(value)) return `${value.slice(0, 23)}Z`;
  const ms = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
const UTC_INSTANT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3,7}Z$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
