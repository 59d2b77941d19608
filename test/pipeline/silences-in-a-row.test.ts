import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { get, locked, look, post } from '../api/actions/post.ts';
import { aWorld, type World } from './a-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function well(): Promise<World> {
  const world = aWorld(['p1', 'p2']);
  await look(world, 'p1', 'p2');
  return world;
}

const later = async (world: World, ms: number) => {
  await world.clock.advance(ms);
  await world.clock.drive(sweep(world.ports));
};

describe('silences in a row', () => {
  it('are together at most 30 days: thirteen calls do not plan more than a year', async () => {
    const world = await well();
    const begin = world.clock.nowMs();
    const answers = [];
    for (let n = 0; n < 13; n += 1) {
      const from = new Date(begin + n * 30 * DAY + 1000).toISOString();
      answers.push(await post(world, '/policies/p1/silence', { from, until: '30d', why: `part ${n}` }));
    }
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, ...Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? 409 : 200))],
    );
    assert.match(answers[1]?.json.detail, /more than 30 days.*leave at least a day between/);
  });

  it('count whoever asks and in whichever way: for the incident, its policy or the vault', async () => {
    for (const first of ['incident', 'policy', 'vault'] as const)
      for (const second of ['incident', 'policy', 'vault'] as const) {
        const { world, id } = await locked();
        const paths = {
          incident: `/incidents/${id}/silence`,
          policy: '/policies/p1/silence',
          vault: '/vaults/kv-eu/silence',
        };
        assert.equal((await post(world, paths[first], { until: '20d', why: 'one', by: 'Ann' })).status, 200);
        await later(world, 19 * DAY);
        const longer = await post(world, paths[second], { until: '20d', why: 'two', by: 'Bea' });
        const isRefused = second === 'vault' ? longer.json.ok === false : longer.status === 409;
        assert.ok(isRefused, `${first}, then ${second}: ${longer.body}`);
        const shorter = await post(world, paths[second], { until: '10d', why: 'two', by: 'Bea' });
        assert.equal(shorter.status, 200, shorter.body);
      }
  });

  it('are in a row though the first has ended, unless a day is between them', async () => {
    for (const [pause, status] of [
      [23 * HOUR, 409],
      [25 * HOUR, 200],
    ] as const) {
      const world = await well();
      await post(world, '/policies/p1/silence', { until: '20d', why: 'one' });
      await later(world, 20 * DAY);
      await later(world, pause);
      const { json } = await get(world, '/status?policy=p1');
      assert.deepEqual(json.policies[0].silences, []);
      assert.equal(
        (await post(world, '/policies/p1/silence', { until: '20d', why: 'two' })).status,
        status,
        `${pause / HOUR} hours`,
      );
    }
  });

  it('count only as long as they were: what a person ended or took back is free again', async () => {
    const { world, id } = await locked();
    for (const path of [`/incidents/${id}/silence`, '/policies/p1/silence']) {
      await post(world, path, { until: '29d', why: 'one' });
      await world.clock.advance(HOUR);
      await post(world, path, { until: 'now', why: 'over' });
      assert.equal((await post(world, path, { until: '29d', why: 'again' })).status, 200, path);
      await post(world, path, { until: 'now', why: 'over' });
    }
    const planned = { from: '10d', until: '29d', why: 'planned' };
    assert.equal((await post(world, '/policies/p1/silence', planned)).status, 200);
    await post(world, '/policies/p1/silence', { until: 'now', why: 'taken back' });
    assert.equal((await post(world, '/policies/p1/silence', { ...planned, from: '12d' })).status, 200);
  });

  it('of one policy leave those of another free', async () => {
    const world = await well();
    await post(world, '/policies/p1/silence', { until: '30d', why: 'one' });
    assert.equal((await post(world, '/policies/p2/silence', { until: '30d', why: 'two' })).status, 200);
  });
});
