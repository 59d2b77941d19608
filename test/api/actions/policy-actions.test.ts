import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { policyKey } from '../../../shared/incidents/ids.ts';
import { readAndCommit } from '../../../shared/pipeline/read-and-commit.ts';
import { sweep } from '../../../shared/pipeline/sweep.ts';
import { makeWatchList } from '../../../shared/signals/watch-list.ts';
import { aWorld, OTHER_VAULT_ID, policyId, VAULT_GONE, type World } from '../../pipeline/a-world.ts';
import { known, policy, unread, VAULT_ID, vault } from '../../triggers/a-reading.ts';
import { get, locked, look, make, post, written } from './post.ts';

const NOW = '2026-11-20T10:00:30.000Z';
const HOURS = 3_600_000;

/** Two policies of one vault and one of another, all well. */
async function three(): Promise<World> {
  const world = aWorld(['p1', 'p2', 'p3']);
  const other = {
    policy: known(policy({ id: policyId('p3'), name: 'p3', vaultId: OTHER_VAULT_ID })),
    vault: known(vault({ id: OTHER_VAULT_ID, name: 'kv-other' })),
  };
  make(world, 'p3', other);
  await look(world, 'p1', 'p2', 'p3');
  await world.clock.advance(30_000);
  return world;
}

test('a check reads the truth now, and answers with what it found and what that changed', async () => {
  const { world, id } = await locked();
  make(world, 'p1', {});
  const { status, json } = await post(world, '/policies/p1/check');
  assert.equal(status, 200);
  assert.deepEqual(
    [json.verdict, json.transition, json.incident.id, json.incident.state, json.asOf],
    ['clear', 'accessRestored', id, 'accessRestored', world.clock.now()],
  );
  assert.equal(world.channels[0]?.sent.at(-1)?.reason, 'accessRestored');
});

test('a check asks also what refused lately, which a sweep does not', async () => {
  const world = await three();
  const { begin } = world.ports.facts;
  const asked: (boolean | undefined)[] = [];
  world.ports.facts = {
    begin(budgetMs, options) {
      asked.push(options?.askRefused);
      return begin(budgetMs, options);
    },
  };
  await world.clock.drive(sweep(world.ports));
  assert.ok(asked.length > 0 && asked.every((one) => one === undefined));
  await post(world, '/policies/p1/check');
  assert.equal(asked.at(-1), true);
});

test('a check that finds a lock opens an incident as a sweep would', async () => {
  const world = await three();
  make(world, 'p1', VAULT_GONE);
  const { json } = await post(world, '/policies/p1/check', {});
  assert.deepEqual([json.verdict, json.transition, json.incident.state], ['revoked', 'opened', 'revoked']);
  assert.equal(json.findings[0].trigger, 'vault-deleted');
  assert.ok(json.findings[0].remediation.length > 0);
  assert.deepEqual(
    world.channels.map(({ sent }) => sent.length),
    [1, 1],
  );
  const again = await post(world, '/policies/p1/check');
  assert.deepEqual([again.json.verdict, again.json.transition], ['revoked', 'none']);
});

