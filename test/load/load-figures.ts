import { cpus, loadavg, totalmem } from 'node:os';
import { percentile } from '../bench/figure.ts';
import type { Flood } from './flood.ts';
import { boundSeconds, secondsToNotice } from './load-faults.ts';
import { fittedGrowthMB, type MemorySample } from './memory-samples.ts';
import type { Outcome } from './outcome.ts';
import type { LoadSize } from './sizes.ts';

/** From changes to the acceptance of their first notice, on the slower channel. */
interface ReportedIn {
  changes: number;
  medianSeconds: number;
  slowestSeconds: number;
  boundSeconds: number;
}

/** One run, as `figures.json` keeps it and docs/reliability.md shows it. */
export interface LoadFigures {
  at: string;
  machine: { cores: number; model: string; memoryGB: number; node: string; loadAverage: number };
  size: LoadSize & { perimeterWrites: number };
  /** From the app's first start, with the queue full. */
  firstStart: { policiesKnownSeconds: number; queueDrainedSeconds: number };
  flood: { seconds: number; pushesRefused: number; settledSeconds: number };
  ownVault: ReportedIn;
  sharedVault: ReportedIn;
  incidents: number;
  environmentRows: number;
  messages: Outcome['received'];
  unreadable: number;
  poison: number;
  largestCardBytes: number;
  memory: { peakMB: number; growthMB: number; growthOverSeconds: number };
  faults: string[];
}

/** Shorter, and what grows may still be the warm-up. */
const FLAT_OVER_SECONDS = 60;
/** A leak of half a kilobyte an event would be 50 MB in the whole form. */
const MAX_GROWTH_MB = 40;

export function figuresOf(run: {
  size: LoadSize;
  flooded: Flood;
  outcome: Outcome;
  firstStart: LoadFigures['firstStart'];
  settledSeconds: number;
  /** Of the flood's second half. */
  steady: readonly MemorySample[];
  peakMB: number;
  faults: readonly string[];
}): LoadFigures {
  const { size, flooded, outcome, steady } = run;
  const { perimeterWrites, seconds, pushesRefused, changes } = flooded;
  const reportedIn = (isOne: boolean, bound: number): ReportedIn => {
    const mine = changes.filter(({ policies }) => (policies.length === 1) === isOne);
    const times = mine.map((change) =>
      Math.max(...['teams', 'email'].map((channel) => secondsToNotice(change, outcome.notices, channel))),
    );
    return {
      changes: mine.length,
      medianSeconds: rounded(percentile(times, 0.5)),
      slowestSeconds: rounded(Math.max(...times)),
      boundSeconds: rounded(bound),
    };
  };
  const ownVault = reportedIn(true, boundSeconds(size, size.matter, size.matter));
  const sharedVault = reportedIn(false, boundSeconds(size, size.policies, 1));
  const growthMB = rounded(fittedGrowthMB(steady));
  const growthOverSeconds = Math.round((steady.at(-1)?.second ?? 0) - (steady[0]?.second ?? 0));
  const faults = [...run.faults];
  for (const [name, { slowestSeconds, boundSeconds: bound }] of Object.entries({ ownVault, sharedVault }))
    if (!(slowestSeconds <= bound))
      faults.push(`${name}: reported after ${slowestSeconds} s, later than ${bound} s`);
  if (growthOverSeconds >= FLAT_OVER_SECONDS && growthMB > MAX_GROWTH_MB)
    faults.push(`memory grew by ${growthMB} MB in ${growthOverSeconds} s`);
  return {
    at: new Date().toISOString(),
    machine: {
      cores: cpus().length,
      model: cpus()[0]?.model.trim() ?? '',
      memoryGB: Math.round(totalmem() / 1e9),
      node: process.version,
      loadAverage: rounded(loadavg()[1] ?? 0),
    },
    size: { ...size, perimeterWrites },
    firstStart: run.firstStart,
    flood: { seconds: rounded(seconds), pushesRefused, settledSeconds: rounded(run.settledSeconds) },
    ownVault,
    sharedVault,
    incidents: outcome.incidents.length,
    environmentRows: outcome.environmentRows,
    messages: outcome.received,
    unreadable: outcome.messages.unreadable,
    poison: outcome.messages.poison,
    largestCardBytes: outcome.largestCardBytes,
    memory: { peakMB: Math.round(run.peakMB), growthMB, growthOverSeconds },
    faults,
  };
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
