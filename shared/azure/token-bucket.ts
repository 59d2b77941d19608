import type { Clock } from '../clock.ts';

/** Tokens that refill over time; each request takes one. */
export interface TokenBucket {
  /**
   * Milliseconds until this many tokens are available, if no other caller takes any. 0: they are available.
   */
  waitMs(count?: number): number;
  /** Takes one. */
  take(): void;
  giveBack(): void;
  /** Somebody else has taken some: there are no more than so many. */
  atMost(count: number): void;
  /** How many were taken and have not refilled yet. */
  spent(): number;
  /** The bucket is empty, and nothing refills before this time (milliseconds since the epoch). */
  emptyUntil(atMs: number): void;
  /** The end of that period; in the past where it is over. */
  emptiedUntilMs(): number;
}

/** Starts full. */
export function tokenBucket(options: {
  capacity: number;
  perSecond: number;
  clock: Pick<Clock, 'nowMs'>;
}): TokenBucket {
  const { capacity, perSecond, clock } = options;
  let level = capacity;
  /** The time that the level applies to: in the future where the bucket was emptied until then. */
  let asOfMs = clock.nowMs();
  let emptiedUntilMs = asOfMs;
  const refill = () => {
    const nowMs = clock.nowMs();
    if (nowMs <= asOfMs) return;
    level = Math.min(capacity, level + ((nowMs - asOfMs) / 1000) * perSecond);
    asOfMs = nowMs;
  };
  return {
    waitMs(count = 1) {
      refill();
      // Levels are sums of fractions, so a shortage of a billionth of a token is ignored.
      const lacking = count - level - 1e-9;
      return lacking <= 0 ? 0 : Math.max(0, asOfMs - clock.nowMs()) + Math.ceil((lacking / perSecond) * 1000);
    },
    take() {
      refill();
      level -= 1;
    },
    giveBack() {
      refill();
      level = Math.min(capacity, level + 1);
    },
    atMost(count) {
      refill();
      level = Math.min(level, count);
    },
    spent() {
      refill();
      return capacity - level;
    },
    emptyUntil(atMs) {
      refill();
      level = Math.min(level, 0);
      asOfMs = Math.max(asOfMs, atMs);
      emptiedUntilMs = asOfMs;
    },
    emptiedUntilMs: () => emptiedUntilMs,
  };
}
