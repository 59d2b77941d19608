import { parseArgs } from 'node:util';
import { auditBatch } from './audit-batch.ts';
import { environmentsRecorded } from './environments-recorded.ts';
import { eventsOfNobody } from './events-of-nobody.ts';
import type { Figure } from './figure.ts';
import { memory } from './memory.ts';
import { oneSweep } from './one-sweep.ts';
import { homePageOfMany, incidentPageOfMany } from './pages-of-many.ts';
import { coldProcess, manyEnvironments, warmProcess } from './signal-to-teams.ts';
import { statusOfMany } from './status-of-many.ts';

const MEASURES: Record<string, () => Promise<Figure | Figure[]>> = {
  cold: coldProcess,
  warm: warmProcess,
  many: manyEnvironments,
  sweep: oneSweep,
  events: eventsOfNobody,
  audit: auditBatch,
  status: statusOfMany,
  'home-page': homePageOfMany,
  'incident-page': incidentPageOfMany,
  recorded: environmentsRecorded,
  memory,
};

/**
 * `npm run bench [-- name …] [--json]`: every figure a ratio to a floor of the same run. Ends with 1 where one is over
 * budget.
 */
const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(MEASURES, name));
if (unknown.length > 0)
  throw new Error(
    `There is no figure '${unknown.join("', '")}'. There are: ${Object.keys(MEASURES).join(', ')}.`,
  );
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(MEASURES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const measured = [await measure()].flat();
  figures.push(...measured);
  if (!values.json) for (const figure of measured) console.log(lineOf(figure));
}
if (values.json) console.log(JSON.stringify(figures));
process.exitCode = figures.every(({ ratio, budget }) => ratio <= budget) ? 0 : 1;

function lineOf({ name, ratio, unit, budget, detail }: Figure): string {
  const figure = unit
    ? `${ratio.toFixed(0)} ${unit} of at most ${budget} ${unit}`
    : `${ratio.toFixed(2)} × of at most ${budget} ×`;
  return `${ratio <= budget ? 'within' : 'OVER  '}  ${figure}  ${name} (${detail})`;
}
