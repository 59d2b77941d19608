import { msSince } from '../incidents/stored-time.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import type { Ports } from './ports.ts';

/** Older than this many intervals, the sweep is taken for stopped: a timer can stop without an error. */
const SILENT_AFTER = 3;

/** An app that never finished a sweep counts from when it was first seen: it was not silent before it was there. */
export function lastSweep({ sweepFinishedAt, watchedSince }: Heartbeat): string | undefined {
  return sweepFinishedAt ?? watchedSince;
}

export function isSilent(at: string | undefined, ports: Pick<Ports, 'clock' | 'sweepIntervalMs'>): boolean {
  return msSince(at, ports.clock.now()) > SILENT_AFTER * ports.sweepIntervalMs;
}

/** A time that a clock that ran ahead wrote must not stop what is due until then. */
export function isWithinInterval(
  at: string | undefined,
  ports: Pick<Ports, 'clock' | 'sweepIntervalMs'>,
): boolean {
  return msSince(at, ports.clock.now()) < ports.sweepIntervalMs;
}

/** Undefined: never, or at a time that a clock that ran ahead wrote. */
export function ageMs(at: string | undefined, ports: Pick<Ports, 'clock'>): number | undefined {
  const age = msSince(at, ports.clock.now());
  return age === Number.POSITIVE_INFINITY ? undefined : age;
}
