import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forgetOldSilences } from '../../shared/pipeline/forget-notices.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { get, look, post } from '../api/actions/post.ts';
import { type MemoryTable, refusal } from '../simulation/memory-table.ts';
import { policyStatesOf } from './a-big-world.ts';
import { aWorld, type World } from './a-world.ts';

const DAY = 86_400_000;

async function pass(world: World, days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await world.clock.advance(DAY);
    await world.clock.drive(onTimer(world.ports));
  }
}

/** The stored notices of silences that belong to no incident, by policy and state. */
const stored = ({ tables }: { tables: { policies: MemoryTable } }) =>
  tables.policies
    .rows()
    .filter(({ rowKey, reason }) => rowKey?.startsWith('notice|') && reason === 'silenced')
    .map(({ policyId, channel, state }) => `${String(policyId).split('/').at(-1)} ${channel} ${state}`);

async function silenced(names: string[], until = '1d', channels = ['email']): Promise<World> {
  const world = aWorld(names, channels);
  world.ports.config.sweepBounds = { minMs: 60_000, maxMs: 60_000 };
  for (const name of names) await look(world, name);
  for (const name of names)
    assert.equal((await post(world, `/policies/${name}/silence`, { until, why: 'planned' })).status, 200);
  return world;
}

describe('the notices of silences without an incident', () => {
  it('are deleted 30 days after their silence, of every policy, and the activity no longer shows them', async () => {
    const names = Array.from({ length: 25 }, (_, n) => `p${n}`);
    const world = await silenced(names);
    await pass(world, 30);
    assert.equal(stored(world).length, 25);
    const shown = async () => JSON.parse((await get(world, '/activity?policy=p7')).body).entries ?? [];
    assert.equal((await shown()).length > 0, true);
    // 20 policies in a sweep.
    await pass(world, 4);
    assert.deepEqual(stored(world), []);
  });

  it('stay as long as their silence, and 30 days more', async () => {
    const world = await silenced(['p1'], '30d');
    await pass(world, 58);
    assert.equal(stored(world).length, 1);
    await pass(world, 4);
    assert.deepEqual(stored(world), []);
  });

  it('stay while one is not delivered, however old, and are deleted once it is', async () => {
    const world = await silenced(['p1']);
    const states = await policyStatesOf(world);
    const set = async (state: 'pending' | 'sent') => {
      const row = world.tables.policies.rows().find(({ reason }) => reason === 'silenced') ?? assert.fail();
      const { store } = world.ports;
      const range = { from: 0, to: world.clock.nowMs() };
      const [read = assert.fail()] = await store.listOwnNotices(String(row.partitionKey), range);
      await store.updateNotice({ ...read, state });
    };
    await set('pending');
    for (let n = 0; n < 3; n += 1) {
      await world.clock.advance(60 * DAY);
      await forgetOldSilences(states, world.ports);
      assert.deepEqual(stored(world), ['p1 email pending']);
    }
    await set('sent');
    await world.clock.advance(DAY);
    await forgetOldSilences(states, world.ports);
    assert.deepEqual(stored(world), []);
  });

  it('stay where another process has changed one since it was read', async () => {
    const world = await silenced(['p1']);
    const row = world.tables.policies.rows().find(({ reason }) => reason === 'silenced') ?? assert.fail();
    const { store } = world.ports;
    const read = await store.listOwnNotices(String(row.partitionKey), { from: 0, to: world.clock.nowMs() });
    await store.updateNotice(read[0] ?? assert.fail());
    await store.deleteNotices(read);
    assert.equal(stored(world).length, 1);
  });

  it('that storage will not delete hold up no sweep', async () => {
    const world = await silenced(['p1']);
    world.tables.policies.before = ({ operation }) => {
      if (operation === 'deleteEntity') throw refusal(403, 'AuthorizationPermissionMismatch');
    };
    await pass(world, 32);
    assert.equal(stored(world).length, 1);
    delete world.tables.policies.before;
    await pass(world, 2);
    assert.deepEqual(stored(world), []);
  });
});
