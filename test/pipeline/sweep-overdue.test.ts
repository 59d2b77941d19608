import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onTimer, SweepOverdueError } from '../../shared/pipeline/watchdog.ts';
import { refusal } from '../simulation/memory-table.ts';
import { aWorld, type World } from './a-world.ts';

const BOUNDS = { minMs: 5_000, maxMs: 480_000 };
const MINUTE_MS = 60_000;

function aWorldEvery(intervalMs: number): World {
  const world = aWorld();
  world.ports.config.sweepBounds = { minMs: intervalMs, maxMs: intervalMs };
  return world;
}

/** Minutes of ticks, and the times of those that succeed: what the alert `heartbeat-missing` counts. */
async function successesIn(world: World, minutes: number) {
  const began = world.clock.nowMs();
  const succeeded: number[] = [];
  const errors: unknown[] = [];
  while (world.clock.nowMs() - began < minutes * MINUTE_MS) {
    await world.clock.advance(5_000 - (world.clock.nowMs() % 5_000));
    const atMs = world.clock.nowMs();
    try {
      await world.clock.drive(onTimer(world.ports));
      succeeded.push((atMs - began) / MINUTE_MS);
    } catch (error) {
      errors.push(error);
    }
  }
  return { succeeded, errors };
}

const FAULTS: Record<string, (world: World) => void> = {
  'every commit fails': ({ tables }) => {
    tables.policies.before = ({ operation }) => {
      if (operation === 'submitTransaction') throw refusal(400, 'InvalidInput');
    };
  },
  'a sweep is killed, and its lease never ends': ({ ports }) => {
    ports.watched = async () => {
      // Its process is gone: nothing more is written.
      ports.heartbeat.update = async () => undefined;
      throw new Error('killed');
    };
  },
};

describe('the runs of the timer that the platform’s alert counts', () => {
  for (const intervalMs of [5_000, 60_000, 480_000]) {
    const overdueMinutes = Math.max(3 * intervalMs, 45_000) / MINUTE_MS;
    for (const [words, fail] of Object.entries(FAULTS))
      it(`stop succeeding once a sweep is overdue at an interval of ${intervalMs / 1000} s, where ${words}`, async () => {
        const world = aWorldEvery(intervalMs);
        await world.clock.drive(world.ports.heartbeat.update(() => ({ sweepIntervalMs: intervalMs })));
        assert.ok(await world.clock.drive(onTimer(world.ports)));
        fail(world);
        const { succeeded, errors } = await successesIn(world, overdueMinutes + 5);
        assert.ok((succeeded.at(-1) ?? 0) <= overdueMinutes + 0.1, `${succeeded.at(-1)}`);
        assert.ok(errors.length > 0);
        if (intervalMs > 5_000) assert.ok(errors.some((error) => error instanceof SweepOverdueError));
      });

    it(`all succeed at an interval of ${intervalMs / 1000} s while sweeps finish, however long they take`, async () => {
      const world = aWorldEvery(intervalMs);
      const { facts } = world.ports;
      world.ports.facts = {
        begin(...asked) {
          const session = facts.begin(...asked);
          return {
            ...session,
            async read(...which) {
              await world.clock.sleep(0.8 * intervalMs);
              return session.read(...which);
            },
          };
        },
      };
      const { errors } = await successesIn(world, 60);
      assert.deepEqual(errors, []);
    });
  }

  it('succeed again with the first sweep that finishes', async () => {
    const world = aWorldEvery(BOUNDS.minMs);
    assert.ok(await world.clock.drive(onTimer(world.ports)));
    FAULTS['every commit fails']?.(world);
    assert.ok((await successesIn(world, 5)).errors.length > 0);
    world.tables.policies.before = undefined;
    assert.deepEqual((await successesIn(world, 5)).errors, []);
  });
});
