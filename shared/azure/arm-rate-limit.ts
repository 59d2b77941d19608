import type { Clock } from '../clock.ts';
import { armIdParts } from './arm-id.ts';
import type { Deadline } from './deadline.ts';
import type { Gate, Leave } from './rate-limiter.ts';
import { makeSlots, type Slots } from './semaphore.ts';
import { type TokenBucket, tokenBucket } from './token-bucket.ts';

/**
 * What a reservation came to. `short`: our share of the budget has not enough before the end of the pass; `throttled`:
 * Azure itself keeps us out for longer than that. Read all the same, they would be unknown.
 */
export type Reserved = 'reserved' | 'short' | 'throttled';

/**
 * Azure Resource Manager docs, "Understand how Azure Resource Manager throttles requests": each subscription has, for
 * each identity, a bucket of 250 reads that refills by 25 a second.
 */
export const ARM_BUCKET = { capacity: 250, perSecond: 25 };
/** What a sweep may take of it, and of the requests under way; the rest is for signals, in whatever process they come. */
export const SWEEP_SHARE = 0.6;
/** Requests under way at once in one subscription. */
export const ARM_CONCURRENCY = 32;
/**
 * Of these, a sweep's: enough for its share of the refill (15 a second) while an answer takes up to half a second. Each
 * is a TLS connection, a quarter of a megabyte, and ten subscriptions are swept side by side.
 */
export const SWEEP_CONCURRENCY = 8;

export interface ArmBudget {
  /** For the readings of a signal: they go first, and may use all that is there. */
  forSignal: Gate;
  /** For one pass of a sweep. */
  forSweep(): SweepGate;
}

export interface SweepGate extends Gate {
  /**
   * Takes what so many requests of this pass need, by subscription, and waits its turn for that. Takes nothing where
   * it would last beyond the deadline.
   */
  reserve(requests: ReadonlyMap<string, number>, deadline: Deadline): Promise<Reserved>;
}

/**
 * The throttling budget of Azure Resource Manager. Every subscription stands for itself: one that is slow or throttled
 * holds back no other.
 */
export function armBudget(options: BudgetOptions): ArmBudget {
  const lanes = new Map<string, Lane>();
  const laneOf = (subscriptionId: string) => {
    const lane = lanes.get(subscriptionId) ?? makeLane(options);
    lanes.set(subscriptionId, lane);
    return lane;
  };
  const throttled: Gate['throttled'] = (url, untilMs) => {
    const { all, sweeps } = laneOf(subscriptionIn(url.pathname));
    all.tokens.emptyUntil(untilMs);
    sweeps.tokens.emptyUntil(untilMs);
  };
  return {
    forSignal: {
      throttled,
      enter: (url, deadline, abort) => enterForSignal(laneOf(subscriptionIn(url.pathname)), deadline, abort),
    },
    forSweep() {
      const reserved = new Map<string, number>();
      return {
        throttled,
        async enter(url, deadline, abort) {
          const subscriptionId = subscriptionIn(url.pathname);
          const lane = laneOf(subscriptionId);
          const left = reserved.get(subscriptionId) ?? 0;
          if (left > 0) reserved.set(subscriptionId, left - 1);
          else if (!(await tokenForSweep(lane, deadline, abort))) return undefined;
          return underWay([lane.sweeps, lane.all], abort);
        },
        async reserve(requests, deadline) {
          const taken: [string, number][] = [];
          for (const [subscriptionId, count] of requests) {
            const lane = laneOf(subscriptionId);
            if (!(await takeMany(lane, count, deadline))) {
              for (const [id, many] of taken) giveBack(laneOf(id), many);
              return isBarred(lane, deadline) ? 'throttled' : 'short';
            }
            taken.push([subscriptionId, count]);
          }
          for (const [id, count] of taken) reserved.set(id, (reserved.get(id) ?? 0) + count);
          return 'reserved';
        },
      };
    },
  };
}

export interface BudgetOptions {
  clock: Clock;
  /** Requests under way at once in one subscription. */
  concurrency?: number;
  bucket?: { capacity: number; perSecond: number };
}

/** The subscription of an ARM path, in lower case; '' where it names none. */
export function subscriptionIn(path: string): string {
  return (armIdParts(path).subscriptionId ?? '').toLowerCase();
}

