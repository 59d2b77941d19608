import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onHeartbeat, onTimer, watchTimer } from '../../shared/pipeline/watchdog.ts';
import type { TableCall } from '../simulation/memory-table.ts';
import { refusal } from '../simulation/memory-table.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';

const away = () => {
  throw refusal(503, 'ServerBusy');
};

/** A world that was swept once; the vault of p1 is gone since. */
async function lost(): Promise<World> {
  const world = aWorld();
  await world.clock.drive(onTimer(world.ports));
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  await world.clock.advance(30_000);
  return world;
}

describe('a sweep that fails gives its lease back, so that the next one finds the lock', () => {
  const FAILURES: Record<string, (world: World) => void> = {
    'the heads can’t be listed': ({ tables }) => {
      tables.policies.before = away;
    },
    'no commit gets through': ({ tables }) => {
      tables.policies.before = ({ operation }: TableCall) =>
        operation === 'submitTransaction' ? away() : undefined;
    },
    'the watch list can’t be read': ({ ports }) => {
      ports.watched = async () => away();
    },
  };
  for (const [words, fail] of Object.entries(FAILURES)) {
    it(`by another process at its next turn: ${words}`, async () => {
      const world = await lost();
      fail(world);
      await assert.rejects(world.clock.drive(onTimer(world.ports)));
      world.tables.policies.before = undefined;
      // One that has read nothing is due at the next tick; otherwise the next one comes after the interval.
      await world.clock.advance(words.startsWith('no commit') ? 30_000 : 5_000);
      await world.clock.drive(onTimer(world.restart()));
      assert.deepEqual(
        world.channels.map(({ sent }) => sent.map(({ reason }) => reason)),
        [['opened'], ['opened']],
      );
    });
  }

  it('also where it was begun by the heartbeat message or by a signal', async () => {
    for (const begin of [
      (world: World, id: string) => onHeartbeat(id, world.ports),
      (world: World) => watchTimer(world.ports, 'signal'),
    ]) {
      const world = await lost();
      await world.clock.advance(120_000);
      const { messageId = '' } = await world.ports.heartbeat.read();
      world.tables.policies.before = away;
      await Promise.allSettled([world.clock.drive(begin(world, messageId))]);
      world.tables.policies.before = undefined;
      assert.equal((await world.ports.heartbeat.read()).leaseUntil, undefined);
      await world.clock.drive(onTimer(world.restart()));
      assert.equal(world.channels[0]?.sent[0]?.reason, 'opened');
    }
  });

  it('and leaves alone a lease that another process has taken meanwhile', async () => {
    const world = await lost();
    const theirs = new Date(world.clock.nowMs() + 90_000).toISOString();
    world.tables.policies.before = async () => {
      world.tables.policies.before = away;
      await world.ports.heartbeat.update((beat) => ({ ...beat, leaseUntil: theirs }));
      away();
    };
    await assert.rejects(world.clock.drive(onTimer(world.ports)));
    assert.equal((await world.ports.heartbeat.read()).leaseUntil, theirs);
  });
});
