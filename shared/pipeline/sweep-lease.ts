import { untilOrIgnored } from '../incidents/stored-time.ts';
import { later } from '../notices/outbox.ts';
import type { Signal } from '../signals/signal.ts';
import { askingSignals } from '../storage/asking-signals.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import type { Ports } from './ports.ts';
import type { SweepResult } from './sweep.ts';
import { ageMs, hasAnotherTried } from './sweep-age.ts';

export type SweepBy = 'timer' | 'signal' | 'heartbeat' | 'status' | 'actions' | 'web' | 'asked';

/**
 * Runs one sweep at a time over all processes, and, besides the timer's, at most one in an interval: nobody's
 * events or requests can use up what Azure lets us read. Undefined: this sweep did not begin.
 */
export async function sweepUnderLease(ports: Ports, by: SweepBy): Promise<SweepResult | undefined> {
  const now = ports.clock.now();
  const leaseMs = Math.max(60_000, 2 * ports.config.sweepIntervalMs);
  const leaseUntil = later(now, leaseMs);
  const taken = await takeLease(ports, by, { now, leaseUntil, leaseMs });
  if (!taken) return undefined;
  let finished: Heartbeat = {};
  try {
    // Loaded by whoever sweeps: a signal on a cold start does not pay for it.
    const { sweep } = await import('./sweep.ts');
    const result = await sweep(ports, taken.asking);
    const ageSeconds = (ageMs(taken.sweepFinishedAt, ports) ?? 0) / 1000;
    const seconds = (ageMs(now, ports) ?? 0) / 1000;
    ports.log.info('swept', { by, seconds, ageSeconds, ...result });
    finished = { sweepFinishedAt: ports.clock.now() };
    return result;
  } finally {
    await release(ports, leaseUntil, { ...finished, ...queuesSeen(ports, by) });
  }
}

/**
 * The timer sweeps without a lease if the heartbeat can't be written: its table may be unavailable for
 * minutes, and a sweep doesn't need it. Two sweeps at once cost twice the reading and are still correct:
 * every decision is committed under the ETag of its policy state, and every notice is sent under a lease. No
 * other function sweeps then, because it can't know whether the timer is silent.
 */
async function takeLease(
  ports: Ports,
  by: SweepBy,
  { now, leaseUntil, leaseMs }: { now: string; leaseUntil: string; leaseMs: number },
): Promise<(Heartbeat & { asking: Signal[] }) | undefined> {
  const isTimer = by === 'timer';
  let isOurs = false;
  let asking: Signal[] = [];
  try {
    const lastHeartbeat = await ports.heartbeat.update((before) => {
      isOurs =
        untilOrIgnored(before.leaseUntil, now, leaseMs) === undefined &&
        (isTimer || !hasAnotherTried(before, ports));
      if (!isOurs && !isTimer) return undefined;
      asking = isOurs ? askingSignals(before) : [];
      const { askedBy, ...rest } = before;
      const kept = isOurs || askedBy === undefined ? rest : before;
      const next = { watchedSince: now, ...kept, ...(isTimer ? { timerAt: now } : {}) };
      return isOurs ? { ...next, leaseUntil, sweepBegunAt: now, sweepBy: by } : next;
    });
    return isOurs && lastHeartbeat ? { ...lastHeartbeat, asking } : undefined;
  } catch (error) {
    if (!isTimer) throw error;
    ports.log.error('heartbeat-not-written', errorFields(error));
    return { asking: [] };
  }
}

/** Ends our lease, if it is still ours. Never throws: the lease expires by itself, and the sweep is done. */
async function release(ports: Ports, leaseUntil: string, more: Heartbeat): Promise<void> {
  try {
    await ports.heartbeat.update((lastHeartbeat) => {
      if (lastHeartbeat.leaseUntil !== leaseUntil) return { ...lastHeartbeat, ...more };
      const { leaseUntil: _over, ...rest } = lastHeartbeat;
      return { ...rest, ...more };
    });
  } catch (error) {
    ports.log.warn('lease-not-released', errorFields(error));
  }
}

/**
 * The timer's process uses every queue. Other processes know less, and must not record that nothing is wrong.
 */
function queuesSeen({ queueFaults }: Ports, by: SweepBy): Heartbeat {
  if (by !== 'timer' || !queueFaults) return {};
  return { queueFault: queueFaults().join(' ') };
}
