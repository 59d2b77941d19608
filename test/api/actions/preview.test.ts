import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { previewEachPolicy } from '../../../shared/pipeline/preview-each-policy.ts';
import type { Change } from '../../../shared/preview/change.ts';
import { indexChanges } from '../../../shared/preview/changes-of-chain.ts';
import { reducePlanFile } from '../../../shared/preview/plan-files/read-plan-file.ts';
import { aWorld, policyId, type World } from '../../pipeline/a-world.ts';
import { EVERYTHING } from '../../preview/every-change.ts';
import {
  aChain,
  aPlan,
  aWhatIf,
  deleted,
  GRANT_VALUES,
  modified,
  ROLE,
  VAULT_VALUES,
} from '../../preview/plan-examples.ts';
import {
  grant,
  known,
  PRINCIPAL,
  permission,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
} from '../../triggers/a-reading.ts';
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

const OTHER_VAULT = { changes: [{ what: 'vaultDeleted', vaultId: `${VAULT_ID}-of-nobody` }] };
const removes = (id: string) => ({ changes: [{ what: 'roleAssignmentRemoved', id }] });
const outcomeOf = async (world: World, plan: object) => (await post(world, '/preview', plan)).json.outcome;

test('an operation with a misspelt vault is not judged', async () => {
  const world = await healthy();
  const { json } = await post(world, '/preview', {
    changes: [{ what: 'vaultDeleted', vaultId: `${VAULT_ID}x` }],
  });
  assert.equal(json.outcome, 'unknown');
  assert.match(json.cannotJudge[0].because, /check the spelling/);
});

test('several previews within five minutes share the reading of what they do not touch', async () => {
  const world = await healthy();
  const reads = world.reads.length;
  await post(world, '/preview', OTHER_VAULT);
  await world.clock.advance(4 * 60_000);
  await post(world, '/preview', OTHER_VAULT);
  assert.equal(world.reads.length, reads + 2);
  await world.clock.advance(2 * 60_000);
  await post(world, '/preview', OTHER_VAULT);
  assert.equal(world.reads.length, reads + 4);
});

test('two questions of one step share the reading of what they touch', async () => {
  const world = await healthy();
  const reads = world.reads.length;
  const plan = { changes: [{ what: 'vaultDeleted', vaultId: VAULT_ID }] };
  await post(world, '/preview', plan);
  await world.clock.advance(9_000);
  await post(world, '/preview', plan);
  assert.equal(world.reads.length, reads + 2);
});

test('a second stage is judged by what the first one left, though no event came of it', async () => {
  const world = await healthy();
  const first = grant();
  const last = grant({ id: `${first.id}-last` });
  const id = normalId(policyId('p1'));
  world.observedState.set(id, { permission: known(permission({ grants: [first, last] })) });
  assert.equal(await outcomeOf(world, removes(first.id)), 'goesDown', 'p2 has only that one');
  world.observedState.set(normalId(policyId('p2')), {
    permission: known(permission({ grants: [first, last] })),
  });
  await world.clock.advance(4 * 60_000);
  assert.equal(await outcomeOf(world, removes(first.id)), 'fine');
  for (const name of ['p1', 'p2'])
    world.observedState.set(normalId(policyId(name)), { permission: known(permission({ grants: [last] })) });
  await world.clock.advance(4 * 60_000);
  assert.equal(await outcomeOf(world, removes(last.id)), 'goesDown');
});

test('a change at a management group reads every policy again: any may have got such a grant', async () => {
  const world = await healthy();
  const plan = removes(
    '/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/roleAssignments/a',
  );
  await post(world, '/preview', plan);
  const reads = world.reads.length;
  await world.clock.advance(60_000);
  await post(world, '/preview', plan);
  assert.equal(world.reads.length, reads + 2);
});

test('a reading that Azure throttled answers nobody a moment later', async () => {
  const world = await healthy();
  const throttled = { permission: unread('throttled') };
  for (const name of ['p1', 'p2']) world.observedState.set(normalId(policyId(name)), throttled);
  assert.equal(await outcomeOf(world, removes(grant().id)), 'unknown');
  await post(world, '/preview', OTHER_VAULT);
  world.observedState.clear();
  const reads = world.reads.length;
  await world.clock.advance(15_000);
  await post(world, '/preview', OTHER_VAULT);
  assert.equal(world.reads.length, reads + 2, 'untouched, but not whole');
  assert.equal(await outcomeOf(world, removes(grant().id)), 'goesDown');
});

test('a reading is dropped for the one policy of which the stored state shows a later one', async () => {
  const world = await healthy();
  await world.clock.advance(1_000);
  await post(world, '/preview', OTHER_VAULT);
  await world.clock.advance(60_000);
  await look(world, 'p1');
  const reads = world.reads.length;
  await post(world, '/preview', OTHER_VAULT);
  assert.deepEqual(world.reads.slice(reads), [policyId('p1')]);
});

