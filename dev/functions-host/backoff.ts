/** A part of each step is random, so that many pollers spread out. */
const RANDOM_PART = 0.2;

/**
 * The runtime's randomized exponential back-off: first the minimum interval, then growing up to the maximum.
 * `random` returns numbers from 0 to 1. Times in milliseconds.
 * Source: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common,
 * RandomizedExponentialBackoffStrategy.
 */
export function createBackoff(leastMs: number, maxMs: number, random: () => number = Math.random) {
  let exponent = 0;
  let current = 0;
  return {
    nextMs(succeeded: boolean): number {
      if (succeeded) {
        exponent = 1;
        current = leastMs;
      } else if (current !== maxMs) {
        const factor = 1 - RANDOM_PART + 2 * RANDOM_PART * random();
        const step = exponent === 0 ? leastMs : leastMs + factor * 2 ** (exponent - 1) * leastMs;
        current = Math.min(step, maxMs);
        if (step < maxMs) exponent += 1;
      }
      return current;
    },
  };
}
