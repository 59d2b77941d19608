import { msSince } from '../incidents/stored-time.ts';

/**
 * Gaps that anyone with rights in a watched subscription can cause are reported together, at most once in
 * this time, so that they never delay or bury an alarm. Each group has a time of its own.
 */
const JOIN_MS = 15 * 60_000;

/** Each group, with the time of its last notice (ISO 8601). */
export type JoinedAt = Readonly<Record<string, string>>;

/** Whether this group had a notice too recently for another one. A gap of no group never waits. */
export function mustWait(joinedAt: JoinedAt | undefined, group: string | undefined, now: string): boolean {
  return group !== undefined && msSince(joinedAt?.[group], now) < JOIN_MS;
}

/** The same after a notice about gaps of these groups. */
export function withJoined(
  joinedAt: JoinedAt | undefined,
  groups: readonly (string | undefined)[],
  now: string,
): JoinedAt | undefined {
  const named = groups.filter((group) => group !== undefined);
  return named.length === 0 ? joinedAt : { ...joinedAt, ...Object.fromEntries(named.map((g) => [g, now])) };
}
