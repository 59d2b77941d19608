import type { Figure, Spread } from '../../tools/bench-table.ts';

export type { Figure };

/**
 * The median of the ratios of pairs that take turns (A B A B …): where the machine's speed drifts, it drifts for both.
 * `warmUp`: pairs that come before and do not count, until the code is compiled.
 */
export async function pairedRatio(
  work: () => void | Promise<void>,
  floor: () => void | Promise<void>,
  { pairs, warmUp }: { pairs: number; warmUp: number },
): Promise<Pick<Figure, 'ratio' | 'spread'>> {
  const ratios: number[] = [];
  for (let n = 0; n < warmUp + pairs; n += 1) {
    const ratio = (await timeOf(work)) / (await timeOf(floor));
    if (n >= warmUp) ratios.push(ratio);
  }
  return { ratio: percentile(ratios, 0.5), spread: spreadOf(ratios) };
}

export function spreadOf(ratios: readonly number[]): Spread {
  return { pairs: ratios.length, low: percentile(ratios, 0.25), high: percentile(ratios, 0.75) };
}

async function timeOf(scenario: () => void | Promise<void>): Promise<number> {
  const began = performance.now();
  await scenario();
  return performance.now() - began;
}

/** The smallest value that at least this part of all is not above: 0.5 the median. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** Starts now; gives the processor time of this process since, in milliseconds. */
export function cpuClock(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
