export interface Figure {
  name: string;
  /** What was measured, over its floor in the same run. */
  ratio: number;
  budget: number;
  detail: string;
}

/**
 * The median of the ratios of pairs run in turn (A B A B …): where the machine's speed drifts, it drifts for both.
 */
export function pairedRatio(work: () => void, floor: () => void, pairs = 31): number {
  for (let n = 0; n < 5; n += 1) {
    work();
    floor();
  }
  const ratios = Array.from({ length: pairs }, () => timeOf(work) / timeOf(floor)).sort((a, b) => a - b);
  return ratios[Math.floor(pairs / 2)] ?? Number.NaN;
}

function timeOf(act: () => void): number {
  const began = process.hrtime.bigint();
  act();
  return Number(process.hrtime.bigint() - began);
}
