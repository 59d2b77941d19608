import { untilOrIgnored } from '../incidents/stored-time.ts';
import { later } from '../notices/outbox.ts';
import type { Signal } from '../signals/signal.ts';
import { askingSignals } from '../storage/asking-signals.ts';
import type { HeartbeatStore } from '../storage/heartbeat.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import { nextInterval } from '../visibility/interval-in-force.ts';
import { type SweepIntervals, slowedFrom, slowedText } from '../visibility/slowed-subscriptions.ts';
import type { Ports } from './ports.ts';
import type { SweepResult } from './sweep.ts';
import { ageMs, hasAnotherTried } from './sweep-age.ts';
import { paceAfter, type SweepLoad, slowedAfter } from './sweep-interval.ts';

export type SweepBy = 'timer' | 'signal' | 'heartbeat' | 'status' | 'actions' | 'web' | 'asked';

const MINUTE_MS = 60_000;
/**
 * A sweep's lease, renewed while it runs. If its process dies, the next sweep comes before anything is overdue at
 * the shortest interval, where that is 45 s.
 */
const LEASE_MS = 20_000;
const RENEWED_MS = 5_000;

/** A sweep reads for 80 % of its interval at most, and then sends. One that hangs is not waited for much longer. */
function renewedFor(intervalMs: number): number {
  return Math.max(MINUTE_MS, Math.min(2 * intervalMs, intervalMs + MINUTE_MS));
}

/** The last sweep of the timer's process, for when the heartbeat can't be used. Lives as long as its store. */
const ownSweep = new WeakMap<HeartbeatStore, Heartbeat>();

/**
 * The heartbeat, or what this process remembers, where that is later: the row may be readable and still refuse
 * every write, and a row that never changes would make each tick a sweep.
 */
export function laterOfOwn(row: Heartbeat, { heartbeat }: Pick<Ports, 'heartbeat'>): Heartbeat {
  const own = ownSweep.get(heartbeat);
  if (!own || Date.parse(row.timerAt ?? '') >= Date.parse(own.timerAt ?? '')) return row;
  const { leaseUntil: _theirs, failedUnreadAt: _earlier, ...rest } = row;
  return { ...rest, ...own };
}

/**
 * Runs one sweep at a time over all processes, and, besides the timer's, at most one in an interval: nobody's
 * events or requests can use up what Azure lets us read. What the sweep needed decides the next interval, and what
 * Azure said to it in a subscription the one at which that subscription is read. Undefined: this sweep did not begin.
 */
export async function sweepUnderLease(ports: Ports, by: SweepBy): Promise<SweepResult | undefined> {
  const now = ports.clock.now();
  const taken = await takeLease(ports, by, now);
  if (!taken) return undefined;
  const { sweepBounds } = ports.config;
  const intervalMs = nextInterval(taken, sweepBounds);
  const intervals = { sweepIntervalMs: intervalMs, slowed: slowedFrom(taken.slowedSubscriptions) };
  let finished: Heartbeat = {};
  let load: SweepLoad | undefined;
  const begun = { timerAt: now, sweepBegunAt: now, sweepBy: by };
  const { calmSweeps = 0, slowedSubscriptions } = taken;
  const own: Heartbeat = { ...begun, sweepIntervalMs: intervalMs, calmSweeps };
  if (slowedSubscriptions !== undefined) own.slowedSubscriptions = slowedSubscriptions;
  if (by === 'timer') remember(own, ports);
  const lease = { until: taken.leaseUntil };
  const stopRenewing = renew(lease, renewedFor(intervalMs), ports);
  try {
    // Loaded by whoever sweeps: a signal on a cold start does not pay for it.
    const [{ sweep }, { withSmallHeap }] = await Promise.all([
      import('./sweep.ts'),
      import('./small-heap.ts'),
    ]);
    const onLoad = (measured: SweepLoad) => {
      load = measured;
    };
    const result = await withSmallHeap(() => sweep(ports, { asking: taken.asking, intervals, onLoad }));
    const ageSeconds = (ageMs(taken.sweepFinishedAt, ports) ?? 0) / 1000;
    const seconds = (ageMs(now, ports) ?? 0) / 1000;
    ports.log.info('swept', { by, seconds, ageSeconds, intervalSeconds: intervalMs / 1000, ...result });
    finished = { sweepFinishedAt: ports.clock.now() };
    return result;
  } finally {
    // A sweep that failed in part may have failed because there is too much to read.
    const next = load ? nextIntervals(load, intervals, calmSweeps, ports) : {};
    const again: Heartbeat = load ? {} : { failedUnreadAt: ports.clock.now() };
    if (by === 'timer') remember({ ...own, ...finished, ...next, ...again }, ports);
    await stopRenewing();
    await release(ports, lease.until, { ...finished, ...next, ...again, ...queuesSeen(ports, by) });
  }
}

