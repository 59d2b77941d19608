import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { BLAST_SCOPES } from '../../../shared/preview/blast/scope.ts';
import { aWorld, OTHER_VAULT_ID, policyId, type World } from '../../pipeline/a-world.ts';
import { environment, known, PRINCIPAL, policy, VAULT_ID, vault } from '../../triggers/a-reading.ts';
import { get, look, written } from '../actions/post.ts';

async function healthy(): Promise<World> {
  const world = aWorld(['p1', 'p2', 'other']);
  world.observedState.set(normalId(policyId('other')), {
    policy: known(policy({ id: policyId('other'), name: 'other', vaultId: OTHER_VAULT_ID })),
    vault: known(vault({ id: OTHER_VAULT_ID, name: 'kv-other' })),
  });
  await look(world, 'p1', 'p2', 'other');
  return world;
}
const ask = (world: World, query: string) => get(world, `/blast-radius?${query}`);

describe('GET /blast-radius', () => {
  test('names the environments that a vault would take down, by policy, and stores nothing', async () => {
    const world = await healthy();
    const before = written(world);
    const { status, json } = await ask(world, `vault=${encodeURIComponent(VAULT_ID.toUpperCase())}`);
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(json.scope, { kind: 'vault', name: 'kv-eu' });
    assert.equal(json.outcome, 'goesDown');
    assert.deepEqual(json.counts, {
      policies: 2,
      policiesGoingDown: 2,
      policiesCompared: 3,
      environments: 4,
      restoresLost: 0,
      operations: json.operations.length,
    });
    assert.deepEqual(
      json.policies.map(({ name, environments }: { name: string; environments: { items: object[] } }) => [
        name,
        environments.items.length,
      ]),
      [
        ['p1', 2],
        ['p2', 2],
      ],
    );
    assert.deepEqual(json.policies[0].environments.items[1], {
      id: 'p1-2',
      displayName: 'Environment p1-2',
      sku: 'Sandbox',
      region: 'europe',
    });
    const ids = new Set(json.operations.map(({ id }: { id: string }) => id));
    for (const { triggers } of json.policies)
      for (const { operations } of triggers) for (const id of operations) assert.ok(ids.has(id), id);
    assert.deepEqual(written(world), before, 'nothing is kept');
  });

  test('answers of a policy by its name or id, and of a principal that the reader names', async () => {
    const world = await healthy();
    const byName = await ask(world, 'policy=P1');
    const byId = await ask(world, `policy=${encodeURIComponent(policyId('p1'))}`);
    assert.deepEqual([byName.json.counts, byName.json.policies], [byId.json.counts, byId.json.policies]);
    assert.equal(byName.json.counts.environments, 2);
    assert.ok(!byName.body.includes(PRINCIPAL), 'the answer names no principal');
    const identity = await ask(world, `principal=${PRINCIPAL}`);
    assert.deepEqual(
      [identity.json.scope.name, identity.json.outcome, identity.json.counts.policies],
      [PRINCIPAL, 'goesDown', 3],
    );
  });

  test('that no watched policy depends on is said to be so, and is not fine', async () => {
    const { json } = await ask(await healthy(), 'vault=kv-nobody');
    assert.deepEqual([json.outcome, json.policies, json.counts.policiesCompared], ['nothingWatched', [], 3]);
  });

  test('refuses no scope, two scopes, and one that is none, each by the name of its field', async () => {
    const world = await healthy();
    const none = await get(world, '/blast-radius');
    assert.equal(none.status, 400);
    for (const kind of Object.keys(BLAST_SCOPES)) assert.match(none.json.detail, new RegExp(kind));
    const two = await ask(world, `vault=kv-eu&policy=p1`);
    assert.deepEqual([two.status, two.json.field], [400, 'policy']);
    assert.match(two.json.detail, /'vault' and 'policy' are both given/);
    for (const [kind, text] of [
      ['vault', 'my vault'],
      ['key', 'cmk'],
      ['version', 'kv-eu/keys/cmk'],
      ['principal', 'eve'],
      ['resourceGroup', 'rg-keys'],
      ['subscription', 'prod'],
    ]) {
      const { status, json } = await ask(world, `${kind}=${encodeURIComponent(text ?? '')}`);
      assert.deepEqual([status, json.field], [400, kind], kind);
    }
    const missing = await ask(world, 'policy=p9');
    assert.equal(missing.status, 404);
  });

  test('says how old the readings are, and asks Azure once for several questions', async () => {
    const world = await healthy();
    const reads = world.reads.length;
    const { json } = await ask(world, 'vault=kv-eu');
    await world.clock.advance(2 * 60_000);
    const later = await ask(world, 'policy=p1');
    assert.equal(later.json.asOf, json.asOf);
    assert.notEqual(later.json.answeredAt, json.answeredAt);
    assert.equal(world.reads.length, reads + 3);
  });

  test('gives 10,000 environments in pages that follow on each other', async () => {
    const world = await healthy();
    const many = Array.from({ length: 10_000 }, (_, n) => environment(`e${n}`));
    world.observedState.set(normalId(policyId('p2')), {
      environments: known({ source: 'powerPlatform', asOf: world.clock.now(), environments: many }),
    });
    const seen: string[] = [];
    let next: string | null = '/api/blast-radius?vault=kv-eu';
    let pages = 0;
    while (next !== null && pages < 100) {
      const { status, json, body }: Awaited<ReturnType<typeof get>> = await get(
        world,
        next.replace('/api', ''),
      );
      assert.equal(status, 200, body);
      assert.ok(body.length < 150_000, `a page has ${body.length} bytes`);
      assert.equal(json.counts.environments, 10_002);
      for (const { environments } of json.policies)
        seen.push(...environments.items.map(({ id }: { id: string }) => id));
      next = json.next;
      pages += 1;
    }
    assert.equal(pages, 51);
    assert.equal(new Set(seen).size, 10_002);
    assert.equal(seen.length, 10_002);
    const lost = await ask(world, 'vault=kv-eu&after=nowhere~e1');
    assert.deepEqual([lost.status, lost.json.field], [400, 'after']);
  });
});
