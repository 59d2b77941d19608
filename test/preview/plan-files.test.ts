import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PlanFileError } from '../../shared/preview/plan-files/plan-file-error.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { previewPlan } from '../../shared/preview/preview-plan.ts';
import { NOW, VAULT_ID } from '../triggers/a-reading.ts';
import { EVERY_DELTA, EVERYTHING } from './every-change.ts';
import { aChain, aPlan, deleted, GROUP_ID, VAULT_VALUES } from './plan-examples.ts';
import { planted } from './plant-secrets.ts';

describe('a file that is no plan is refused with one sentence that names a command', () => {
  const whole = JSON.stringify(aPlan([deleted('azurerm_key_vault', VAULT_VALUES)]));
  const cases: Record<string, [string, RegExp]> = {
    'an empty file': ['', /ends too early.*terraform show -json/],
    'a plan that ends too early': [whole.slice(0, -200), /ends too early/],
    'the text that terraform plan prints': ['Terraform will perform the following actions:', /not JSON/],
    'a list': ['[]', /no plan/],
    'JSON of something else': ['{"a":1}', /neither a plan/],
    "Terraform's binary plan": ['PK\u0003\u0004', /binary plan/],
    'a state': ['{"version":4,"serial":1,"lineage":"x","resources":[]}', /a state of Terraform/],
    'a state as JSON': ['{"format_version":"1.0","values":{}}', /a state of Terraform/],
    'a format of a later time': [whole.replace('"1.2"', '"2.0"'), /format 2\.0/],
    'the text that what-if prints': [
      'Note: The result may contain false positive predictions',
      /--no-pretty-print/,
    ],
    'a what-if result without changes': ['{"properties":{}}', /no list of changes/],
    'operations that nobody knows': ['{"operations":[{"what":"explode"}]}', /can't be read/],
    'an operation with a misspelt field': [
      `{"operations":[{"what":"vaultDeleted","vaultId":"${VAULT_ID}","purge":true}]}`,
      /can't be read.*purge/,
    ],
  };
  for (const [title, [text, message]] of Object.entries(cases))
    test(title, () =>
      assert.throws(
        () => reducePlanFile(text),
        (error) =>
          error instanceof PlanFileError && message.test(error.message) && !error.message.includes('\n'),
      ),
    );
});

describe('plain operations', () => {
  test('have an address each, and are their own reduced form', () => {
    const plan = reducePlanFile(
      `{"operations":[{"what":"keySet","vaultId":"${VAULT_ID}","keyName":"cmk","set":{"enabled":false}}]}`,
    );
    assert.equal(plan.changes[0]?.address, 'operation 1');
    assert.deepEqual(reducePlanFile(JSON.stringify(plan)), plan);
    const found = previewPlan([aChain()], plan, { now: NOW, networkReading: 'trustedService' });
    assert.equal(found.outcome, 'goesDown');
  });

  test('what the cutter makes of a plan is taken as it is', () => {
    const plan = reducePlanFile(JSON.stringify(EVERYTHING));
    assert.ok(plan.changes.length > 12, String(plan.changes.length));
    assert.deepEqual(reducePlanFile(JSON.stringify(plan)), plan);
    const whatIf = reducePlanFile(JSON.stringify(EVERY_DELTA));
    assert.ok(whatIf.changes.length > 5);
    assert.deepEqual(reducePlanFile(JSON.stringify(whatIf)), whatIf);
  });
});

test('no secret of a plan gets through, whatever attribute holds it', () => {
  let count = 0;
  for (const file of [EVERYTHING, EVERY_DELTA])
    for (const [name, changed] of planted(file, (secret) => secret)) {
      count += 1;
      let made = '';
      try {
        made = JSON.stringify(reducePlanFile(JSON.stringify(changed)));
      } catch (error) {
        if (!(error instanceof PlanFileError)) throw error;
        made = error.message;
      }
      assert.ok(!made.includes('S3cr3t'), `${name}: ${made}`);
    }
  assert.ok(count > 500, `only ${count} places`);
});

test('ids of resources that no chain can have stay on the machine', () => {
  const plan = reducePlanFile(
    JSON.stringify(
      aPlan([
        deleted('azurerm_linux_virtual_machine', {
          id: `${GROUP_ID}/providers/Microsoft.Compute/virtualMachines/vm`,
        }),
      ]),
    ),
  );
  assert.deepEqual(plan.changes, []);
});
