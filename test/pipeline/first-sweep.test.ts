import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  heartbeatIn,
  onHeartbeat,
  onTimer,
  watchTimer,
  watchTimerBeside,
} from '../../shared/pipeline/watchdog.ts';
import { refusal } from '../simulation/memory-table.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';
import { recordingLog } from './recording-log.ts';

const breakVault = (world: World, name = 'p1') =>
  world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
const reasons = (world: World) =>
  world.channels.map(({ sent }) => sent.map(({ reason }) => reason).join(' '));

/** Hands the messages over that are due, as the queue's function would, in its own process and to its own log. */
async function handOver(world: World, log = recordingLog()) {
  const due = world.heartbeats.filter(({ dueAt }) => dueAt <= world.clock.nowMs());
  for (const message of due) {
    world.heartbeats.splice(world.heartbeats.indexOf(message), 1);
    await world.clock.drive(onHeartbeat(heartbeatIn(message.text) ?? '', { ...world.restart(), log }));
  }
  return log;
}

describe('an app that has just been deployed', () => {
  it('logs no silence, whoever runs first', async () => {
    const detectionSources: ((world: World) => Promise<unknown>)[] = [
      (world: World) => onTimer(world.ports),
      (world: World) => watchTimer(world.ports, 'signal'),
      (world: World) => watchTimerBeside(world.ports, 'status'),
      (world: World) => watchTimerBeside(world.ports, 'actions'),
    ];
    for (const first of detectionSources) {
      const world = aWorld();
      const log = recordingLog();
      world.ports.log = log;
      await world.clock.drive(first(world));
      await handOver(world, log);
      const others = { ...world.restart(), log };
      await world.clock.drive(watchTimer(others, 'signal'));
      await world.clock.drive(watchTimerBeside({ ...world.restart(), log }, 'status'));
      await world.clock.drive(onTimer({ ...world.restart(), log }));
      assert.deepEqual(
        log.lines.filter(({ level }) => level === 'error'),
        [],
        first.toString(),
      );
      assert.equal((await world.ports.store.listPolicyStates()).length, 1, 'and it was swept');
    }
  });

  it('is silent once three intervals have passed without a sweep that came to its end', async () => {
    const world = aWorld();
    world.tables.policies.before = ({ operation }) => {
      if (operation === 'listEntities') throw refusal(403, 'AuthorizationPermissionMismatch');
    };
    const told: number[] = [];
    for (let second = 0; second <= 120; second += 30) {
      const log = recordingLog();
      await assert.rejects(world.clock.drive(onTimer(world.ports)));
      await world.clock.drive(watchTimer({ ...world.restart(), log }, 'signal'));
      if (log.events().includes('sweep-silent')) told.push(second);
      await world.clock.advance(30_000);
    }
    assert.deepEqual(told, [120]);
  });
});

for (const by of ['status', 'actions'] as const)
  describe(`the function ${by}, where the sweep is silent`, () => {
    /** Four minutes ago the timer stopped, and its heartbeat message is lost. A vault was deleted since. */
    async function silent(): Promise<World> {
      const world = aWorld();
      await world.clock.drive(onTimer(world.ports));
      world.heartbeats.length = 0;
      breakVault(world);
      await world.clock.advance(240_000);
      return world;
    }

    it('asks by a message at once and answers; the message’s function sweeps, and its lines are logged there', async () => {
      const world = await silent();
      const log = recordingLog();
      await world.clock.drive(watchTimerBeside({ ...world.ports, log }, by));
      assert.deepEqual(log.events(), ['sweep-silent']);
      assert.deepEqual(reasons(world), ['', '']);
      const there = await handOver(world);
      assert.match(reasons(world)[0] ?? '', /opened/);
      assert(there.events().includes('swept') && there.events().includes('transition'));
    });

    it('waits for the sweep itself where the queue refuses, so that nothing is logged after the answer', async () => {
      const world = await silent();
      const log = recordingLog();
      const sendHeartbeat = async () => {
        throw new Error('the queue refuses');
      };
      const ports = { ...world.ports, log, rechecks: { ...world.ports.rechecks, sendHeartbeat } };
      await world.clock.drive(watchTimerBeside(ports, by));
      const answered = log.lines.length;
      assert.match(reasons(world)[0] ?? '', /opened/);
      assert(log.events().includes('swept') && log.events().includes('heartbeat-message-failed'));
      await world.clock.advance(60_000);
      assert.equal(log.lines.length, answered);
    });

    it('sweeps itself where nobody took the message', async () => {
      const world = await silent();
      await world.clock.drive(watchTimerBeside(world.ports, by));
      await world.clock.advance(31_000);
      await world.clock.drive(watchTimerBeside(world.ports, by));
      assert.match(reasons(world)[0] ?? '', /opened/);
    });

    it('leaves it to the message where that returns', async () => {
      const world = await silent();
      world.tables.policies.before = ({ operation }) => {
        if (operation === 'listEntities') throw refusal(500, 'InternalError');
      };
      const mine = recordingLog();
      for (let second = 0; second < 120; second += 5) {
        await world.clock.drive(watchTimerBeside({ ...world.ports, log: mine }, by));
        await handOver(world);
        await world.clock.advance(5_000);
      }
      assert(!mine.events().includes('timer-watch-failed'), 'it began none by itself');
    });

    it('answers after ten seconds, however long the sweep takes', async () => {
      const world = await silent();
      const log = recordingLog();
      const { begin } = world.ports.facts;
      const ports = {
        ...world.ports,
        log,
        facts: {
          begin: (...options: Parameters<typeof begin>) => ({
            ...begin(...options),
            listPolicies: () => new Promise<never>(() => {}),
          }),
        },
        rechecks: {
          ...world.ports.rechecks,
          sendHeartbeat: async () => {
            throw new Error('the queue refuses');
          },
        },
      };
      const began = world.clock.nowMs();
      await world.clock.drive(watchTimerBeside(ports, by));
      assert.equal(world.clock.nowMs() - began, 10_000);
      assert(log.events().includes('sweep-not-awaited'));
    });

    it('reads storage once in an interval, however many ask', async () => {
      const world = aWorld();
      await world.clock.drive(onTimer(world.ports));
      let reads = 0;
      world.tables.readModel.before = () => {
        reads += 1;
      };
      for (let n = 0; n < 50; n += 1) await world.clock.drive(watchTimerBeside(world.ports, by));
      assert.equal(reads, 1);
    });
  });
