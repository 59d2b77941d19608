import type { Clock } from '../clock.ts';

/** Tokens that come back with time: one is taken for each request. */
export interface TokenBucket {
  /** Milliseconds until so many tokens have come, if nobody else takes any. 0: they are there. */
  waitMs(count?: number): number;
  /** Takes one. */
  take(): void;
  giveBack(): void;
  /** Nothing is left, and nothing comes back before this time (milliseconds since the epoch). */
  emptyUntil(atMs: number): void;
  /** Until when that is; a time past where it is over. */
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
  /** The level is as of then: a time to come, where the bucket was emptied until then. */
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
      // Levels are sums of fractions: nobody waits for the last billionth of a token.
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
    emptyUntil(atMs) {
      refill();
      level = Math.min(level, 0);
      asOfMs = Math.max(asOfMs, atMs);
      emptiedUntilMs = asOfMs;
    },
    emptiedUntilMs: () => emptiedUntilMs,
  };
}
