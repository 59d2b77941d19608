import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QuotaSeen, Reserved } from '../../shared/azure/arm-rate-limit.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { recheckMessage } from '../../shared/signals/recheck.ts';
import { slowedText } from '../../shared/visibility/slowed-subscriptions.ts';
import { get } from '../api/actions/post.ts';
import { SUBSCRIPTION } from '../triggers/a-reading.ts';
import { policyStatesOf } from './a-big-world.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const SCARCE: QuotaSeen = { isThrottled: false, readsLeft: 0 };

/** One subscription; Azure says `azure.says` of it, and grants what `azure.grants` says. */
function aWorldOfOne({ minMs = 5_000, maxMs = 480_000 } = {}) {
  const world = aWorld(['p1', 'p2']);
  const azure: { says: QuotaSeen; grants: Reserved } = { says: SCARCE, grants: 'reserved' };
  const { facts } = world.ports;
  Object.assign(world.ports.config, { sweepBounds: { minMs, maxMs }, recheckSeconds: [10, 20] });
  world.ports.facts = {
    begin: (...asked) => ({
      ...facts.begin(...asked),
      quota: () => new Map([[SUBSCRIPTION.toLowerCase(), azure.says]]),
      reserve: async () => azure.grants,
    }),
  };
  return { world, azure };
}

async function ticks(world: World, count: number, before?: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await world.clock.advance(5_000 - (world.clock.nowMs() % 5_000));
    await before?.();
    await world.clock.drive(onTimer(world.ports));
  }
}

describe('a policy of a slowed subscription', () => {
  it('is read at the interval of its subscription, and again once by another process, which knows of no reading', async () => {
    const { world } = aWorldOfOne();
    await ticks(world, 2);
    world.reads.length = 0;
    await ticks(world, 8);
    assert.equal(world.reads.length, 2 * 4);
    const { facts, config } = world.ports;
    Object.assign(world.ports, world.restart(), { facts, config });
    world.reads.length = 0;
    await ticks(world, 1);
    assert.equal(world.reads.length, 2);
  });

  it('is read by its sweeps as well while signals read it', async () => {
    const { world } = aWorldOfOne();
    await ticks(world, 2);
    let bySignals = 0;
    world.reads.length = 0;
    await ticks(world, 8, async () => {
      const before = world.reads.length;
      const event = vaultEvent({ id: `s${world.clock.now()}`, at: world.clock.now() });
      await world.clock.drive(respond(event, world.ports));
      bySignals += world.reads.length - before;
    });
    assert.ok(bySignals >= 2 * 8);
    assert.equal(world.reads.length - bySignals, 2 * 4);
  });

  it('is read by a sweep that a signal asked for, also where it is not due', async () => {
    const { world } = aWorldOfOne();
    await ticks(world, 3);
    await world.clock.advance(1_000);
    world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
    world.reads.length = 0;
    const event = vaultEvent({
      operation: 'Microsoft.Authorization/roleDefinitions/write',
      vaultId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r`,
      id: 'wide',
      at: world.clock.now(),
    });
    await world.clock.drive(respond(event, world.ports));
    assert.deepEqual([...world.reads].sort(), [policyId('p1'), policyId('p2')]);
    assert.ok(world.channels[0]?.sent.some(({ reason }) => reason === 'opened'));
  });

  it('makes a sweep read what advisories need only if it is read itself', async () => {
    const { world } = aWorldOfOne();
    const asked: unknown[] = [];
    const { facts } = world.ports;
    world.ports.facts = {
      begin(budgetMs, options) {
        asked.push(options?.protection);
        return facts.begin(budgetMs, options);
      },
    };
    await ticks(world, 3);
    await world.clock.advance(10 * 60_000);
    asked.length = 0;
    await ticks(world, 4);
    assert.deepEqual(asked, [true, false, true, false]);
  });

  it('is no visibility gap until two of its intervals are over', async () => {
    const { world, azure } = aWorldOfOne();
    await ticks(world, 3);
    azure.grants = 'short';
    const gaps = async () =>
      Object.keys((await world.ports.visibility.read(world.clock.now())).visibility.gaps);
    await ticks(world, 2);
    assert.deepEqual(await gaps(), []);
    await ticks(world, 3);
    assert.deepEqual(await gaps(), ['sweep']);
  });

  it('lets its second recheck be sent where its own sweep comes later', async () => {
    for (const [intervalMs, expected] of [
      [10_000, [10]],
      [60_000, [10, 10]],
    ] as const) {
      const { world } = aWorldOfOne();
      await ticks(world, 1);
      const since = world.clock.now();
      const slowedSubscriptions = slowedText(new Map([[SUBSCRIPTION.toLowerCase(), { intervalMs, since }]]));
      await world.clock.drive(
        world.ports.heartbeat.update((row) => ({ ...row, sweepIntervalMs: 5_000, slowedSubscriptions })),
      );
      await world.clock.drive(respond(vaultEvent({ id: 's', at: world.clock.now() }), world.ports));
      for (let n = 0; n < world.rechecks.length && n < 5; n += 1) {
        const { look, delaySeconds } = world.rechecks[n] ?? assert.fail();
        await world.clock.advance(delaySeconds * 1000);
        await world.clock.drive(respond(recheckMessage(look), world.ports));
      }
      const delays = world.rechecks.map(({ delaySeconds }) => delaySeconds);
      assert.deepEqual(delays, expected, `${intervalMs}`);
    }
  });
});

describe('a policy that Azure’s throttling keeps unread', () => {
  for (const { words, minMs, says, ownMs } of [
    { words: 'at 5 s', minMs: 5_000, says: { isThrottled: false }, ownMs: 5_000 },
    { words: 'at 60 s', minMs: 60_000, says: { isThrottled: false }, ownMs: 60_000 },
    { words: 'in a slowed subscription', minMs: 60_000, says: SCARCE, ownMs: 120_000 },
  ])
    it(`stays as it was read until that reading is overdue, and is unknown then, ${words}`, async () => {
      const { world, azure } = aWorldOfOne({ minMs });
      azure.says = says;
      await ticks(world, minMs / 5_000 + 1);
      const readMs = Date.parse((await policyStatesOf(world))[0]?.readAt ?? '');
      azure.grants = 'throttled';
      world.reads.length = 0;
      const overdueMs = Math.max(3 * ownMs, 45_000);
      while (world.reads.length === 0) {
        await ticks(world, 1);
        const ageMs = world.clock.nowMs() - readMs;
        assert.ok(ageMs <= overdueMs + minMs, `${ageMs}`);
        const { json } = await get(world, '/status');
        if (world.reads.length === 0) assert.equal(json.verdict, ageMs > overdueMs ? 'unknown' : 'clear');
        else assert.ok(ageMs > overdueMs, `${ageMs}`);
      }
    });
});
