import { setTimeout } from 'node:timers/promises';
import { type Figure, percentile, spreadOf } from './figure.ts';
import { READ_MS, type RealRun, startRealRun } from './real-run.ts';
import type { UnderMeasure } from './under-measure.ts';

const BUDGET = 1.5;
const USUAL_ENVIRONMENTS = 10;
const MANY_ENVIRONMENTS = 10_000;
/**
 * The app keeps to what Azure grants, 25 reads a second in one subscription, and a signal takes eight of them: signals
 * that come faster for long wait for that, which is not what is measured here.
 */
const PACE_MS = 330;

/** A process that was not there before: loads the app, gets its tokens, opens its connections. */
export async function coldProcess(): Promise<Figure[]> {
  const pairs = 25;
  const run = await startRealRun({ environments: USUAL_ENVIRONMENTS });
  try {
    const once = (which: 'ours' | 'relay') => withProcess(run, which, (process) => run.toTeams(process));
    const times = await inTurn({ pairs, warmUp: 2 }, [() => once('ours'), () => once('relay')]);
    const name = 'cold process: from its load to Teams having accepted the first card';
    return [{ name, ...ratioAt(times, 0.5), budget: BUDGET, detail: `p50 of ${pairs}: ${told(times, 0.5)}` }];
  } finally {
    await run.stop();
  }
}

/** A process that has its code compiled, its tokens and its connections. */
export async function warmProcess(): Promise<Figure[]> {
  const pairs = 250;
  const run = await startRealRun({ environments: USUAL_ENVIRONMENTS });
  try {
    const times = await withProcess(run, 'ours', (ours) =>
      withProcess(run, 'relay', (relay) =>
        inTurn({ pairs, warmUp: 30 }, [() => run.toTeams(ours), () => run.toTeams(relay)]),
      ),
    );
    return [0.5, 0.99].map((part) => ({
      name: `warm process: from the signal to Teams having accepted the card, p${part * 100}`,
      ...ratioAt(times, part),
      budget: BUDGET,
      detail: `of ${pairs}: ${told(times, part)}`,
    }));
  } finally {
    await run.stop();
  }
}

/** The first notice of an incident waits for no list, however long: the names in it are those last known. */
export async function manyEnvironments(): Promise<Figure[]> {
  const pairs = 45;
  const many = await startRealRun({ environments: MANY_ENVIRONMENTS });
  try {
    const few = await startRealRun({ environments: USUAL_ENVIRONMENTS });
    try {
      const times = await withProcess(many, 'ours', (ours) =>
        withProcess(few, 'ours', (floor) =>
          inTurn({ pairs, warmUp: 3 }, [() => many.toTeams(ours), () => few.toTeams(floor)]),
        ),
      );
      const name = `first notice with ${MANY_ENVIRONMENTS.toLocaleString('en-US')} environments`;
      const detail = `floor: with ${USUAL_ENVIRONMENTS}; p50 of ${pairs}: ${told(times, 0.5)}`;
      return [{ name, ...ratioAt(times, 0.5), budget: BUDGET, detail }];
    } finally {
      await few.stop();
    }
  } finally {
    await many.stop();
  }
}

async function withProcess<T>(
  run: RealRun,
  which: 'ours' | 'relay',
  work: (process: UnderMeasure) => Promise<T>,
): Promise<T> {
  const process = await run.start(which);
  try {
    return await work(process);
  } finally {
    await process.stop();
  }
}

interface Times {
  ours: number[];
  floor: number[];
}

/** The two in turn, so that a machine that slows down does so for both. */
async function inTurn(
  { pairs, warmUp }: { pairs: number; warmUp: number },
  [ours, floor]: [() => Promise<number>, () => Promise<number>],
): Promise<Times> {
  const times: Times = { ours: [], floor: [] };
  for (let n = 0; n < warmUp + pairs; n += 1) {
    const pace = setTimeout(PACE_MS);
    const pair = [await ours(), await floor()] as const;
    await pace;
    if (n < warmUp) continue;
    times.ours.push(pair[0]);
    times.floor.push(pair[1]);
  }
  return times;
}

/** Of the median, the pairs' own ratios say how far it may be trusted; a 99th percentile has no pairs. */
function ratioAt({ ours, floor }: Times, part: number): Pick<Figure, 'ratio' | 'spread'> {
  const ratio = percentile(ours, part) / percentile(floor, part);
  if (part !== 0.5) return { ratio };
  return { ratio, spread: spreadOf(ours.map((ms, n) => ms / (floor[n] ?? Number.NaN))) };
}

function told({ ours, floor }: Times, part: number): string {
  const ms = (times: number[]) => `${Math.round(percentile(times, part))} ms`;
  return `${ms(ours)} to ${ms(floor)}, reads of ${READ_MS} ms`;
}
