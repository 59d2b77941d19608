import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QuotaSeen } from '../../shared/azure/arm-rate-limit.ts';
import { heartbeatIn, onHeartbeat, onTimer, watchTimer } from '../../shared/pipeline/watchdog.ts';
import { intervalsInForce } from '../../shared/visibility/interval-in-force.ts';
import { policyInterval } from '../../shared/visibility/slowed-subscriptions.ts';
import { get } from '../api/actions/post.ts';
import { rendered, textOf } from '../api/pages/page-html.ts';
import { refusal, type TableCall } from '../simulation/memory-table.ts';
import { DISABLED, environment, known, SUBSCRIPTION } from '../triggers/a-reading.ts';
import { policyStatesOf } from './a-big-world.ts';
import { aWorld, policyId, type World } from './a-world.ts';
import { recordingLog } from './recording-log.ts';

const BOUNDS = { minMs: 5_000, maxMs: 480_000 };
const REFUSED: QuotaSeen = { isThrottled: true };
const CALM: QuotaSeen = { isThrottled: false };

/** Azure says the same of its one subscription to each sweep, which reads for 70 % of its interval. */
function aWorldOfTicks() {
  const world = aWorld();
  const log = recordingLog();
  const azure = { says: CALM };
  const { facts } = world.ports;
  world.ports.log = log;
  world.ports.config.sweepBounds = BOUNDS;
  world.ports.facts = {
    begin(budgetMs, options) {
      const session = facts.begin(budgetMs, options);
      return {
        ...session,
        quota: () => new Map([[SUBSCRIPTION.toLowerCase(), azure.says]]),
        async read(...asked) {
          const read = await session.read(...asked);
          await world.clock.sleep(0.7 * (await intervalOf(world)));
          return read;
        },
      };
    },
  };
  return { world, log, azure };
}

async function intervalOf({ ports }: World): Promise<number> {
  return (await ports.heartbeat.read()).sweepIntervalMs ?? BOUNDS.minMs;
}

/** At which the one subscription is read. */
async function ownIntervalOf({ ports }: World): Promise<number> {
  const intervals = intervalsInForce(await ports.heartbeat.read(), ports.config.sweepBounds);
  return policyInterval({ policyId: policyId('p1'), history: {} } as never, intervals);
}

/** A tick of the timer, and whatever other functions do after it. */
async function tick({ world }: ReturnType<typeof aWorldOfTicks>) {
  await world.clock.advance(5_000 - (world.clock.nowMs() % 5_000));
  const swept = await world.clock.drive(onTimer(world.ports));
  const [message] = world.heartbeats.splice(0);
  if (message) await world.clock.drive(onHeartbeat(heartbeatIn(message.text) ?? '', world.ports));
  const other = { ...world.restart(), log: world.ports.log, config: world.ports.config };
  await world.clock.drive(watchTimer(other, 'signal'));
  return swept;
}

