import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sweep } from '../../shared/pipeline/sweep.ts';
import {
  heartbeatIn,
  onHeartbeat,
  onTimer,
  watchTimer,
  watchTimerBeside,
} from '../../shared/pipeline/watchdog.ts';
import { get } from '../api/actions/post.ts';
import { refusal } from '../simulation/memory-table.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';
import { recordingLog } from './recording-log.ts';

// The table of the read model and the heartbeat is away; what Lockwatch remembers of each policy is not.

/** What Table Storage answers to every call; a deleted table does so for some 40 s to minutes ("Delete Table"). */
const AWAY = {
  'is being deleted': [409, 'TableBeingDeleted'],
  'refuses the app': [403, 'AuthorizationPermissionMismatch'],
  fails: [500, 'InternalError'],
} as const;

function takeAway(world: World, [status, code]: readonly [number, string]): void {
  world.tables.readModel.before = ({ operation }) => {
    throw refusal(status, code, operation === 'submitTransaction');
  };
}
const breakVault = (world: World, name = 'p1') =>
  world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
const reasons = (world: World) =>
  world.channels.map(({ sent }) => sent.map(({ reason }) => reason).join(' '));

for (const [how, answer] of Object.entries(AWAY))
  describe(`while the read model's table ${how}`, () => {
    it('the timer sweeps all the same: a lock is reported on every channel', async () => {
      const world = aWorld(['p1', 'p2']);
      await world.clock.drive(onTimer(world.ports));
      takeAway(world, answer);
      breakVault(world);
      await world.clock.advance(30_000);
      await world.clock.drive(onTimer(world.ports));
      assert.deepEqual(reasons(world), ['opened', 'opened']);
    });

    it('a new process does so too, and the policies that it did not know are taken in', async () => {
      const world = aWorld(['p1', 'p2']);
      takeAway(world, answer);
      breakVault(world);
      await world.clock.drive(onTimer(world.restart()));
      assert.equal((await world.ports.store.listPolicyStates()).length, 2);
      await world.clock.advance(30_000);
      await world.clock.drive(onTimer(world.restart()));
      assert.deepEqual(reasons(world), ['opened', 'opened']);
    });

    it('two timers that sweep at once, without a lease, open one incident and tell it once', async () => {
      const world = aWorld();
      await world.clock.drive(onTimer(world.ports));
      takeAway(world, answer);
      breakVault(world);
      await world.clock.advance(30_000);
      await world.clock.drive(Promise.all([onTimer(world.ports), onTimer(world.restart())]));
      assert.deepEqual(reasons(world), ['opened', 'opened']);
      assert.equal((await world.ports.store.listIncidents()).length, 1);
    });

    it('health and coverage are answered, and health says which storage can not be used', async () => {
      const world = aWorld();
      await world.clock.drive(onTimer(world.ports));
      takeAway(world, answer);
      const health = await get(world, '/health');
      const of = (name: string) =>
        health.json.dependencies.find((one: { name: string }) => one.name === name);
      assert.deepEqual(
        [health.status, health.json.status, of('tableStorage').state],
        [200, 'degraded', 'partly'],
      );
      assert.equal((await get(world, '/coverage')).status, 200);
    });

    it('the heartbeat message goes on returning, and is none more', async () => {
      const world = aWorld();
      await world.clock.drive(onTimer(world.ports));
      takeAway(world, answer);
      for (let n = 0; n < 5; n += 1) {
        const [message, ...others] = world.heartbeats.splice(0);
        assert.deepEqual(others, []);
        await world.clock.advance(15_000);
        await world.clock.drive(onHeartbeat(heartbeatIn(message?.text) ?? '', world.ports));
      }
      assert.equal(world.heartbeats.length, 1);
    });

    it('nobody is notified that the timer is well again: nothing shows it', async () => {
      const world = aWorld();
      await world.clock.drive(onTimer(world.ports));
      await world.clock.advance(120_000);
      await world.clock.drive(sweep(world.ports));
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost']);
      takeAway(world, answer);
      await world.clock.drive(sweep(world.ports));
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost']);
      world.tables.readModel.before = undefined;
      await world.clock.drive(onTimer(world.ports));
      await world.clock.drive(sweep(world.ports));
      assert.deepEqual(reasons(world), [
        'visibilityLost visibilityRestored',
        'visibilityLost visibilityRestored',
      ]);
    });
  });

