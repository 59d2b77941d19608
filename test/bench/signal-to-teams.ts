import { type Figure, percentile } from './figure.ts';
import { READ_MS, type RealRun, startRealRun } from './real-run.ts';

const BUDGET = 1.5;
const USUAL_ENVIRONMENTS = 10;

/** A process that was not there before: loads the app, gets its tokens, opens its connections. */
export async function coldProcess(): Promise<Figure[]> {
  const pairs = 15;
  const run = await startRealRun({ environments: USUAL_ENVIRONMENTS });
  try {
    const once = async (which: 'ours' | 'relay') => {
      const process = await run.start(which);
      try {
        return await run.toTeams(process);
      } finally {
        await process.stop();
      }
    };
    const times = await inTurn(
      pairs,
      2,
      () => once('ours'),
      () => once('relay'),
    );
    const name = 'cold process: from its load to Teams having accepted the first signal’s card';
    return [
      { name, ratio: ratioAt(times, 0.5), budget: BUDGET, detail: `p50 of ${pairs}, ${told(times, 0.5)}` },
    ];
  } finally {
    await run.stop();
  }
}

/** A process that has its code compiled, its tokens and its connections. */
export async function warmProcess(): Promise<Figure[]> {
  const pairs = 300;
  return withWarm(USUAL_ENVIRONMENTS, async (run, ours, relay) => {
    const times = await inTurn(
      pairs,
      30,
      () => run.toTeams(ours),
      () => run.toTeams(relay),
    );
    return [0.5, 0.99].map((part) => ({
      name: `warm: from the signal to Teams having accepted the card, p${part * 100}`,
      ratio: ratioAt(times, part),
      budget: BUDGET,
      detail: `of ${pairs}, ${told(times, part)}`,
    }));
  });
}

interface Times {
  ours: number[];
  floor: number[];
}

/** The two in turn, so that a machine that slows down does so for both. */
export async function inTurn(
  pairs: number,
  warmUp: number,
  ours: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<Times> {
  const times: Times = { ours: [], floor: [] };
  for (let n = 0; n < warmUp + pairs; n += 1) {
    const [a, b] = [await ours(), await floor()];
    if (n < warmUp) continue;
    times.ours.push(a);
    times.floor.push(b);
  }
  return times;
}

export function ratioAt({ ours, floor }: Times, part: number): number {
  return percentile(ours, part) / percentile(floor, part);
}

export function told({ ours, floor }: Times, part: number): string {
  const ms = (times: number[]) => `${Math.round(percentile(times, part))} ms`;
  return `${ms(ours)} to ${ms(floor)}, reads of ${READ_MS} ms`;
}

async function withWarm<T>(
  environments: number,
  work: (
    run: RealRun,
    ours: Awaited<ReturnType<RealRun['start']>>,
    relay: Awaited<ReturnType<RealRun['start']>>,
  ) => Promise<T>,
): Promise<T> {
  const run = await startRealRun({ environments });
  const [ours, relay] = [await run.start('ours'), await run.start('relay')];
  try {
    return await work(run, ours, relay);
  } finally {
    for (const process of [ours, relay]) await process.stop();
    await run.stop();
  }
}
