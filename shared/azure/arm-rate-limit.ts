import { armIdParts } from './arm-id.ts';
import type { Deadline } from './deadline.ts';
import type { RateLimiter } from './rate-limiter.ts';
import {
  ARM_BUCKET,
  enterForSignal,
  giveBack,
  inFlight,
  isBarred,
  makeSubscriptionLimit,
  type RateLimitOptions,
  type SubscriptionLimit,
  SWEEP_SHARE,
  takeMany,
  tokenForSweep,
} from './subscription-limit.ts';

/**
 * The result of a reservation. `short`: our share of the bucket does not suffice before the end of the
 * session; `throttled`: Azure itself blocks us for longer than that. If they were read anyway, the results
 * would be unknown.
 */
export type Reserved = 'reserved' | 'short' | 'throttled';

export interface ArmRateLimit {
  /** For the readings of a signal: they have priority, and may use the whole limit. */
  forSignal: RateLimiter;
  /** For one read session of a sweep. */
  forSweep(): SweepRateLimiter;
}

/** What Azure said to one read session of one subscription. */
export interface QuotaSeen {
  /**
   * The fewest reads that an answer said are left; those that this process's signals have just used count as left.
   * Undefined: none said it.
   */
  readsLeft?: number | undefined;
  /** Azure refused a read because there were too many, or an earlier refusal's Retry-After was not over yet. */
  isThrottled: boolean;
}

export interface SweepRateLimiter extends RateLimiter {
  /** By the subscription's id in lower case: those in which the session asked, or wanted to. */
  quota(): ReadonlyMap<string, QuotaSeen>;
  /**
   * Reserves the number of requests that this session needs, by subscription, and waits in order for them.
   * Reserves nothing where the wait would go beyond the deadline.
   */
  reserve(requests: ReadonlyMap<string, number>, deadline: Deadline): Promise<Reserved>;
}

/**
 * The rate limit of Azure Resource Manager. Subscriptions are independent: one that is slow or throttled
 * delays no other.
 */
export function armRateLimit(options: RateLimitOptions): ArmRateLimit {
  const limits = new Map<string, SubscriptionLimit>();
  const limitOf = (subscriptionId: string) => {
    const limit = limits.get(subscriptionId) ?? makeSubscriptionLimit(options);
    limits.set(subscriptionId, limit);
    return limit;
  };
  const throttled: RateLimiter['throttled'] = (url, untilMs) => {
    const { all, sweeps } = limitOf(subscriptionIn(url.pathname));
    all.tokens.emptyUntil(untilMs);
    sweeps.tokens.emptyUntil(untilMs);
  };
  return {
    forSignal: {
      throttled,
      enter: (url, deadline, abort) => enterForSignal(limitOf(subscriptionIn(url.pathname)), deadline, abort),
    },
    forSweep() {
      const reserved = new Map<string, number>();
      const quota = new Map<string, QuotaSeen>();
      const seenOf = (subscriptionId: string) => {
        const seen = quota.get(subscriptionId) ?? { isThrottled: false };
        quota.set(subscriptionId, seen);
        return seen;
      };
      const limitSeen = (subscriptionId: string) => {
        const limit = limitOf(subscriptionId);
        const seen = seenOf(subscriptionId);
        if (limit.all.tokens.emptiedUntilMs() > options.clock.nowMs()) seen.isThrottled = true;
        return limit;
      };
      return {
        quota: () => quota,
        left(url, count) {
          const subscriptionId = subscriptionIn(url.pathname);
          const limit = limitOf(subscriptionId);
          const seen = seenOf(subscriptionId);
          const besideSignals = count + limit.signals.spent();
          seen.readsLeft = Math.min(besideSignals, seen.readsLeft ?? besideSignals);
          const kept = (1 - SWEEP_SHARE) * (options.bucket ?? ARM_BUCKET).capacity;
          limit.all.tokens.atMost(count);
          limit.keptForSignals = count < kept ? kept : 0;
        },
        throttled(url, untilMs) {
          seenOf(subscriptionIn(url.pathname)).isThrottled = true;
          throttled(url, untilMs);
        },
        async enter(url, deadline, abort) {
          const subscriptionId = subscriptionIn(url.pathname);
          const limit = limitSeen(subscriptionId);
          const left = reserved.get(subscriptionId) ?? 0;
          if (left > 0) reserved.set(subscriptionId, left - 1);
          else if (!(await tokenForSweep(limit, deadline, abort))) return undefined;
          return inFlight([limit.sweeps, limit.all], abort);
        },
        async reserve(requests, deadline) {
          const taken: [string, number][] = [];
          for (const [subscriptionId, count] of requests) {
            const limit = limitSeen(subscriptionId);
            if (!(await takeMany(limit, count, deadline))) {
              for (const [id, many] of taken) giveBack(limitOf(id), many);
              return isBarred(limit, deadline) ? 'throttled' : 'short';
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

/** The subscription of an ARM path, in lower case; '' where it names none. */
export function subscriptionIn(path: string): string {
  return (armIdParts(path).subscriptionId ?? '').toLowerCase();
}
