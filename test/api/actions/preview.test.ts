import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reducePlanFile } from '../../../shared/preview/plan-files/read-plan-file.ts';
import { aWorld } from '../../pipeline/a-world.ts';
import { EVERYTHING } from '../../preview/every-change.ts';
import {
  aPlan,
  aWhatIf,
  deleted,
  GRANT_VALUES,
  modified,
  VAULT_VALUES,
} from '../../preview/plan-examples.ts';
import { PRINCIPAL, VAULT_ID } from '../../triggers/a-reading.ts';
import { get, look, post, written } from './post.ts';

async function healthy() {
  const world = aWorld(['p1', 'p2']);
  await look(world, 'p1', 'p2');
  return world;
}
const reduced = (file: object) => reducePlanFile(JSON.stringify(file));

test('a reduced plan is answered for every policy, with its environments and the address of the change', async () => {
  const world = await healthy();
  const before = written(world);
  const plan = reduced(
    aPlan([deleted('azurerm_key_vault', VAULT_VALUES, { address: 'module.keys.azurerm_key_vault.main' })]),
  );
  const { status, json } = await post(world, '/preview', plan);
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(json.outcome, 'goesDown');
  assert.deepEqual(
    json.policies.map(
      ({
        name,
        findings,
        environments,
      }: {
        name: string;
        findings: { trigger: string; changes: string[] }[];
        environments: object[];
      }) => [name, findings.map(({ trigger, changes }) => [trigger, changes]), environments.length],
    ),
    [
      ['p1', [['vault-deleted', ['module.keys.azurerm_key_vault.main']]], 2],
      ['p2', [['vault-deleted', ['module.keys.azurerm_key_vault.main']]], 2],
    ],
  );
  assert.deepEqual(written(world), before, 'nothing is kept');
});

test('several previews within five minutes share one reading', async () => {
  const world = await healthy();
  const operations = { changes: [{ what: 'vaultDeleted', vaultId: VAULT_ID }] };
  const reads = world.reads.length;
  await post(world, '/preview', operations);
  await world.clock.advance(4 * 60_000);
  await post(world, '/preview', operations);
  assert.equal(world.reads.length, reads + 2);
  await world.clock.advance(2 * 60_000);
  await post(world, '/preview', operations);
  assert.equal(world.reads.length, reads + 4);
});

test('a raw file is refused with a sentence that names the command, and none of its values comes back', async () => {
  const world = await healthy();
  const secret = 'S3cr3t+of/the=plan';
  const plan = {
    ...aPlan([deleted('azurerm_key_vault', VAULT_VALUES)]),
    variables: { p: { value: secret } },
  };
  const whatIf = aWhatIf([{ ...modified(VAULT_ID, []), after: { password: secret } }]);
  for (const raw of [
    plan,
    whatIf,
    EVERYTHING,
    { changes: [{ what: secret }] },
    { changes: [{ what: 'vaultDeleted', vaultId: secret }] },
  ]) {
    const { status, json } = await post(world, '/preview', raw);
    assert.equal(status, 400);
    assert.match(json.detail, /npm run preview -- <file> --url/);
    assert.ok(!JSON.stringify(json).includes('S3cr3t'));
  }
  const long = await post(world, '/preview', { changes: [], padding: 'x'.repeat(9 * 1024 * 1024) });
  assert.equal(long.status, 413);
  assert.match(long.json.detail, /npm run preview/);
});

test('the answer names no principal', async () => {
  const world = await healthy();
  const { body } = await post(
    world,
    '/preview',
    reduced(aPlan([deleted('azurerm_role_assignment', GRANT_VALUES)])),
  );
  assert.match(body, /"permissions-revoked"/);
  assert.ok(!body.includes(PRINCIPAL));
});

test('the facts are those that a preview is computed from', async () => {
  const world = await healthy();
  const { status, json } = await get(world, '/facts');
  assert.equal(status, 200);
  assert.equal(json.chains.length, 2);
  assert.equal(json.chains[0].facts.vault.value.id, VAULT_ID);
});