describe('a tick at which no sweep is due', () => {
  it('reads one row, and touches nothing else', async () => {
    const { world } = aWorldOfTicks();
    world.ports.config.sweepBounds = { minMs: 60_000, maxMs: 60_000 };
    await world.clock.drive(onTimer(world.ports));
    await world.clock.advance(5_000);
    const calls: string[] = [];
    const note = (table: string) => (call: TableCall) => {
      calls.push(`${table} ${call.operation}`);
    };
    world.tables.policies.before = note('policies');
    world.tables.readModel.before = note('readmodel');
    world.ports.facts.begin = () => assert.fail('nothing is read');
    assert.equal(await world.clock.drive(onTimer(world.ports)), undefined);
    assert.deepEqual(calls, ['readmodel getEntity']);
  });

  it('comes between sweeps that are an interval apart, however late the platform starts single ticks', async () => {
    const { world } = aWorldOfTicks();
    world.ports.config.sweepBounds = { minMs: 60_000, maxMs: 60_000 };
    const began: number[] = [];
    for (let n = 0; n < 150; n += 1) {
      await world.clock.advance(5_000 - (world.clock.nowMs() % 5_000) + ((n * 7) % 10) * 100);
      const at = world.clock.nowMs();
      if (await world.clock.drive(onTimer(world.ports))) began.push(at);
    }
    const apart = began.map((at, n) => (at - (began[n - 1] ?? 0)) / 1000).slice(-6);
    assert.equal(apart.length, 6);
    for (const seconds of apart) assert.ok(seconds >= 58 && seconds < 62, apart.join());
  });

  it('comes too where the heartbeat can’t be read: the process keeps its own pace', async () => {
    const world = aWorld();
    world.ports.config.sweepBounds = { minMs: 60_000, maxMs: 60_000 };
    await world.clock.drive(world.ports.heartbeat.update(() => ({ sweepIntervalMs: 60_000 })));
    assert.ok(await world.clock.drive(onTimer(world.ports)));
    world.tables.readModel.before = () => {
      throw refusal(503, 'ServerBusy');
    };
    const swept: boolean[] = [];
    for (let n = 0; n < 24; n += 1) {
      await world.clock.advance(5_000);
      swept.push((await world.clock.drive(onTimer(world.ports))) !== undefined);
    }
    const sweeps = swept.filter(Boolean).length;
    assert.ok(sweeps >= 1 && sweeps <= 4, `${sweeps} sweeps in two minutes`);
  });

  it('is followed by a sweep at once where the one before died and left its lease', async () => {
    const { world } = aWorldOfTicks();
    world.ports.config.sweepBounds = { minMs: 480_000, maxMs: 480_000 };
    const now = world.clock.now();
    const leaseUntil = new Date(world.clock.nowMs() + 540_000).toISOString();
    await world.clock.drive(
      world.ports.heartbeat.update(() => ({ timerAt: now, sweepBegunAt: now, leaseUntil })),
    );
    await world.clock.advance(5_000);
    assert.equal(await world.clock.drive(onTimer(world.ports)), undefined);
    await world.clock.advance(540_000);
    assert.ok(await world.clock.drive(onTimer(world.ports)));
  });
});

describe('an interval that grows and shrinks', () => {
  for (const [minMs, longestMs] of [
    [5_000, 15_000],
    [120_000, 480_000],
  ] as const)
    it(`from ${minMs / 1000} to ${longestMs / 1000} s calls nothing late: no silence, no old reading, no visibility gap`, async () => {
      const all = aWorldOfTicks();
      const { world, log, azure } = all;
      world.ports.config.sweepBounds = { minMs, maxMs: 480_000 };
      const seen = new Set<number>();
      const own = new Set<number>();
      for (const { says, sweeps, grows = false } of [
        { says: CALM, sweeps: 3 },
        { says: REFUSED, sweeps: 8 },
        { says: CALM, sweeps: 24 },
        // As after many policies were added, and removed again.
        { says: CALM, sweeps: 24, grows: true },
        { says: REFUSED, sweeps: 2 },
        { says: CALM, sweeps: 24 },
      ]) {
        azure.says = says;
        if (grows)
          await world.clock.drive(
            world.ports.heartbeat.update((row) => ({ ...row, sweepIntervalMs: longestMs })),
          );
        for (let swept = 0; swept < sweeps; ) {
          if (await tick(all)) swept += 1;
          seen.add(await intervalOf(world));
          own.add(await ownIntervalOf(world));
          const { json: health } = await get(world, '/health');
          const { json: status } = await get(world, '/status');
          const at = `${world.clock.now()}, every ${(await intervalOf(world)) / 1000} s`;
          assert.deepEqual([health.sweep.isSilent, health.timer.isSilent], [false, false], at);
          assert.deepEqual([status.verdict, status.sweep.isSilent], ['clear', false], at);
        }
      }
      for (const had of [seen, own]) assert.ok(had.has(longestMs) && had.has(minMs), [...had].join());
      assert.deepEqual([await intervalOf(world), await ownIntervalOf(world)], [minMs, minMs]);
      assert.deepEqual(
        log.lines.filter(({ level }) => level === 'error'),
        [],
      );
      const { visibility } = await world.ports.visibility.read(world.clock.now());
      assert.deepEqual(visibility.gaps, {});
      assert.deepEqual(world.channels[0]?.sent, []);
    });

  it('is in the coverage, with the delay to expect from it for the policies of a slowed subscription', async () => {
    const all = aWorldOfTicks();
    all.azure.says = REFUSED;
    for (let n = 0; n < 8; n += 1) await tick(all);
    const seconds = (await ownIntervalOf(all.world)) / 1000;
    assert.ok(seconds > 5);
    const { json } = await get(all.world, '/coverage');
    const { intervalSeconds, expectedDelaySeconds, slowedSubscriptions } = json.detectionSources.sweep;
    assert.deepEqual([intervalSeconds, expectedDelaySeconds], [5, { from: 0, to: 5 }]);
    assert.deepEqual(slowedSubscriptions, [
      { subscriptionId: SUBSCRIPTION.toLowerCase(), intervalSeconds: seconds },
    ]);
    assert.match(
      textOf(await rendered('/coverage', json)),
      new RegExp(
        `Every 5 seconds now.* Subscription ${SUBSCRIPTION}: every ${seconds} seconds, because Azure says that few`,
        'i',
      ),
    );
    for (const { trigger, detectionSources } of json.policies[0].triggers)
      assert.deepEqual(detectionSources.sweep.expectedDelaySeconds, {
        from: 0,
        to: trigger === 'locked' ? 2 * seconds : seconds,
      });
  });

  for (const [intervalSeconds, listSeconds, expected] of [
    [5, 30, 60],
    [5, 0, 10],
    [60, 30, 120],
  ] as const)
    it(`every ${intervalSeconds} s with lists every ${listSeconds} s reports a lock by two lists within the ${expected} s that the coverage names`, async () => {
      const world = aWorld();
      const bound = intervalSeconds * 1000;
      world.ports.config.sweepBounds = { minMs: bound, maxMs: bound };
      world.ports.config.environmentListMs = listSeconds * 1000;
      let state = {};
      let readMs = Number.NEGATIVE_INFINITY;
      const sweep = async () => {
        await world.clock.advance(bound);
        if (world.clock.nowMs() - readMs >= listSeconds * 1000) {
          readMs = world.clock.nowMs();
          const environments = [environment('e1', state), environment('e2', state)];
          world.observedState.set(policyId('p1').toLowerCase(), {
            environments: known({ source: 'powerPlatform', asOf: world.clock.now(), environments }),
          });
        }
        await world.clock.drive(onTimer(world.ports));
      };
      for (let n = 0; n < 7; n += 1) await sweep();
      state = DISABLED;
      const began = world.clock.nowMs();
      while ((await policyStatesOf(world))[0]?.verdict === 'clear') await sweep();
      const took = (world.clock.nowMs() - began) / 1000;
      const { json } = await get(world, '/coverage?trigger=locked');
      const delay = json.policies[0].triggers[0].detectionSources.sweep.expectedDelaySeconds;
      assert.deepEqual(delay, { from: 0, to: expected });
      assert.ok(took > 0 && took <= expected, `${took}`);
    });
});