test('the reading of every policy takes the share of a sweep, so that signals keep theirs', async () => {
  const world = await healthy();
  const { facts } = world.ports;
  const asked: unknown[] = [];
  world.ports.facts = {
    begin: (budgetMs, options) => {
      asked.push(options?.sweep);
      return facts.begin(budgetMs, options);
    },
  };
  await post(world, '/preview', OTHER_VAULT);
  assert.deepEqual(asked, [true]);
});

const ROLE_ID = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`;
const MANAGEMENT_GROUP = '/providers/Microsoft.Management/managementGroups/mg';

test('10,000 deleted roles and 10,000 removed assignments keep nobody waiting', async () => {
  const world = await healthy();
  const permissions = { permission: known(permission({ grants: [grant({ roleDefinitionId: ROLE_ID })] })) };
  for (const name of ['p1', 'p2']) world.observedState.set(normalId(policyId(name)), permissions);
  const removedAt = `${MANAGEMENT_GROUP}/providers/Microsoft.Authorization/roleAssignments`;
  const planOf = (roleOf: (n: number) => string) =>
    Array.from({ length: 10_000 }, (_, n) => [
      { what: 'roleAssignmentRemoved', id: `${removedAt}/x${n}` },
      { what: 'roleDefinitionDeleted', roleId: roleOf(n) },
    ]).flat();
  const begun = process.cpuUsage();
  const one = await post(world, '/preview', {
    from: 'terraform',
    changes: planOf((n) => (n === 7 ? ROLE : `${n}-of-nobody`)),
  });
  assert.equal(one.json.outcome, 'refused');
  assert.match(one.json.policies[0].refused[0].because, /RoleDefinitionHasAssignments/);
  const all = await post(world, '/preview', { changes: planOf(() => ROLE) });
  assert.equal(all.json.outcome, 'unknown');
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 8_000_000, `${user / 1e6} s of the processor`);
});

test('many deletions of one role ask once whether it is still assigned', async () => {
  const world = await healthy();
  const permissions = { permission: known(permission({ grants: [grant({ roleDefinitionId: ROLE_ID })] })) };
  world.observedState.set(normalId(policyId('p1')), permissions);
  const own = Array.from({ length: 1_999 }, () => ({ what: 'roleDefinitionDeleted', roleId: ROLE }));
  const removal = { what: 'roleAssignmentRemoved', id: grant().id };
  const { json } = await post(world, '/preview', { changes: [...own, removal] });
  const [first] = json.policies;
  assert.deepEqual([first.outcome, first.refused], ['goesDown', []], 'the removal comes with it');
});

test('more changes of one policy than can be compared leave it unknown', async () => {
  const world = await healthy();
  const changes = Array.from({ length: 2_001 }, (_, n) => ({
    what: 'roleAssignmentAdded',
    scope: VAULT_ID,
    principalId: `group-${n}`,
    role: ROLE,
  }));
  const { json } = await post(world, '/preview', { changes });
  assert.equal(json.outcome, 'unknown');
  assert.match(json.policies[0].cannotJudge[0].because, /^2001 changes .* Preview the plan in parts/);
});

test('a preview that takes too long is unknown for the policies that it has not come to', async () => {
  const world = await healthy();
  const { clock } = world.ports;
  let asked = 0;
  world.ports.clock = { ...clock, now: () => clock.now(), nowMs: () => 20_000 * asked++ };
  const { json } = await post(world, '/preview', { changes: [{ what: 'vaultDeleted', vaultId: VAULT_ID }] });
  assert.deepEqual([json.outcome, json.policiesCompared], ['goesDown', 1]);
  assert.match(json.cannotJudge[0].because, /p2 was not compared/);
});

test('where the policies take more than a few milliseconds, others are answered between them', async () => {
  const { clock } = await healthy();
  const chains = [aChain(), aChain(), aChain()];
  const changes: Change[] = [{ what: 'vaultDeleted', vaultId: VAULT_ID, address: 'a' }];
  const plan = { changes, cannotJudge: [], indexed: indexChanges(changes) };
  let answered = 0;
  let isOver = false;
  const answerOthers = () => {
    answered += 1;
    if (!isOver) setImmediate(answerOthers);
  };
  setImmediate(answerOthers);
  const options = { now: clock.now(), networkReading: 'trustedService' } as const;
  let asked = 0;
  await previewEachPolicy(chains, plan, options, { clock: { nowMs: () => 10 * asked++ } });
  isOver = true;
  assert.ok(answered >= chains.length, `${answered}`);
});

test('one preview at a time is computed, and more than a few that wait are told to come back', async () => {
  const world = await healthy();
  const { facts } = world.ports;
  let running = 0;
  let most = 0;
  world.ports.facts = {
    begin: (...asked) => {
      const session = facts.begin(...asked);
      return {
        ...session,
        read: async (...of) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          return session.read(...of);
        },
      };
    },
  };
  const all = await Promise.all(Array.from({ length: 9 }, () => post(world, '/preview', OTHER_VAULT)));
  const statuses = all.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 503, 503, 503, 503]);
  const refused = all.find(({ status }) => status === 503);
  assert.match(refused?.json.type, /too-many-questions/);
  assert.equal(refused?.headers['retry-after'], '5');
  assert.equal(most, 2, 'the two policies of one reading');
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
