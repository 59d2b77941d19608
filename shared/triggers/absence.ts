/**
 * Lists are late, partial and contradict each other: what a list no longer shows counts as there for a day, and
 * time proves it absent.
 */
const ABSENCE_PROVEN_MS = 24 * 3_600_000;

/** Whether nothing has shown it from `since`, the last list that did, until `now`, long enough to prove it gone. */
export function isAbsenceProven(since: string, now: string): boolean {
  return Date.parse(now) - Date.parse(since) >= ABSENCE_PROVEN_MS;
}
