import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { policyKey } from '../../../shared/incidents/ids.ts';
import { aWorld, policyId, VAULT_GONE, type World } from '../../pipeline/a-world.ts';
import { environment, known, unread } from '../../triggers/a-reading.ts';
import { get, locked, look, make } from '../actions/post.ts';

const listOf = (...environments: ReturnType<typeof environment>[]) => ({
  environments: known({ source: 'powerPlatform' as const, asOf: '2026-11-20T10:00:00.000Z', environments }),
});

/** The first environment of the list, whatever its name. */
async function firstOf(world: World) {
  const { json } = await get(world, '/status');
  return json.policies[0].environments.items[0] as { id: string; displayName: string };
}

describe('whether an environment is down because of its key', () => {
  test('yes, while its policy can not use its key, with the reason and the deadline', async () => {
    const { world, id } = await locked();
    const { id: environmentId, displayName } = await firstOf(world);
    const byId = await get(world, `/environments/${environmentId.toUpperCase()}`);
    assert.equal(byId.status, 200);
    assert.equal(byId.json.downBecauseOfKey, 'yes');
    assert.match(byId.json.because, /key vault kv-eu.*deleted.*locked until the key can be used/);
    assert.deepEqual(
      [byId.json.state, byId.json.incident.id, byId.json.policy.key],
      ['locked', id, policyKey(policyId('p1'))],
    );
    assert.ok(Date.parse(byId.json.mayBeDeletedFrom) > Date.parse('2026-11-20T10:00:00.000Z'));
    const byName = await get(world, `/environments/${encodeURIComponent(displayName)}`);
    assert.equal(byName.json.id, environmentId);
  });

  test('no, where the key can be used; one that is disabled all the same has another reason', async () => {
    const world = aWorld();
    make(
      world,
      'p1',
      listOf(environment('a', { runtimeState: 'Enabled' }), environment('b', { runtimeState: 'Disabled' })),
    );
    await look(world, 'p1');
    const items = (await get(world, '/status')).json.policies[0].environments.items;
    const answers = await Promise.all(
      items.map(async ({ id }: { id: string }) => (await get(world, `/environments/${id}`)).json),
    );
    assert.deepEqual(
      answers.map(({ downBecauseOfKey }) => downBecauseOfKey),
      ['no', 'no'],
    );
    assert.match(answers[0].because, /key could be used at/);
    assert.match(answers[1].because, /disabled, for another reason/);
  });

  test('yes, after access is back, until a person enables it again', async () => {
    const { world } = await locked();
    const first = await firstOf(world);
    make(world, 'p1', listOf(environment('p1-1', { runtimeState: 'Disabled' })));
    await world.clock.advance(60_000);
    await look(world, 'p1');
    const { json } = await get(world, `/environments/${first.id}`);
    assert.deepEqual([json.downBecauseOfKey, json.state], ['yes', 'awaitingReEnable']);
    assert.match(json.because, /A person must enable/);
  });

  test('unknown, with the reason, where the key can not be read, and where the reading is old', async () => {
    const world = aWorld();
    await look(world, 'p1');
    const { id } = await firstOf(world);
    make(world, 'p1', { vault: unread('forbidden') });
    await look(world, 'p1');
    const unreadable = (await get(world, `/environments/${id}`)).json;
    assert.equal(unreadable.downBecauseOfKey, 'unknown');
    assert.match(unreadable.because, /not known\. Its vault could not be read: not read: forbidden\./);
    make(world, 'p1', {});
    await look(world, 'p1');
    assert.equal((await get(world, `/environments/${id}`)).json.downBecauseOfKey, 'no');
    await world.clock.advance(600_000);
    const old = (await get(world, `/environments/${id}`)).json;
    assert.equal(old.downBecauseOfKey, 'unknown');
    assert.match(old.because, /The last reading is of/);
  });

  test('yes, while a lock that a person closed goes on', async () => {
    const { world, id } = await locked();
    const { id: environmentId } = await firstOf(world);
    const { post } = await import('../actions/post.ts');
    await post(world, `/incidents/${id}/close`, { why: 'the policy is retired' });
    await look(world, 'p1');
    const { json } = await get(world, `/environments/${environmentId}`);
    assert.deepEqual([json.downBecauseOfKey, json.incident], ['yes', null]);
    assert.match(json.because, /kv-eu/);
  });

  test('a name that two environments have is not guessed', async () => {
    const world = aWorld(['p1', 'p2']);
    make(world, 'p1', listOf(environment('a', { displayName: 'Sales' })));
    make(world, 'p2', listOf(environment('b', { displayName: 'sales' })));
    await look(world, 'p1', 'p2');
    const { status, json } = await get(world, '/environments/SALES');
    assert.equal(status, 409);
    assert.match(json.detail, /2 environments have the name 'SALES'.*Use the id/);
  });

  test('one that no list names is not called fine: the lists may be partial', async () => {
    const world = aWorld();
    const before = await get(world, '/environments/nothing');
    assert.match(before.json.detail, /No policy has been read yet/);
    await look(world, 'p1');
    const { status, json } = await get(world, '/environments/nothing');
    assert.equal(status, 404);
    assert.match(json.detail, /1 of 1 policies are missing, old, or not known to be complete/);
    make(world, 'p1', {
      environments: known({
        source: 'powerPlatform',
        asOf: world.clock.now(),
        environments: [environment('a')],
        isComplete: true,
      }),
    });
    await look(world, 'p1');
    assert.match(
      (await get(world, '/environments/nothing')).json.detail,
      /lists were read, and are complete: so it is not down because/,
    );
  });
});

test('a locked policy names its chain, the steps and its versions; the vault names its policies', async () => {
  const { world, id } = await locked(['p1', 'p2']);
  const policy = (await get(world, '/policies/P1')).json;
  assert.deepEqual([policy.name, policy.verdict, policy.incident.id], ['p1', 'revoked', id]);
  assert.ok(policy.findings[0].remediation.length > 0);
  assert.ok(policy.keyVersions.length > 0);
  assert.equal((await get(world, `/policies/${encodeURIComponent(policyId('p2'))}`)).json.verdict, 'clear');
  assert.equal((await get(world, '/policies/p3')).status, 404);
  const vault = (await get(world, '/vaults/KV-EU')).json;
  assert.equal(vault.verdict, 'revoked');
  assert.deepEqual(vault.policies.map(({ name }: { name: string }) => name).sort(), ['p1', 'p2']);
  assert.equal((await get(world, '/vaults/kv-none')).status, 404);
});

test('an incident that is over stays with its policy for a month', async () => {
  const { world, id } = await locked();
  make(world, 'p1', {});
  for (let n = 0; n < 4; n += 1) {
    await look(world, 'p1');
    await world.clock.advance(3_600_000);
  }
  const { json } = await get(world, '/policies/p1');
  assert.deepEqual(
    json.endedIncidents.map((one: { id: string; revoked: boolean }) => [one.id, one.revoked]),
    [[id, true]],
  );
  make(world, 'p1', VAULT_GONE);
});