describe('a list of environments that several sweeps use', () => {
  const shows = (world: World, asOf: string, state: object) =>
    world.observedState.set(policyId('p1').toLowerCase(), {
      environments: known({
        source: 'powerPlatform',
        asOf,
        environments: [environment('e1', state), environment('e2', state)],
      }),
    });
  const verdictOf = async (world: World) => (await policyStatesOf(world))[0]?.verdict;

  it('is one list: a lock needs another one that shows it', async () => {
    const world = aWorld();
    const sweepAt = async (asOf: string, state: object) => {
      await world.clock.advance(30_000);
      shows(world, asOf, state);
      await world.clock.drive(onTimer(world.ports));
    };
    await sweepAt(world.clock.now(), {});
    const lockedAt = world.clock.now();
    for (let n = 0; n < 3; n += 1) await sweepAt(lockedAt, DISABLED);
    assert.equal(await verdictOf(world), 'clear');
    await sweepAt(world.clock.now(), DISABLED);
    assert.equal(await verdictOf(world), 'suspected');
  });

  it('never replaces a newer one that a signal has read meanwhile', async () => {
    const world = aWorld();
    const old = world.clock.now();
    await world.clock.advance(10_000);
    const newer = world.clock.now();
    shows(world, newer, DISABLED);
    await world.clock.drive(onTimer(world.ports));
    await world.clock.advance(30_000);
    shows(world, old, {});
    await world.clock.drive(onTimer(world.ports));
    const [state] = await policyStatesOf(world);
    assert.equal(state?.history.environments?.asOf, newer);
    assert.deepEqual(
      state?.history.environments?.members.map(({ runtimeState }) => runtimeState),
      [DISABLED.runtimeState, DISABLED.runtimeState],
    );
  });
});
