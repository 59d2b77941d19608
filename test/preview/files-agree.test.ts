import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SCENARIOS } from '../../dev/azure-simulator/scenarios/register.ts';
import { seedWorld } from '../../dev/azure-simulator/world/seed.ts';
import { withDemoPolicies } from '../../dev/azure-simulator/world/seed-demo.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { previewPlan } from '../../shared/preview/preview-plan.ts';
import type { Finding } from '../../shared/triggers/finding.ts';
import { judge, overallVerdict } from '../../shared/triggers/judge.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { azureInProcess } from './azure-in-process.ts';
import { aPlan, aWhatIf } from './plan-examples.ts';
import { IN_FILES, IN_NO_FILE, type ScenarioFiles } from './scenario-files.ts';

const START = Date.parse('2026-11-20T10:00:00.000Z');

/** The scenario of an entry: some have two, of two permission models. */
const scenarioOf = (title: string) => title.split(',')[0] ?? '';

test('every scenario of the simulator is in a file, or says why it can be in none', () => {
  const named = [...new Set(Object.keys(IN_FILES).map(scenarioOf)), ...Object.keys(IN_NO_FILE)];
  assert.deepEqual(named.sort(), SCENARIOS.map(({ name }) => name).sort());
});

for (const [tool, asFile] of [
  ['whatIf', aWhatIf],
  ['terraform', aPlan],
] as const)
  describe(`a scenario as a file of ${tool} has the verdict that a reading of it then has`, () => {
    for (const [title, files] of Object.entries(IN_FILES)) {
      const changes = files[tool];
      if (typeof changes !== 'string')
        test(`${title} of ${files.policy}`, () => agrees(scenarioOf(title), files, changes, asFile));
    }
  });

async function agrees(
  scenario: string,
  { policy, after, says }: ScenarioFiles,
  changes: Exclude<ScenarioFiles['whatIf'], string>,
  asFile: (changes: object[]) => object,
) {
  const azure = azureInProcess(withDemoPolicies(seedWorld(START), START), START);
  if (after !== undefined) await azure.state.scenario(after, { policy });
  const id = azure.state.current().policies.find(({ name }) => name === policy)?.id ?? '';
  const chain = await azure.chain(id);
  azure.advance(60_000);
  // A key that has just expired is judged by a clock that has passed its date.
  const options = {
    now: new Date(Date.parse(azure.now()) + 1000).toISOString(),
    networkReading: 'trustedService',
  } as const;
  const plan = reducePlanFile(JSON.stringify(asFile(changes(chain, azure.now()))));
  const { outcome, policies } = previewPlan([chain], plan, options);
  const before = judge(chain.facts, chain.history, options);

  await azure.state.scenario(scenario, { policy });
  const read = await azure.readAgain(chain);
  const really = judge(read, updateHistory(chain.history, read), options);
  const comes = graver(before, really);
  if (says !== undefined) {
    assert.equal(outcome, says);
    return;
  }
  const [found] = policies;
  assert.equal(found?.after ?? overallVerdict(before), overallVerdict(really));
  assert.deepEqual(
    (found?.findings ?? []).map(({ trigger, verdict }) => `${trigger} ${verdict}`),
    comes,
  );
  assert.deepEqual(found?.cannotJudge ?? [], []);
}

/** What is worse than before: a preview names no other. */
function graver(before: readonly Finding[], after: readonly Finding[]): string[] {
  const rank = { revoked: 2, suspected: 1, unknown: 0, clear: 0 };
  return after.flatMap(({ trigger, verdict }) => {
    const was = before.find((one) => one.trigger === trigger)?.verdict ?? 'clear';
    return rank[verdict] > rank[was] ? [`${trigger} ${verdict}`] : [];
  });
}
