import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sweepUnderLease } from '../../shared/pipeline/sweep-lease.ts';
import { heartbeatIn, onHeartbeat, onTimer } from '../../shared/pipeline/watchdog.ts';
import type { Heartbeat } from '../../shared/visibility/heartbeat.ts';
import { refusal } from '../simulation/memory-table.ts';
import { aWorld, type World } from './a-world.ts';
import { recordingLog } from './recording-log.ts';

// Sweeps whose process died, whose clock is wrong, or whose heartbeat can't be written.

const BOUNDS = { minMs: 5_000, maxMs: 480_000 };

async function aSweptWorld(): Promise<World> {
  const world = aWorld();
  world.ports.config.sweepBounds = BOUNDS;
  await world.clock.drive(onTimer(world.ports));
  return world;
}
const write = (world: World, more: Heartbeat) =>
  world.clock.drive(world.ports.heartbeat.update((row) => ({ ...row, ...more })));
const ahead = ({ clock }: World, ms: number) => new Date(clock.nowMs() + ms).toISOString();

/** Seconds until a tick sweeps. */
async function secondsToSweep(world: World, ports = world.ports): Promise<number> {
  for (let seconds = 5; seconds < 1_000; seconds += 5) {
    await world.clock.advance(5_000);
    // A tick that only finds another's lease may fail, because the sweep is overdue.
    const [ticked] = await Promise.allSettled([world.clock.drive(onTimer(ports))]);
    if (ticked.status === 'fulfilled' && ticked.value) return seconds;
  }
  return Number.POSITIVE_INFINITY;
}

/** Every read takes so long. */
function slowReads({ ports, clock }: World, ms: number): void {
  const { facts } = ports;
  ports.facts = {
    begin(...asked) {
      const session = facts.begin(...asked);
      return {
        ...session,
        async read(...which) {
          await clock.sleep(ms);
          return session.read(...which);
        },
      };
    },
  };
}

describe('a process that dies in a sweep', () => {
  for (const diedAfterMs of [0, 4_000, 9_000])
    it(`after ${diedAfterMs / 1000} s leaves its lease for less time than anything needs to be silent`, async () => {
      const world = await aSweptWorld();
      const log = recordingLog();
      world.ports.log = log;
      slowReads(world, 1_000_000);
      await world.clock.advance(5_000);
      // It never ends: as if its process had been killed, once it writes nothing more.
      void sweepUnderLease(world.ports, 'timer');
      for (let ms = 0; ms <= diedAfterMs; ms += 1_000) await world.clock.advance(1_000);
      world.ports.heartbeat.update = async () => undefined;
      const ports = { ...world.restart(), log, config: world.ports.config };
      let swept = false;
      for (let n = 0; n < 12 && !swept; n += 1) {
        await world.clock.advance(5_000);
        swept = (await world.clock.drive(onTimer(ports))) !== undefined;
        for (const { text } of world.heartbeats.splice(0))
          await world.clock.drive(onHeartbeat(heartbeatIn(text) ?? '', ports));
      }
      assert.ok(swept);
      assert.deepEqual(
        log.lines.filter(({ level }) => level === 'error'),
        [],
      );
    });
});

describe('a long sweep', () => {
  it('keeps its lease while it runs, and no longer than about its interval', async () => {
    const world = await aSweptWorld();
    await write(world, { sweepIntervalMs: 120_000 });
    slowReads(world, 90_000);
    await world.clock.advance(120_000);
    const long = sweepUnderLease(world.ports, 'heartbeat');
    const other = world.restart();
    other.config.sweepBounds = BOUNDS;
    for (let n = 0; n < 16; n += 1) {
      await world.clock.advance(5_000);
      assert.equal(await sweepUnderLease(other, 'timer'), undefined, `${n}`);
    }
    assert.ok(await world.clock.drive(long));
    assert.equal((await world.ports.heartbeat.read()).leaseUntil, undefined);
  });

  it('that hangs is replaced', async () => {
    const world = await aSweptWorld();
    slowReads(world, 10_000_000);
    await world.clock.advance(5_000);
    void sweepUnderLease(world.ports, 'timer');
    const other = world.restart();
    other.config.sweepBounds = BOUNDS;
    const seconds = await secondsToSweep(world, other);
    assert.ok(seconds >= 60 && seconds <= 85, `${seconds}`);
  });

  it('of another function does not postpone the timer’s by having been found under way', async () => {
    const world = await aSweptWorld();
    await write(world, { sweepIntervalMs: 60_000, timerAt: ahead(world, -60_000) });
    await write(world, { sweepBegunAt: world.clock.now(), sweepBy: 'heartbeat' });
    await write(world, { leaseUntil: ahead(world, 18_000) });
    const ports = world.restart();
    ports.config.sweepBounds = BOUNDS;
    await world.clock.advance(10_000);
    assert.equal(await world.clock.drive(onTimer(ports)), undefined);
    await world.clock.drive(
      world.ports.heartbeat.update(({ leaseUntil: _over, ...row }) => ({
        ...row,
        sweepFinishedAt: world.clock.now(),
      })),
    );
    // An interval after that sweep began, and not after the tick that found it.
    assert.equal(await secondsToSweep(world, ports), 50);
  });
});

describe('one clock that is wrong', () => {
  for (const aheadMs of [3_000, 30_000, 55_000, 3_600_000])
    it(`by ${aheadMs / 1000} s does not silence the timer: it sweeps at its next tick`, async () => {
      const world = await aSweptWorld();
      await write(world, {
        timerAt: ahead(world, aheadMs + 5_000),
        sweepBegunAt: ahead(world, aheadMs + 5_000),
      });
      assert.equal(await secondsToSweep(world), 5);
    });

  it('does not silence the other functions, where the timer is silent', async () => {
    const world = await aSweptWorld();
    await world.clock.advance(120_000);
    await write(world, { sweepBegunAt: ahead(world, 50_000), sweepBy: 'signal' });
    assert.ok(await world.clock.drive(sweepUnderLease(world.ports, 'heartbeat')));
  });

  it('leaves a lease that is longer than any, and nobody waits for it', async () => {
    for (const ms of [100_000, 300_000, 590_000]) {
      const world = await aSweptWorld();
      await write(world, { leaseUntil: ahead(world, ms) });
      assert.equal(await secondsToSweep(world), 5, `${ms}`);
    }
  });
});

describe('a heartbeat that can be read but not written', () => {
  it('does not make each tick a sweep: the timer keeps the interval in force by what it remembers', async () => {
    for (const restarted of [false, true]) {
      const world = await aSweptWorld();
      await write(world, { sweepIntervalMs: 120_000 });
      world.tables.readModel.before = ({ operation }) => {
        if (!/getEntity|listEntities/.test(operation)) throw refusal(403, 'AuthorizationPermissionMismatch');
      };
      const ports = restarted ? world.restart() : world.ports;
      ports.config.sweepBounds = { minMs: 5_000, maxMs: 480_000 };
      const { facts } = ports;
      ports.facts = {
        begin: (...asked) => ({ ...facts.begin(...asked), quota: () => new Map() }),
      };
      ports.config.sweepBounds = { minMs: 5_000, maxMs: 120_000 };
      let sweeps = 0;
      const times: number[] = [];
      for (let n = 0; n < 120; n += 1) {
        await world.clock.advance(5_000);
        if (!(await world.clock.drive(onTimer(ports)))) continue;
        sweeps += 1;
        times.push(n * 5);
      }
      assert.ok(sweeps >= 4, `${sweeps}`);
      // It comes down by the steps of the interval, as it would with the row.
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 60, times.join());
    }
  });
});