test('what a check can not read is unknown, with the reason', async () => {
  const world = await three();
  make(world, 'p1', { vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') });
  const { json } = await post(world, '/policies/p1/check');
  assert.equal(json.verdict, 'unknown');
  assert.deepEqual(
    json.cannotRead.map(({ part, reason }: { part: string; reason: string }) => [part, reason]),
    [['vault', 'forbidden']],
  );
});

test('a policy is named by its name, its key or its ARM id, encoded or not, in any case', async () => {
  const world = await three();
  const id = policyId('p2');
  const { json } = await get(world, '/status?policy=p2');
  assert.equal(json.policies[0].key, policyKey(id));
  for (const named of [
    'p2',
    'P2',
    policyKey(id),
    policyKey(id).toUpperCase(),
    encodeURIComponent(id),
    encodeURIComponent(id.toUpperCase()),
    id,
    id.slice(1),
  ]) {
    world.reads.length = 0;
    const { status } = await post(world, `/policies/${named}/check`);
    assert.deepEqual([status, world.reads], [200, [id]], named);
  }
});

test('a name that two policies bear is refused with the keys of both', async () => {
  const world = await three();
  const twin = policyId('p1').replace('rg-pp', 'rg-other');
  world.observedState.set(normalId(twin), {});
  await world.clock.drive(readAndCommit(new Map([[twin, []]]), world.ports));
  const { status, json } = await post(world, '/policies/p1/check');
  assert.equal(status, 409);
  for (const id of [twin, policyId('p1')]) assert.ok(json.detail.includes(policyKey(id)));
  assert.equal((await post(world, `/policies/${policyKey(twin)}/check`)).json.policyId, twin);
});

test('a policy or vault that is not watched is a 404 that says where to look', async () => {
  const world = await three();
  for (const path of [
    '/policies/none/check',
    '/policies/none/silence',
    '/vaults/none/silence',
    '/policies/%2F/check',
  ]) {
    const body = path.endsWith('silence') ? { until: '4h', why: 'x' } : undefined;
    const { status, json } = await post(world, path, body);
    assert.equal(status, 404, path);
    assert.match(json.detail, /\/api\/status/);
  }
  assert.equal(world.reads.includes('none'), false);
});

test('a silence is planned for a policy, stands in the status, and keeps an intended lock quiet', async () => {
  const world = await three();
  const planned = { from: '2026-11-20T11:00:00Z', until: '2026-11-20T15:00:00Z', why: 'we rotate the vault' };
  const { status, json } = await post(world, '/policies/p1/silence', { ...planned, by: 'Ann' });
  assert.equal(status, 200);
  assert.deepEqual(json.silences, [
    {
      from: '2026-11-20T11:00:00.000Z',
      until: '2026-11-20T15:00:00.000Z',
      why: planned.why,
      by: { name: 'someone who says to be Ann' },
      at: NOW,
    },
  ]);
  assert.deepEqual((await get(world, '/status?policy=p1')).json.policies[0].silences, json.silences);
  await world.clock.advance(2 * HOURS);
  make(world, 'p1', VAULT_GONE);
  const locking = await post(world, '/policies/p1/check');
  assert.equal(locking.json.transition, 'opened');
  assert.deepEqual(
    world.channels.map(({ sent }) => sent.map(({ reason }) => reason)),
    [['silenced'], ['silenced']],
  );
});

test('a silence for a vault is one for every policy of it, and for no other', async () => {
  const world = await three();
  const { status, json } = await post(world, '/vaults/KV-EU/silence', {
    until: '4h',
    why: 'moved on purpose',
  });
  assert.equal(status, 200);
  assert.equal(json.ok, true);
  assert.deepEqual(
    json.policies.map(({ policyId: id }: { policyId: string }) => id).sort(),
    [policyId('p1'), policyId('p2')].sort(),
  );
  for (const one of json.policies) assert.equal(one.silences[0].vaultId, VAULT_ID);
  const other = await get(world, '/status?policy=p3');
  assert.deepEqual(other.json.policies[0].silences, []);
});

test('a vault silence that fails for one policy stands for the others, and says which', async () => {
  const world = await three();
  let commits = 0;
  world.tables.policies.before = ({ operation, rowKeys }) => {
    if (operation !== 'submitTransaction' || !rowKeys.includes('state')) return;
    commits += 1;
    if (commits === 1)
      throw Object.assign(new Error('away'), { name: 'RestError', statusCode: 500, code: 'InternalError' });
  };
  const { status, json } = await post(world, `/vaults/${encodeURIComponent(VAULT_ID)}/silence`, {
    until: '4h',
    why: 'moved',
  });
  assert.equal(status, 200);
  assert.equal(json.ok, false);
  assert.equal(json.policies.filter(({ ok }: { ok: boolean }) => ok).length, 1);
  assert.match(json.policies.find(({ ok }: { ok: boolean }) => !ok).why, /Try again/);
});

test('the same silence asked for again is one silence', async () => {
  for (const body of [
    { until: '4h', why: 'x' },
    { from: '1h', until: '4h', why: 'x' },
    { from: '2026-12-01T00:00:00Z', until: '2d', why: 'x' },
    { from: '2026-12-01T00:00:00Z', until: '2026-12-02T00:00:00Z', why: 'x' },
  ]) {
    for (const path of ['/policies/p1/silence', '/vaults/kv-eu/silence']) {
      const world = await three();
      const first = await post(world, path, body);
      await world.clock.advance(20_000);
      const before = written(world);
      const again = await post(world, path, body);
      assert.equal(again.status, 200);
      assert.deepEqual(
        again.json.silences ?? again.json.policies,
        first.json.silences ?? first.json.policies,
      );
      assert.deepEqual(written(world), before);
    }
  }
});

test('another end, beginning or reason is another silence', async () => {
  const world = await three();
  const bodies = [
    { until: '4h', why: 'x' },
    { until: '5h', why: 'x' },
    { until: '4h', why: 'y' },
    { from: '1h', until: '4h', why: 'x' },
  ];
  for (const body of bodies) await post(world, '/policies/p1/silence', body);
  const { json } = await get(world, '/status?policy=p1');
  assert.equal(json.policies[0].silences.length, bodies.length);
  await post(world, '/vaults/kv-eu/silence', bodies[0]);
  const more = await get(world, '/status?policy=p1');
  assert.equal(more.json.policies[0].silences.length, bodies.length + 1);
});

test('a policy that is too new for what is at hand is found all the same', async () => {
  const world = await three();
  const nobody = { list: makeWatchList([]), policies: [], hints: new Map() };
  const watched = async (fresh?: unknown) => (fresh ? world.ports.watched() : nobody);
  const { status } = await post(world, '/policies/p1/check', {}, { ports: { ...world.ports, watched } });
  assert.equal(status, 200);
});

test('until now ends what stands, takes back what was planned, and says what was held back', async () => {
  const world = await three();
  const planned = { from: '2026-11-25T00:00:00Z', until: '2d', why: 'later' };
  await post(world, '/policies/p1/silence', planned);
  await post(world, '/vaults/kv-eu/silence', { until: '4h', why: 'moved' });
  make(world, 'p1', VAULT_GONE);
  await post(world, '/policies/p1/check');
  assert.deepEqual(
    world.channels[0]?.sent.map(({ reason }) => reason),
    ['silenced', 'silenced'],
  );
  await world.clock.advance(60_000);
  const { json } = await post(world, '/policies/p1/silence', {
    until: 'now',
    why: 'it was not us',
    by: 'Ann',
  });
  assert.deepEqual(
    json.silences.map(({ until }: { until: string }) => until),
    [world.clock.now()],
  );
  await world.clock.drive(sweep(world.ports));
  assert.deepEqual(
    world.channels[0]?.sent.map(({ reason }) => reason),
    ['silenced', 'silenced', 'silenced', 'opened'],
  );
  const other = await get(world, '/status?policy=p2');
  assert.equal(other.json.policies[0].silences.length, 1);
  const before = written(world);
  assert.equal((await post(world, '/policies/p3/silence', { until: 'now', why: 'none' })).status, 200);
  assert.deepEqual(written(world), before);
});

test('ending a vault silence leaves what was asked for one policy', async () => {
  const world = await three();
  await post(world, '/policies/p1/silence', { from: '1d', until: '4h', why: 'mine' });
  await post(world, '/vaults/kv-eu/silence', { from: '1d', until: '4h', why: 'moved' });
  await post(world, '/vaults/kv-eu/silence', { until: 'now', why: 'not today' });
  const { json } = await get(world, '/status?vault=kv-eu');
  assert.deepEqual(
    json.policies.map(({ silences }: { silences: { why: string }[] }) => silences.map(({ why }) => why)),
    [['mine'], []],
  );
});

test('times of a planned silence that make no sense are refused by the name of their field', async () => {
  const world = await three();
  const before = written(world);
  for (const [body, field] of [
    [{ from: '2026-11-21T00:00:00Z', until: '2026-11-20T23:00:00Z', why: 'x' }, 'until'],
    [{ from: '2026-11-01T00:00:00Z', until: '2026-11-02T00:00:00Z', why: 'x' }, 'until'],
    [{ from: '400d', until: '1d', why: 'x' }, 'from'],
    [{ from: 'monday', until: '1d', why: 'x' }, 'from'],
    [{ from: '1d', until: '31d', why: 'x' }, 'until'],
    [{ from: '1d', until: 'now', why: 'x' }, 'from'],
    [{ until: '1d' }, 'why'],
    [{ why: 'x' }, 'until'],
    [{ until: '1d', why: 'x', vault: 'kv-eu' }, 'vault'],
  ] as const)
    for (const path of ['/policies/p1/silence', '/vaults/kv-eu/silence']) {
      const { status, json } = await post(world, path, body);
      assert.deepEqual([status, json.field], [400, field], JSON.stringify(body));
    }
  assert.deepEqual(written(world), before);
});

test('only incidents can be guarded by an ETag', async () => {
  const world = await three();
  const match = (tag: string) => ({ headers: { 'if-match': tag } });
  assert.equal((await post(world, '/policies/p1/check', {}, match('"abc"'))).status, 412);
  assert.equal((await post(world, '/policies/p1/check', {}, match('*'))).status, 200);
});
