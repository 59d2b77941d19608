import type { Clock } from '../clock.ts';
import type { Deadline } from './deadline.ts';
import type { Release } from './rate-limiter.ts';
import { makeSemaphore, type Semaphore } from './semaphore.ts';
import { type TokenBucket, tokenBucket } from './token-bucket.ts';

/**
 * Azure Resource Manager docs, "Understand how Azure Resource Manager throttles requests": each subscription
 * has, for each identity, a bucket of 250 reads that refills by 25 a second.
 */
export const ARM_BUCKET = { capacity: 250, perSecond: 25 };
/**
 * A sweep's share of the bucket and of the concurrent requests; the rest is for signals, in whichever process
 * they arrive.
 */
export const SWEEP_SHARE = 0.6;
/** Concurrent requests in one subscription. */
const ARM_CONCURRENCY = 32;
/**
 * A sweep's share of these: enough for its share of the refill (15 a second) if an answer takes up to half a
 * second. Each is a TLS connection, a quarter of a megabyte, and ten subscriptions are swept in parallel.
 */
export const SWEEP_CONCURRENCY = 8;

export interface RateLimitOptions {
  clock: Clock;
  /** Concurrent requests in one subscription. */
  concurrency?: number;
  bucket?: { capacity: number; perSecond: number };
}

/** One subscription. */
export interface SubscriptionLimit {
  all: Share;
  /**
   * What a sweep leaves of the bucket where Azure said that less is left: processes and readers that we know
   * nothing of use it too. A sweep that took the last ones would be refused, and signals with it.
   */
  keptForSignals: number;
  sweeps: Share;
  /** What our own signals took of their share: their reads are no other reader's. */
  signals: TokenBucket;
  /** Sweeps leave the next tokens to the signals that wait for one. */
  signalsWaiting: number;
  /** Of each kind, one request waits for the bucket, and the others wait for that one. */
  waiting: Record<'signal' | 'sweep' | 'reserve', Semaphore>;
}

interface Share {
  tokens: TokenBucket;
  semaphore: Semaphore;
}

export function makeSubscriptionLimit({
  clock,
  concurrency = ARM_CONCURRENCY,
  bucket = ARM_BUCKET,
}: RateLimitOptions): SubscriptionLimit {
  const tokens = (part: number) =>
    tokenBucket({ capacity: bucket.capacity * part, perSecond: bucket.perSecond * part, clock });
  const share = (part: number, atOnce: number): Share => ({
    tokens: tokens(part),
    semaphore: makeSemaphore(Math.max(1, atOnce)),
  });
  const ofSweep = Math.min(SWEEP_CONCURRENCY, Math.floor(concurrency * SWEEP_SHARE));
  const waiting = { signal: makeSemaphore(1), sweep: makeSemaphore(1), reserve: makeSemaphore(1) };
  return {
    all: share(1, concurrency),
    keptForSignals: 0,
    sweeps: share(SWEEP_SHARE, ofSweep),
    signals: tokens(1 - SWEEP_SHARE),
    signalsWaiting: 0,
    waiting,
  };
}

export async function enterForSignal(
  limit: SubscriptionLimit,
  deadline: Deadline,
  abort: AbortSignal,
): Promise<Release | undefined> {
  const { all, signals } = limit;
  limit.signalsWaiting += 1;
  const release = await limit.waiting.signal.take();
  try {
    if (!(await waited(() => all.tokens.waitMs(), deadline, abort))) return undefined;
    all.tokens.take();
    signals.take();
  } finally {
    limit.signalsWaiting -= 1;
    release();
  }
  return inFlight([all], abort);
}

export async function tokenForSweep(
  limit: SubscriptionLimit,
  deadline: Deadline,
  abort: AbortSignal,
): Promise<boolean> {
  const release = await limit.waiting.sweep.take();
  try {
    if (!(await waited(() => sweepWaitMs(limit), deadline, abort))) return false;
    takeForSweep(limit);
    return true;
  } finally {
    release();
  }
}

/** One by one, since many may need more than the bucket holds at once; in order of arrival. */
export async function takeMany(
  limit: SubscriptionLimit,
  count: number,
  deadline: Deadline,
): Promise<boolean> {
  const release = await limit.waiting.reserve.take();
  let taken = 0;
  try {
    while (taken < count) {
      const lastAt = deadline.clock.nowMs() + limit.sweeps.tokens.waitMs(count - taken);
      if (lastAt > deadline.atMs || !(await waited(() => sweepWaitMs(limit), deadline))) break;
      takeForSweep(limit);
      taken += 1;
    }
    if (taken < count) giveBack(limit, taken);
    return taken === count;
  } finally {
    release();
  }
}

/**
 * If Azure is only rate-limiting, a token is back within a second: a longer Retry-After means that it blocks
 * us altogether.
 */
const BARRED_MS = 5000;

export function isBarred({ all }: SubscriptionLimit, { atMs, clock }: Deadline): boolean {
  const untilMs = all.tokens.emptiedUntilMs();
  return untilMs > atMs && untilMs - clock.nowMs() > BARRED_MS;
}

/** Waits until no wait remains; false where that would go beyond the deadline. */
async function waited(waitMs: () => number, deadline: Deadline, abort?: AbortSignal): Promise<boolean> {
  const { clock, atMs } = deadline;
  for (let wait = waitMs(); wait > 0; wait = waitMs()) {
    if (abort?.aborted || clock.nowMs() + wait > atMs) return false;
    await clock.sleep(wait, abort);
  }
  return abort?.aborted !== true;
}

function sweepWaitMs({ all, keptForSignals, sweeps, signalsWaiting }: SubscriptionLimit): number {
  return Math.max(all.tokens.waitMs(1 + signalsWaiting + keptForSignals), sweeps.tokens.waitMs());
}

function takeForSweep({ all, sweeps }: SubscriptionLimit): void {
  all.tokens.take();
  sweeps.tokens.take();
}

export function giveBack({ all, sweeps }: SubscriptionLimit, count: number): void {
  for (let n = 0; n < count; n += 1) {
    all.tokens.giveBack();
    sweeps.tokens.giveBack();
  }
}

/**
 * After the token: a request that waits for the bucket must not hold a concurrency slot that others could
 * use.
 */
export async function inFlight(shares: readonly Share[], abort: AbortSignal): Promise<Release> {
  const releases: Release[] = [];
  for (const { semaphore } of shares) releases.push(await semaphore.take());
  if (abort.aborted) for (const { tokens } of shares) tokens.giveBack();
  return () => {
    for (const release of releases) release();
  };
}
