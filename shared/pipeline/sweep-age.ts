import { msSince } from '../incidents/stored-time.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import { intervalInForce, nextInterval, overdueAfterMs } from '../visibility/interval-in-force.ts';
import type { Ports } from './ports.ts';

type AgePorts = Pick<Ports, 'clock' | 'config'>;

/** For an app that never finished a sweep, the age counts from when it was first seen. */
export function lastSweep({ sweepFinishedAt, watchedSince }: Heartbeat): string | undefined {
  return sweepFinishedAt ?? watchedSince;
}

/** A timer can stop without an error. Where no sweep has finished yet, nobody waits for the longest interval. */
export function isSilent(at: string | undefined, heartbeat: Heartbeat, { clock, config }: AgePorts): boolean {
  const intervalOf = heartbeat.sweepFinishedAt === undefined ? nextInterval : intervalInForce;
  return msSince(at, clock.now()) > overdueAfterMs(intervalOf(heartbeat, config.sweepBounds));
}

/** Undefined: never, or at a time written by a clock that ran ahead. */
export function ageMs(at: string | undefined, ports: Pick<Ports, 'clock'>): number | undefined {
  const age = msSince(at, ports.clock.now());
  return age === Number.POSITIVE_INFINITY ? undefined : age;
}

/** Clocks differ by a moment, and the platform starts a timer a moment late now and then. */
const EARLY_MS = 2_000;

/**
 * Whether a sweep that was not the timer's began within the last interval: one in an interval is enough. The
 * timer's own do not count: if they fail, its process may be the cause, and another one tries. A time written by
 * a clock that ran ahead must not suppress work until then.
 */
export function hasAnotherTried(heartbeat: Heartbeat, { clock, config }: AgePorts): boolean {
  const { sweepBegunAt, sweepBy } = heartbeat;
  const age = msSince(sweepBegunAt, clock.now());
  return sweepBy !== 'timer' && age >= -EARLY_MS && age < nextInterval(heartbeat, config.sweepBounds);
}

/**
 * Whether the timer sweeps at this tick. A lease that was left behind belongs to a sweep that died: another one
 * does not wait for the interval, nor after one that failed before it read anything. A time in the future is a wrong
 * clock's, and no reason to wait for it.
 */
export function isTimeToSweep(heartbeat: Heartbeat, { clock, config }: AgePorts): boolean {
  const { leaseUntil, failedUnreadAt } = heartbeat;
  if (failedUnreadAt !== undefined) return true;
  const { minMs } = config.sweepBounds;
  const intervalMs = nextInterval(heartbeat, config.sweepBounds);
  if (leaseUntil !== undefined && Date.parse(leaseUntil) <= clock.nowMs()) return true;
  const age = msSince(beganAt(heartbeat), clock.now());
  return age < -EARLY_MS || age >= intervalMs - Math.min(EARLY_MS, minMs / 2);
}

/**
 * When the sweep began from which the timer counts: its own. If its last tick found another's under way, that one:
 * to wait for it must not postpone the timer's next.
 */
function beganAt({ timerAt, sweepBegunAt, sweepBy }: Heartbeat): string | undefined {
  const hasWaited = sweepBy !== 'timer' && Date.parse(timerAt ?? '') > Date.parse(sweepBegunAt ?? '');
  return hasWaited ? sweepBegunAt : timerAt;
}
