import type { Heartbeat } from './incidents/heartbeat.ts';
import type { Ports } from './ports.ts';

/** Older than this many intervals, the sweep is taken for stopped: a timer can stop without an error. */
const SILENT_AFTER = 3;

/** An app that never finished a sweep counts from when it was first seen: it was not silent before it was there. */
export function lastSweep({ sweepFinishedAt, watchedSince }: Heartbeat): string | undefined {
  return sweepFinishedAt ?? watchedSince;
}

export function isSilent(at: string | undefined, ports: Pick<Ports, 'clock' | 'sweepIntervalMs'>): boolean {
  const age = ageMs(at, ports);
  // What lies as far ahead was written by a wrong clock, and says nothing of when.
  return age === undefined || Math.abs(age) > SILENT_AFTER * ports.sweepIntervalMs;
}

/** Either side: a clock that ran ahead must not stop what is due until then. */
export function isWithinInterval(
  at: string | undefined,
  ports: Pick<Ports, 'clock' | 'sweepIntervalMs'>,
): boolean {
  const age = ageMs(at, ports);
  return age !== undefined && Math.abs(age) < ports.sweepIntervalMs;
}

export function ageMs(at: string | undefined, ports: Pick<Ports, 'clock'>): number | undefined {
  return at === undefined ? undefined : ports.clock.nowMs() - Date.parse(at);
}
