export interface Figure {
  name: string;
  /** What was measured, over its floor in the same run. */
  ratio: number;
  /** Where it is no ratio: of what the figure and its budget are. */
  unit?: 'MB' | 'policies';
  budget: number;
  detail: string;
  /** The middle half of the pairs' ratios: how far the figure may be trusted. None where there are no pairs. */
  spread?: Spread;
  /** Processor time for each policy or record, the test's own fakes included; docs/scale.md reckons with it. */
  cpuMsPerItem?: number;
  /** The machine's load average in the minute before the measurement. */
  loadBefore?: number;
}

export interface Spread {
  pairs: number;
  /** The 25th and the 75th percentile. */
  low: number;
  high: number;
}

/** A whole run of the bench, as test/bench/figures.json keeps it. */
export interface RecordedBench {
  at: string;
  machine: { cores: number; model: string; node: string };
  figures: Figure[];
}

/** A run's figures as a table, with the machine and the date. */
export function benchTable({ at, machine, figures }: RecordedBench): string {
  const rows = figures.map((figure) =>
    [
      figure.name,
      `${figure.ratio <= figure.budget ? '' : '**over** '}${figureText(figure)}`,
      budgetText(figure),
      figure.detail,
      figure.loadBefore ?? '–',
    ].join(' | '),
  );
  return [
    `Run of ${at.slice(0, 10)}, ${machine.cores} × ${machine.model}, Node ${machine.node}.`,
    '',
    '| what | figure (middle half of the pairs) | budget | measured | load average before |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

export function figureText({ ratio, unit, spread }: Figure): string {
  const text = unit ? `${ratio.toFixed(0)} ${unit}` : `${ratio.toFixed(2)} ×`;
  return spread
    ? `${text} (${spread.low.toFixed(2)}–${spread.high.toFixed(2)}, ${spread.pairs} pairs)`
    : text;
}

export function budgetText({ budget, unit }: Figure): string {
  return `${budget} ${unit ?? '×'}`;
}
