import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
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

/**
 * `npm run bench [-- name …] [--json] [--record] [--incidents 100000]`: each figure is a ratio to a floor of the same
 * run. Ends with 1 where one is over its budget. `--record` keeps the figures for docs/performance.md (`npm run docs`);
 * `--incidents`: how many are stored for `history`.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    record: { type: 'boolean' },
    incidents: { type: 'string', default: '100000' },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(MEASURES, name));
if (unknown.length > 0)
  throw new Error(
    `There is no figure '${unknown.join("', '")}'. There are: ${Object.keys(MEASURES).join(', ')}.`,
  );
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(MEASURES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const loadBefore = loadNow();
  const measured = [await measure(Number(values.incidents))]
    .flat()
    .map((figure) => ({ ...figure, loadBefore }));
  figures.push(...measured);
  if (!values.json) for (const figure of measured) console.log(lineOf(figure));
}
const run: RecordedBench = { at: new Date().toISOString(), machine: machine(), figures };
if (values.json) console.log(JSON.stringify(run));
if (values.record)
  await writeFile(join(import.meta.dirname, 'figures.json'), `${JSON.stringify(run, null, 2)}\n`);
process.exitCode = figures.every(({ ratio, budget }) => ratio <= budget) ? 0 : 1;

function lineOf(figure: Figure): string {
  const verdict = figure.ratio <= figure.budget ? 'within' : 'OVER  ';
  return `${verdict}  ${figureText(figure)} of at most ${budgetText(figure)}  ${figure.name} (${figure.detail}; load average before ${figure.loadBefore})`;
}

function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

function machine(): RecordedBench['machine'] {
  return {
    cores: cpus().length,
    model: (cpus()[0]?.model ?? 'unknown').split(/ \d/)[0] ?? '',
    node: process.version,
  };
}
