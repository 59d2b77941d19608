import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NotSeenError, until } from '../../dev/demo/observe.ts';
import { loadTable } from '../../tools/load-table.ts';
import { flood, queueBefore } from './flood.ts';
import { faultsOf } from './load-faults.ts';
import { figuresOf, type LoadFigures, rounded } from './load-figures.ts';
import { type MemorySample, sampleMemory } from './memory-samples.ts';
import { readOutcome } from './outcome.ts';
import { type LoadSize, SIZES } from './sizes.ts';
import { type AroundApp, messagesIn, startAroundApp } from './under-load.ts';

/** How often the run looks whether the app is done: each time reads tables that the app uses, too. */
const EVERY_MS = 3_000;
const FIRST_START_MS = 20 * 60_000;
const DRAIN_MS = 15 * 60_000;
/** The heartbeat's own message returns for ever. */
const LEFT_IN_QUEUE = 1;

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    small: { type: 'boolean', default: false },
    /** Fewer events than the size's, at the same rate; fewer messages queued before. */
    events: { type: 'string' },
    queued: { type: 'string' },
    /** Writes the figures to figures.json; then `npm run docs`. */
    record: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const beganAt = Date.now();
const figures = await load(sizeOf());
console.log(`\n${loadTable(figures)}\n`);
if (values.record)
  await writeFile(join(import.meta.dirname, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
for (const fault of figures.faults) console.error(`FAULT  ${fault}`);
process.exitCode = figures.faults.length > 0 ? 1 : 0;

async function load(size: LoadSize): Promise<LoadFigures> {
  const around = await startAroundApp(size, values.directory ?? '');
  const ending: (() => Promise<void> | void)[] = [around.stack.stop];
  try {
    await queueBefore(size, around);
    say(`${size.queuedBefore} messages queued; the app starts`);
    const startedAt = Date.now();
    const app = await around.startApp((line) => values.verbose && console.log(line));
    ending.push(app.stop);
    const memory = sampleMemory(app.process.pid ?? 0);
    ending.push(memory.stop);
    const firstStart = await untilReady(size, around, startedAt);

    const from = memory.samples.length;
    const flooded = await flood(size, around);
    const steady = memory.samples.slice(Math.round((from + memory.samples.length) / 2));
    say(
      `${size.events} events sent in ${rounded(flooded.seconds)} s, ${flooded.changes.length} changes made`,
    );
    const sentAt = Date.now();
    const notDone = await untilDone(size, around);
    const settledSeconds = (Date.now() - sentAt) / 1000;
    // One more sweep: what would be reported again is reported again by then.
    await sleep(size.sweepSeconds * 1000 + EVERY_MS);
    const outcome = await readOutcome(around);
    const faults = [...around.ended, ...notDone, ...faultsOf(size, flooded.changes, outcome)];
    const peakMB = await memory.peakMB();
    say(`resident MB, every 5 s (flood from ${from} s): ${everyFifth(memory.samples)}`);
    return figuresOf({ size, flooded, outcome, firstStart, settledSeconds, steady, peakMB, faults });
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

/** Every policy is read and clear, and nothing of what was queued is left. */
async function untilReady(size: LoadSize, { store, signals }: AroundApp, startedAt: number) {
  const all = size.policies + size.matter;
  const times: { policiesKnownSeconds?: number; queueDrainedSeconds?: number } = {};
  return until('every policy known and the queue drained', FIRST_START_MS, async () => {
    const left = await messagesIn(signals);
    const clear = (await store.readReadModel()).filter(({ verdict }) => verdict === 'clear').length;
    const seconds = rounded((Date.now() - startedAt) / 1000);
    say(`${left} messages in the queue, ${clear} policies clear`);
    if (clear >= all) times.policiesKnownSeconds ??= seconds;
    if (left <= LEFT_IN_QUEUE) times.queueDrainedSeconds ??= seconds;
    const { policiesKnownSeconds, queueDrainedSeconds } = times;
    if (policiesKnownSeconds !== undefined && queueDrainedSeconds !== undefined)
      return { policiesKnownSeconds, queueDrainedSeconds };
    await sleep(EVERY_MS);
    return undefined;
  });
}

/** Nothing is left in the queue or the outbox. The fault where that does not come: the outcome then says the rest. */
async function untilDone(size: LoadSize, { store, signals }: AroundApp): Promise<string[]> {
  const wanted = size.policies + size.matter;
  try {
    return await until('every notice sent and the queue drained', DRAIN_MS, async () => {
      const left = await messagesIn(signals);
      const pending = (await store.pendingNotices()).length;
      const open = (await store.listIncidents()).length;
      say(`${left} messages in the queue, ${open} incidents, ${pending} notices not sent yet`);
      if (left <= LEFT_IN_QUEUE && pending === 0 && open >= wanted) return [];
      await sleep(EVERY_MS);
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof NotSeenError)) throw error;
    return [error.message];
  }
}

function sizeOf(): LoadSize {
  const full = SIZES[values.small ? 'small' : 'whole'];
  const events = Number(values.events ?? full.events);
  const queuedBefore = Number(values.queued ?? full.queuedBefore);
  if (!(events > 0) || !(queuedBefore >= full.unreadable))
    throw new Error(`--events is a number above 0, --queued one of at least ${full.unreadable}.`);
  const floodSeconds = Math.ceil((full.floodSeconds * events) / full.events);
  return { ...full, events, queuedBefore, floodSeconds };
}

function everyFifth(samples: readonly MemorySample[]): string {
  return samples
    .filter((_, n) => n % 5 === 0)
    .map(({ residentMB }) => Math.round(residentMB))
    .join(' ');
}

function say(text: string): void {
  console.log(`${String(Math.round((Date.now() - beganAt) / 1000)).padStart(5)} s  ${text}`);
}
