import { msSince } from '../incidents/stored-time.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import type { Ports } from './ports.ts';

/**
 * If the last sweep is older than this many intervals, it counts as stopped: a timer can stop without an
 * error.
 */
const SILENT_AFTER = 3;

/** For an app that never finished a sweep, the age counts from when it was first seen. */
export function lastSweep({ sweepFinishedAt, watchedSince }: Heartbeat): string | undefined {
  return sweepFinishedAt ?? watchedSince;
}

export function isSilent(at: string | undefined, ports: Pick<Ports, 'clock' | 'config'>): boolean {
  return msSince(at, ports.clock.now()) > SILENT_AFTER * ports.config.sweepIntervalMs;
}

/** A time written by a clock that ran ahead must not suppress work until then. */
function isWithinInterval(at: string | undefined, ports: Pick<Ports, 'clock' | 'config'>): boolean {
  return msSince(at, ports.clock.now()) < ports.config.sweepIntervalMs;
}

/** Undefined: never, or at a time written by a clock that ran ahead. */
export function ageMs(at: string | undefined, ports: Pick<Ports, 'clock'>): number | undefined {
  const age = msSince(at, ports.clock.now());
  return age === Number.POSITIVE_INFINITY ? undefined : age;
}

/**
 * Whether a sweep that was not the timer's began within the last interval: one in an interval is enough. The
 * timer's own do not count: if they fail, its process may be the cause, and another one tries.
 */
export function hasAnotherTried(
  { sweepBegunAt, sweepBy }: Heartbeat,
  ports: Pick<Ports, 'clock' | 'config'>,
): boolean {
  return sweepBy !== 'timer' && isWithinInterval(sweepBegunAt, ports);
}
