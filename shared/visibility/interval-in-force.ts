import type { Heartbeat } from './heartbeat.ts';
import { type SweepIntervals, slowedFrom } from './slowed-subscriptions.ts';

/** The bounds of the interval between two sweeps: settings. */
export interface SweepBounds {
  minMs: number;
  maxMs: number;
}

/** The number of intervals after which a sweep, or a reading, is overdue. */
const OVERDUE_AFTER = 3;
/**
 * The shortest time after which anything is overdue: the platform moves the timer to another instance, or starts
 * it anew after a deployment, and that takes longer than three of the shortest intervals.
 */
const MIN_OVERDUE_MS = 45_000;

/**
 * The interval that the last sweeps kept, for whatever asks whether something is late. Not known, or below a
 * bound that was raised since: the longest that it may have been, so that nothing is called late before it is.
 * The upper bound does not apply to it: what was read before that bound was lowered is not late.
 */
export function intervalInForce(
  heartbeat: Pick<Heartbeat, 'sweepIntervalMs'> | undefined,
  { minMs, maxMs }: SweepBounds,
): number {
  return Math.max(heartbeat?.sweepIntervalMs ?? maxMs, minMs);
}

/** The same, with the longer intervals of slowed subscriptions: for whatever asks whether a reading is late. */
export function intervalsInForce(
  heartbeat: Pick<Heartbeat, 'sweepIntervalMs' | 'slowedSubscriptions'> | undefined,
  bounds: SweepBounds,
): Required<SweepIntervals> {
  return {
    sweepIntervalMs: intervalInForce(heartbeat, bounds),
    slowed: slowedFrom(heartbeat?.slowedSubscriptions),
  };
}

/** The interval after which the next sweep is due. An app that has never swept sweeps at once, and then soon. */
export function nextInterval(
  heartbeat: Pick<Heartbeat, 'sweepIntervalMs'> | undefined,
  { minMs, maxMs }: SweepBounds,
): number {
  return Math.min(Math.max(heartbeat?.sweepIntervalMs ?? minMs, minMs), maxMs);
}

/** How old the last sweep, the timer's last run or a reading may be before it counts as missing. */
export function overdueAfterMs(intervalMs: number): number {
  return Math.max(OVERDUE_AFTER * intervalMs, MIN_OVERDUE_MS);
}

/**
 * The last time that the timer was seen. The end of its sweep counts as well: a long sweep under a long interval
 * may be followed by a short one.
 */
export function timerSeenAt({ timerAt, sweepBy, sweepFinishedAt }: Heartbeat): string | undefined {
  if (timerAt === undefined || sweepBy !== 'timer' || sweepFinishedAt === undefined) return timerAt;
  return Date.parse(sweepFinishedAt) > Date.parse(timerAt) ? sweepFinishedAt : timerAt;
}
