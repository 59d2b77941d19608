/**
 * A text from outside: trimmed, never longer than `max` characters. Undefined where it isn't a text or is blank.
 * Everything that came from outside passes through here, so no row or message grows with what a stranger sends.
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

/** As `recordFrom`, and a text that holds a JSON object counts too: Event Grid has been seen to send both. */
export function recordOrJsonFrom(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return recordFrom(value);
  if (!value.trimStart().startsWith('{')) return undefined;
  try {
    return recordFrom(JSON.parse(value));
  } catch {
    return undefined; // a text of some other kind: it tells us nothing, and the event is good without it
  }
}

/** An instant from outside as ISO 8601 in UTC with milliseconds; undefined where it isn't one. */
export function instantFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
