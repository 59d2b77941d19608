/** Whole days after a time. Undefined where either is not a usable number, since both may be untrusted. */
export function addDays(at: string | undefined, days: number): string | undefined {
  if (at === undefined) return undefined;
  const then = new Date(Date.parse(at) + days * DAY_MS);
  return Number.isFinite(then.getTime()) ? then.toISOString() : undefined;
}

/** Days from one time to another; NaN where either is not a time, so that every comparison is false. */
export function daysBetween(from: string | undefined, to: string): number {
  return from === undefined ? Number.NaN : (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/**
 * Midnight, UTC, of that day, in the date format that `az` accepts. All readings of one day give the same
 * command, so policies that share a key share the step.
 */
export function startOfDay(at: string): string {
  return `${at.slice(0, 10)}T00:00:00Z`;
}

const DAY_MS = 24 * 60 * 60 * 1000;