/** One subscription. */
interface Lane {
  all: Share;
  sweeps: Share;
  /** Sweeps leave the next tokens to the signals that wait for one. */
  signalsWaiting: number;
  /** Of each kind one waits for the bucket, the others for their turn. */
  turns: Record<'signal' | 'sweep' | 'reserve', Slots>;
}

interface Share {
  tokens: TokenBucket;
  slots: Slots;
}

function makeLane({ clock, concurrency = ARM_CONCURRENCY, bucket = ARM_BUCKET }: BudgetOptions): Lane {
  const share = (part: number, atOnce: number): Share => ({
    tokens: tokenBucket({ capacity: bucket.capacity * part, perSecond: bucket.perSecond * part, clock }),
    slots: makeSlots(Math.max(1, atOnce)),
  });
  const ofSweep = Math.min(SWEEP_CONCURRENCY, Math.floor(concurrency * SWEEP_SHARE));
  const turns = { signal: makeSlots(1), sweep: makeSlots(1), reserve: makeSlots(1) };
  return { all: share(1, concurrency), sweeps: share(SWEEP_SHARE, ofSweep), signalsWaiting: 0, turns };
}

async function enterForSignal(
  lane: Lane,
  deadline: Deadline,
  abort: AbortSignal,
): Promise<Leave | undefined> {
  const { all } = lane;
  lane.signalsWaiting += 1;
  const release = await lane.turns.signal.take();
  try {
    if (!(await waited(() => all.tokens.waitMs(), deadline, abort))) return undefined;
    all.tokens.take();
  } finally {
    lane.signalsWaiting -= 1;
    release();
  }
  return underWay([all], abort);
}

async function tokenForSweep(lane: Lane, deadline: Deadline, abort: AbortSignal): Promise<boolean> {
  const release = await lane.turns.sweep.take();
  try {
    if (!(await waited(() => sweepWaitMs(lane), deadline, abort))) return false;
    takeForSweep(lane);
    return true;
  } finally {
    release();
  }
}

/** One by one, since many may need more than the bucket holds at once; in the order of asking. */
async function takeMany(lane: Lane, count: number, deadline: Deadline): Promise<boolean> {
  const release = await lane.turns.reserve.take();
  let taken = 0;
  try {
    while (taken < count) {
      const lastAt = deadline.clock.nowMs() + lane.sweeps.tokens.waitMs(count - taken);
      if (lastAt > deadline.atMs || !(await waited(() => sweepWaitMs(lane), deadline))) break;
      takeForSweep(lane);
      taken += 1;
    }
    if (taken < count) giveBack(lane, taken);
    return taken === count;
  } finally {
    release();
  }
}

/** Where Azure only counts, a token is back within the second: who is asked to wait for longer is kept out altogether. */
const BARRED_MS = 5000;

function isBarred({ all }: Lane, { atMs, clock }: Deadline): boolean {
  const untilMs = all.tokens.emptiedUntilMs();
  return untilMs > atMs && untilMs - clock.nowMs() > BARRED_MS;
}

/** Waits until there is nothing to wait for; false where that would last beyond the deadline. */
async function waited(waitMs: () => number, deadline: Deadline, abort?: AbortSignal): Promise<boolean> {
  const { clock, atMs } = deadline;
  for (let wait = waitMs(); wait > 0; wait = waitMs()) {
    if (abort?.aborted || clock.nowMs() + wait > atMs) return false;
    await clock.sleep(wait, abort);
  }
  return abort?.aborted !== true;
}

function sweepWaitMs({ all, sweeps, signalsWaiting }: Lane): number {
  return Math.max(all.tokens.waitMs(1 + signalsWaiting), sweeps.tokens.waitMs());
}

function takeForSweep({ all, sweeps }: Lane): void {
  all.tokens.take();
  sweeps.tokens.take();
}

function giveBack({ all, sweeps }: Lane, count: number): void {
  for (let n = 0; n < count; n += 1) {
    all.tokens.giveBack();
    sweeps.tokens.giveBack();
  }
}

/** After the token: who waits for the bucket must hold no place of those who have what they need. */
async function underWay(shares: readonly Share[], abort: AbortSignal): Promise<Leave> {
  const releases: Leave[] = [];
  for (const { slots } of shares) releases.push(await slots.take());
  if (abort.aborted) for (const { tokens } of shares) tokens.giveBack();
  return () => {
    for (const release of releases) release();
  };
}
