import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { budgetText, figureText, type RecordedBench } from '../../tools/bench-table.ts';
import { auditBatch } from './audit-batch.ts';
import { environmentsRecorded } from './environments-recorded.ts';
import { eventsOfNobody } from './events-of-nobody.ts';
import type { Figure } from './figure.ts';
import { longHistory } from './long-history.ts';
import { memory } from './memory.ts';
import { oneSweep } from './one-sweep.ts';
import { homePageOfMany, incidentPageOfMany } from './pages-of-many.ts';
import { previewOfMany } from './preview-of-many.ts';
import { coldProcess, manyEnvironments, warmProcess } from './signal-to-teams.ts';
import { statusOfMany } from './status-of-many.ts';
import { withoutEvent } from './without-event.ts';

const MEASURES: Record<string, (incidents: number) => Promise<Figure | Figure[]>> = {
  cold: coldProcess,
  warm: warmProcess,
  many: manyEnvironments,
  sweep: oneSweep,
  'no-event': withoutEvent,
  events: eventsOfNobody,
  audit: auditBatch,
  status: statusOfMany,
  'home-page': homePageOfMany,
  'incident-page': incidentPageOfMany,
  preview: previewOfMany,
  recorded: environmentsRecorded,
  history: longHistory,
  memory,
};
const ENDS = ['SIGINT', 'SIGTERM'] as const;
const QUIET = 0.5;
const QUIET_WITHIN_MS = 180_000;

/**
 * `npm run bench [-- name …] [--json] [--record] [--runs 3] [--incidents 100000]`: each figure is a ratio to a floor of
 * the same run. Ends with 1 where one is over its budget, or failed. `--record` keeps the figures of the last run for
 * docs/performance.md (`npm run docs`). `--runs`: so many runs, and each row waits until the machine is quiet.
 * `--incidents`: how many are stored for `history`.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    record: { type: 'boolean' },
    runs: { type: 'string' },
    incidents: { type: 'string', default: '100000' },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(MEASURES, name));
if (unknown.length > 0)
  throw new Error(
    `There is no figure '${unknown.join("', '")}'. There are: ${Object.keys(MEASURES).join(', ')}.`,
  );
const names = positionals.length > 0 ? positionals : Object.keys(MEASURES);
const runs = Number(values.runs ?? 1);
for (let n = 1; n <= runs; n += 1) {
  if (values.runs && !values.json) console.log(`Run ${n} of ${runs}`);
  const run = await runOnce();
  if (values.json) console.log(JSON.stringify(run));
  if (values.record)
    await writeFile(join(import.meta.dirname, 'figures.json'), `${JSON.stringify(run, null, 2)}\n`);
}

async function runOnce(): Promise<RecordedBench> {
  const figures: Figure[] = [];
  for (const name of names) {
    if (values.runs) await untilQuiet(name);
    const loadBefore = loadNow();
    // One row that fails takes none of the others with it.
    const [measured] = await Promise.allSettled([names.length > 1 ? measureApart(name) : measureHere(name)]);
    if (measured.status === 'rejected') {
      console.error(`FAILED  ${name}:`, measured.reason);
      process.exitCode = 1;
      continue;
    }
    for (const figure of measured.value) {
      figures.push({ ...figure, loadBefore });
      if (!(figure.ratio <= figure.budget)) process.exitCode = 1;
      if (!values.json) console.log(lineOf({ ...figure, loadBefore }));
    }
  }
  return { at: new Date().toISOString(), machine: machine(), figures };
}

async function measureHere(name: string): Promise<Figure[]> {
  return [await MEASURES[name]?.(Number(values.incidents))].flat().filter((one) => one !== undefined);
}

/** In a process of its own: the heap and the compiled code of one row are not another's. */
async function measureApart(name: string): Promise<Figure[]> {
  const args = [import.meta.filename, name, '--json', '--incidents', values.incidents];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = () => child.kill('SIGTERM');
  for (const signal of ENDS) process.on(signal, end);
  const printed = await text(child.stdout);
  for (const signal of ENDS) process.removeListener(signal, end);
  const { figures }: RecordedBench = JSON.parse(printed);
  if (figures.length === 0) throw new Error('It has no figure.');
  return figures;
}

/** Waits until the load average of the last minute is low enough, but no longer than three minutes. */
async function untilQuiet(name: string): Promise<void> {
  const giveUpAt = Date.now() + QUIET_WITHIN_MS;
  while ((loadavg()[0] ?? 0) >= QUIET && Date.now() < giveUpAt) await setTimeout(1_000);
  const load = loadavg()[0] ?? 0;
  if (load >= QUIET)
    console.error(`The load average before ${name} is ${load.toFixed(2)}, and did not fall below ${QUIET}.`);
}

function lineOf(figure: Figure): string {
  const verdict = figure.ratio <= figure.budget ? 'within' : 'OVER  ';
  return `${verdict}  ${figureText(figure)} of at most ${budgetText(figure)}  ${figure.name} (${figure.detail}; load average before ${figure.loadBefore})`;
}

function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function machine(): RecordedBench['machine'] {
  return {
    cores: cpus().length,
    model: (cpus()[0]?.model ?? 'unknown').split(/ \d/)[0] ?? '',
    node: process.version,
  };
}
