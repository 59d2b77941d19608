/**
 * The rate that a service grants: `capacity` requests at once, and `perSecond` of them refill each second.
 * Written independently of the product's own rate limit, so that a shared error can't hide.
 */
export interface GrantedRate {
  /** Takes one request. Undefined: granted; else the milliseconds until the next one would be. */
  take(): number | undefined;
}

export function grantedRate(options: { capacity: number; perSecond: number; now(): number }): GrantedRate {
  const { capacity, perSecond, now } = options;
  let spent = 0;
  let asOfMs = now();
  return {
    take() {
      const nowMs = now();
      spent = Math.max(0, spent - ((nowMs - asOfMs) / 1000) * perSecond);
      asOfMs = nowMs;
      if (spent + 1 > capacity + 1e-9) return Math.ceil(((spent + 1 - capacity) / perSecond) * 1000);
      spent += 1;
      return undefined;
    },
  };
}
