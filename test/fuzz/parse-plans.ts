import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PlanFileError } from '../../shared/preview/plan-files/plan-file-error.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { previewPlan } from '../../shared/preview/preview-plan.ts';
import { EVERY_DELTA, EVERYTHING } from '../preview/every-change.ts';
import { aChain } from '../preview/plan-examples.ts';
import { NOW } from '../triggers/a-reading.ts';
import { fuzzed } from './fuzzed.ts';
import { garbled, jsonOf, mutated, oddText } from './mutate.ts';

const reduced = reducePlanFile(jsonOf(EVERYTHING));
const files = mutated([EVERYTHING, EVERY_DELTA, reduced, { operations: reduced.changes }]).map(jsonOf);
const chain = aChain();

/** Whatever comes out of a file is taken again as it is, and can be judged. */
function reduceAndJudge(text: string) {
  const plan = reducePlanFile(text);
  assert.deepEqual(reducePlanFile(JSON.stringify(plan)), JSON.parse(JSON.stringify(plan)));
  const { outcome, policies } = previewPlan([chain], plan, { now: NOW, networkReading: 'trustedService' });
  return [outcome, policies.map(({ findings, cannotJudge, notes }) => [findings, cannotJudge, notes])];
}

export const PLAN_PARSERS = [
  fuzzed({
    name: 'a plan or a what-if result',
    modules: [
      'preview/plan-files/read-plan-file.ts',
      'preview/plan-files/template-reach.ts',
      'preview/plan-files/terraform-azapi.ts',
      'preview/reduced-plan.ts',
    ],
    inputs: fc.oneof(files, garbled(files), oddText),
    parse: reduceAndJudge,
    errors: [PlanFileError],
    most: 400_000,
  }),
];