function remember(own: Heartbeat, { heartbeat }: Ports): void {
  const { sweepFinishedAt } = ownSweep.get(heartbeat) ?? {};
  ownSweep.set(heartbeat, { ...(sweepFinishedAt === undefined ? {} : { sweepFinishedAt }), ...own });
}

/** What the row says for the next sweep; each change is in the log. */
function nextIntervals(
  load: SweepLoad,
  { sweepIntervalMs: intervalMs, slowed }: Required<SweepIntervals>,
  calmSweeps: number,
  { config: { sweepBounds: bounds }, clock, log }: Ports,
): Heartbeat {
  const pace = paceAfter({ intervalMs, calmSweeps }, load.reads, bounds);
  const sweepIntervalMs = pace.intervalMs;
  if (sweepIntervalMs !== intervalMs)
    log.info('sweep-interval', {
      fromSeconds: intervalMs / 1000,
      toSeconds: sweepIntervalMs / 1000,
      reads: load.reads,
    });
  const next = slowedAfter(slowed, load.quota, { sweepIntervalMs, bounds, now: clock.now() });
  for (const subscriptionId of new Set([...slowed.keys(), ...next.keys()])) {
    const fromMs = slowed.get(subscriptionId)?.intervalMs ?? intervalMs;
    const toMs = next.get(subscriptionId)?.intervalMs ?? sweepIntervalMs;
    const seconds = { fromSeconds: fromMs / 1000, toSeconds: toMs / 1000 };
    if (fromMs !== toMs)
      log.info('sweep-interval', { subscriptionId, ...seconds, ...load.quota.get(subscriptionId) });
  }
  return { sweepIntervalMs, calmSweeps: pace.calmSweeps, slowedSubscriptions: slowedText(next) };
}

type Taken = Heartbeat & { leaseUntil: string; asking: Signal[] };

/**
 * The timer sweeps without a lease if the heartbeat can't be written: its table may be unavailable for
 * minutes, and a sweep doesn't need it. Two sweeps at once cost twice the reading and are still correct:
 * every decision is committed under the ETag of its policy state, and every notice is sent under a lease. No
 * other function sweeps then, because it can't know whether the timer is silent.
 */
async function takeLease(ports: Ports, by: SweepBy, now: string): Promise<Taken | undefined> {
  const isTimer = by === 'timer';
  let isOurs = false;
  let asking: Signal[] = [];
  let seen: Heartbeat = {};
  const leaseUntil = later(now, LEASE_MS);
  try {
    const lastHeartbeat = await ports.heartbeat.update((before) => {
      seen = before;
      isOurs =
        untilOrIgnored(before.leaseUntil, now, LEASE_MS) === undefined &&
        (isTimer || !hasAnotherTried(before, ports));
      if (!isOurs && !isTimer) return undefined;
      asking = isOurs ? askingSignals(before) : [];
      const { askedBy: _asked, failedUnreadAt: _again, ...rest } = before;
      const kept = isOurs ? rest : before;
      const next = { watchedSince: now, ...kept, ...(isTimer ? { timerAt: now } : {}) };
      return isOurs ? { ...next, leaseUntil, sweepBegunAt: now, sweepBy: by } : next;
    });
    return isOurs && lastHeartbeat ? { ...lastHeartbeat, leaseUntil, asking } : undefined;
  } catch (error) {
    if (!isTimer) throw error;
    ports.log.error('heartbeat-not-written', errorFields(error));
    return { ...laterOfOwn(seen, ports), leaseUntil, asking: [] };
  }
}

/**
 * Renews our lease until it is stopped, lost, or `forMs` are over: a sweep that hangs must not keep others from it.
 * Never throws: two sweeps at once are still correct.
 */
function renew(lease: { until: string }, forMs: number, ports: Ports): () => Promise<void> {
  const { clock, heartbeat, log } = ports;
  const stop = new AbortController();
  const endMs = clock.nowMs() + forMs;
  const renewing = (async () => {
    for (;;) {
      await clock.sleep(RENEWED_MS, stop.signal);
      if (stop.signal.aborted || clock.nowMs() >= endMs) return;
      const until = later(clock.now(), LEASE_MS);
      try {
        const isOurs = (before: Heartbeat) => before.leaseUntil === lease.until;
        const written = await heartbeat.update((before) =>
          isOurs(before) ? { ...before, leaseUntil: until } : undefined,
        );
        if (!written) return;
        lease.until = until;
      } catch (error) {
        log.warn('lease-not-renewed', errorFields(error));
      }
    }
  })();
  return () => {
    stop.abort();
    return renewing;
  };
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