it('an entry of the read model that storage will not take does not keep the others from being written', async () => {
  const world = aWorld(['p1', 'p2', 'p3']);
  await world.clock.drive(sweep(world.ports));
  world.tables.readModel.deleteTable();
  const { write } = world.ports.readModel;
  const ports = {
    ...world.ports,
    readModel: {
      ...world.ports.readModel,
      async write(policyState: Parameters<typeof write>[0], now: string) {
        if (policyState.policyId === policyId('p1'))
          world.tables.readModel.before = ({ operation }) => {
            if (operation === 'submitTransaction') throw refusal(400, 'PropertyValueTooLarge', true);
          };
        await write(policyState, now).finally(() => {
          world.tables.readModel.before = undefined;
        });
      },
    },
  };
  await world.clock.drive(sweep(ports));
  const names = (await world.ports.readModel.read()).map(({ name }) => name).sort();
  assert.deepEqual(names, ['p2', 'p3']);
});

it('a table whose deletion is under way is away, and no conflict between two writers', async () => {
  const world = aWorld();
  await world.clock.drive(onTimer(world.ports));
  breakVault(world);
  await world.clock.advance(30_000);
  world.tables.policies.before = ({ operation }) => {
    if (operation === 'submitTransaction') throw refusal(409, 'TableBeingDeleted', true);
  };
  await assert.rejects(world.clock.drive(onTimer(world.ports)), /TableBeingDeleted/);
  world.tables.policies.before = undefined;
  world.tables.readModel.before = ({ operation }) => {
    // The row is gone already, and none can be written.
    if (operation === 'getEntity') throw refusal(404, 'TableNotFound');
    throw refusal(409, 'TableBeingDeleted', operation === 'submitTransaction');
  };
  // The process remembers when it swept last.
  await world.clock.advance(30_000);
  await world.clock.drive(onTimer(world.ports));
  assert.deepEqual(reasons(world), ['opened', 'opened']);
});

describe('while sweeps fail', () => {
  /** A world whose sweeps fail from now on, and how many were begun. */
  async function failing(): Promise<{ world: World; begun: () => number }> {
    const world = aWorld();
    await world.clock.drive(onTimer(world.ports));
    await world.clock.advance(200_000);
    let begun = 0;
    world.tables.policies.before = ({ operation }) => {
      if (operation !== 'listEntities') return;
      begun += 1;
      throw refusal(500, 'InternalError');
    };
    return { world, begun: () => begun };
  }

  for (const [what, once] of [
    ['signals', (world: World) => watchTimer(world.ports, 'signal')],
    ['GETs', (world: World) => watchTimerBeside(world.ports, 'status')],
    ['POSTs', (world: World) => watchTimerBeside(world.ports, 'actions')],
  ] as const)
    it(`many ${what} begin one in an interval at most`, async () => {
      const { world, begun } = await failing();
      world.ports.rechecks.sendHeartbeat = async () => {
        throw new Error('the queue is away');
      };
      for (let second = 0; second < 90; second += 1) {
        await world.clock.drive(once(world));
        await world.clock.advance(1_000);
      }
      assert(begun() >= 2 && begun() <= 3, `${begun()} sweeps in three intervals`);
    });

  it('a process that is well tries too, though the timer tries and fails', async () => {
    const { world } = await failing();
    const log = recordingLog();
    await assert.rejects(world.clock.drive(onTimer(world.ports)));
    world.tables.policies.before = undefined;
    breakVault(world);
    await world.clock.drive(watchTimer({ ...world.restart(), log }, 'signal'));
    assert.deepEqual(reasons(world), ['opened', 'opened']);
    assert(log.events().includes('sweep-silent'));
  });

  it('the heartbeat message stays one, and says what failed', async () => {
    const { world } = await failing();
    const log = recordingLog();
    const [message] = world.heartbeats.splice(0);
    await world.clock.drive(onHeartbeat(heartbeatIn(message?.text) ?? '', { ...world.ports, log }));
    assert.equal(world.heartbeats.length, 1);
    assert.deepEqual(log.events(), ['timer-silent', 'timer-watch-failed']);
  });
});

it('a heartbeat message that can not be sent on comes back itself, and the sweep is done all the same', async () => {
  const world = aWorld();
  await world.clock.drive(onTimer(world.ports));
  breakVault(world);
  await world.clock.advance(120_000);
  world.ports.rechecks.sendHeartbeat = async () => {
    throw new Error('the queue is away');
  };
  const [message] = world.heartbeats;
  await assert.rejects(world.clock.drive(onHeartbeat(heartbeatIn(message?.text) ?? '', world.ports)));
  assert.match(reasons(world)[0] ?? '', /opened/);
});
