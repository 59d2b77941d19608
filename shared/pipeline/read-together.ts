/**
 * Policies of one vault that are read together: as many as the throttling budget always allows for one sweep.
 */
export const MAX_TOGETHER = 50;

/** In their order, in parts of at most that many. */
export function inParts<T>(policies: readonly T[]): T[][] {
  const parts = Math.ceil(policies.length / MAX_TOGETHER);
  return Array.from({ length: parts }, (_, n) => policies.slice(n * MAX_TOGETHER, (n + 1) * MAX_TOGETHER));
}
