export interface Figure {
  name: string;
  /** What was measured, over its floor in the same run. */
  ratio: number;
  /** Where it is no ratio: of what the figure and its budget are. */
  unit?: 'MB';
  budget: number;
  detail: string;
}

/**
 * The median of the ratios of pairs run in turn (A B A B …): where the machine's speed drifts, it drifts for both.
 * `warmUp`: pairs that come before and don't count, until the code is compiled.
 */
export async function pairedRatio(
  work: () => void | Promise<void>,
  floor: () => void | Promise<void>,
  { pairs, warmUp }: { pairs: number; warmUp: number },
): Promise<number> {
  const ratios: number[] = [];
  for (let n = 0; n < warmUp + pairs; n += 1) {
    const ratio = (await timeOf(work)) / (await timeOf(floor));
    if (n >= warmUp) ratios.push(ratio);
  }
  ratios.sort((a, b) => a - b);
  return ratios[Math.floor(pairs / 2)] ?? Number.NaN;
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
