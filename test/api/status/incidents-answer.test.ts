import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf, placeAfter } from '../../../shared/api/status/incidents-answer.ts';
import { policyKey } from '../../../shared/incidents/ids.ts';
import { aWorld, policyId, VAULT_GONE, type World } from '../../pipeline/a-world.ts';
import { get, locked, look, make } from '../actions/post.ts';

type Listed = { incidents: { id: string; policyId: string; state: string }[]; next: string | null };
const ids = ({ incidents }: Listed) => incidents.map(({ id }) => id);

/** Loses and fixes the policy's vault again and again; each time it closes by itself. */
async function closeMany(world: World, name: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    make(world, name, VAULT_GONE);
    await look(world, name);
    await world.clock.advance(3_600_000);
    make(world, name, {});
    await look(world, name);
    await world.clock.advance(3_600_000);
    await look(world, name);
    await world.clock.advance(3_600_000);
  }
}

test('incidents are listed with the open ones first, then the newest', async () => {
  const world = aWorld(['p1', 'p2', 'p3']);
  make(world, 'p3', VAULT_GONE);
  await look(world, 'p1', 'p2', 'p3');
  await closeMany(world, 'p1', 2);
  await closeMany(world, 'p2', 1);
  const { status, json, headers } = await get(world, '/incidents');
  assert.equal(status, 200);
  assert.deepEqual(ids(json), [
    `${policyKey(policyId('p3'))}-1`,
    `${policyKey(policyId('p2'))}-1`,
    `${policyKey(policyId('p1'))}-2`,
    `${policyKey(policyId('p1'))}-1`,
  ]);
  assert.deepEqual(json.counts, { incidents: 4, open: 1 });
  assert.equal(json.next, null);
  assert.ok(headers.etag);
  assert.equal(json.incidents[0].href, `/api/incidents/${json.incidents[0].id}`);
  assert.equal(json.asOf, '2026-11-20T10:00:00.000Z');
});

test('they are chosen by state and by policy', async () => {
  const world = aWorld(['p1', 'p2']);
  make(world, 'p2', VAULT_GONE);
  await look(world, 'p1', 'p2');
  await closeMany(world, 'p1', 2);
  const count = async (query: string) => (await get(world, `/incidents?${query}`)).json.incidents.length;
  assert.equal(await count('state=open'), 1);
  assert.equal(await count('state=OPEN&policy=p1'), 0);
  assert.equal(await count('state=closed'), 2);
  assert.equal(await count('state=revoked'), 1);
  assert.equal(await count('state=dismissed'), 0);
  assert.equal(await count('policy=P1'), 2);
  assert.equal(await count(`policy=${policyKey(policyId('p1'))}`), 2);
  assert.equal(await count(`policy=${encodeURIComponent(policyId('p1').toUpperCase())}`), 2);
  assert.equal(await count('policy=p'), 0);
});

test('a long list comes in pages, each incident once', async () => {
  const { world } = await locked(['p1', 'p2']);
  await closeMany(world, 'p2', 60);
  const first = await get(world, '/incidents?policy=p2');
  assert.equal(first.json.incidents.length, 50);
  assert.equal(first.json.counts.incidents, 60);
  const rest = await get(world, first.json.next.replace('/api', ''));
  assert.equal(rest.json.incidents.length, 10);
  assert.equal(rest.json.next, null);
  assert.equal(new Set([...ids(first.json), ...ids(rest.json)]).size, 60);
});

test('what is closed between two pages leaves none out that stood behind it', async () => {
  const all = Array.from({ length: 120 }, (_, n) => ({
    id: `${String(n).padStart(20, '0')}-1`,
    policyId: policyId(`p${n}`),
    state: n < 70 ? ('revoked' as const) : ('closed' as const),
    openedAt: new Date(Date.parse('2026-11-20T10:00:00Z') - n * 60_000).toISOString(),
  }));
  const ofAll = (ids: readonly string[]) => all.map(({ id }) => id).filter((id) => !ids.includes(id));
  for (const state of [undefined, 'open', 'revoked'] as const) {
    const first = pageOf(all, { state }, undefined);
    assert.equal(first.ids.length, 50);
    const closed = all.map((one, n) => (n === 49 || n === 3 ? { ...one, state: 'closed' as const } : one));
    const seen = [...first.ids];
    let after: string | undefined = `open-${first.ids.at(-1)}`;
    while (after !== undefined) {
      const place = await placeAfter(after, async (id) => closed.find((one) => one.id === id));
      const { ids, hasMore } = pageOf(closed, { state }, place);
      seen.push(...ids);
      const last = closed.find(({ id }) => id === ids.at(-1));
      after = hasMore ? `${last?.state === 'closed' ? 'over' : 'open'}-${last?.id}` : undefined;
    }
    assert.deepEqual(ofAll(seen), state === undefined ? [] : all.slice(70).map(({ id }) => id), state);
  }
});

test('what can not be listed so is refused by the name of its parameter', async () => {
  const { world } = await locked();
  for (const [query, field] of [
    ['state=broken', 'state'],
    ['after=none', 'after'],
    [`after=${'a'.repeat(20)}-1`, 'after'],
    ['vault=kv', 'vault'],
    ['state=', 'state'],
    ['state=open&state=closed', 'state'],
  ]) {
    const { status, json } = await get(world, `/incidents?${query}`);
    assert.deepEqual([status, json.field], [400, field]);
  }
});

test('before the first incident the list is empty, and says so', async () => {
  const world = aWorld(['p1']);
  await look(world, 'p1');
  const { json } = await get(world, '/incidents');
  assert.deepEqual(
    [json.incidents, json.counts, json.next, json.asOf],
    [[], { incidents: 0, open: 0 }, null, null],
  );
});
