import { parseArgs } from 'node:util';
import { auditBatch } from './audit-batch.ts';
import { environmentsRecorded } from './environments-recorded.ts';
import { eventsOfNobody } from './events-of-nobody.ts';
import type { Figure } from './figure.ts';
import { oneSweep } from './one-sweep.ts';
import { statusOfMany } from './status-of-many.ts';

/** `npm run bench [-- --json]`: every figure a ratio to a floor of the same run. Ends with 1 where one is over budget. */
const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const figures: Figure[] = [];
for (const measure of [oneSweep, eventsOfNobody, auditBatch, statusOfMany, environmentsRecorded])
  figures.push(await measure());
if (values.json) console.log(JSON.stringify(figures));
else
  for (const { name, ratio, budget, detail } of figures)
    console.log(
      `${ratio <= budget ? 'within' : 'OVER  '}  ${ratio.toFixed(2)} × of at most ${budget} ×  ${name} (${detail})`,
    );
process.exitCode = figures.every(({ ratio, budget }) => ratio <= budget) ? 0 : 1;
