import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { policyStatesOf } from './a-big-world.ts';
import { AZURE, aPacedWorld, type Swept } from './a-paced-world.ts';

/** The resource itself, which a list shows as well. */
const SINGLY = /\/(?:enterprisepolicies\/ep|vaults\/kv|keys\/cmk)-\d+\?/;
const intervals = (swept: readonly Swept[]) => swept.map(({ intervalSeconds }) => intervalSeconds);

describe('the interval of sweeps over one subscription', () => {
  for (const [policies, seconds] of [
    [5, 5],
    [20, 5],
    [100, 30],
    [500, 120],
  ] as const)
    it(`is ${seconds} s for ${policies} policies: two reads for each and five more, none twice, none left unread`, async () => {
      const { sweep } = aPacedWorld({ policies, vaults: Math.ceil(policies / 20), subscriptions: 1 });
      // The first finds the policies, and the next one reads those for which its time was too short.
      await sweep(2);
      const swept = await sweep(2);
      assert.deepEqual(intervals(swept), [seconds, seconds]);
      const [before, after] = swept;
      assert.equal((after?.atMs ?? 0) - (before?.atMs ?? 0), seconds * 1000);
      for (const { asked, notReached } of swept) {
        assert.equal(notReached, 0);
        assert.deepEqual(
          [...asked.values()].filter((times) => times > 1),
          [],
        );
      }
      // Later ones also compare some rows with the resources again, and read what advisories need.
      for (const { asked } of swept) {
        const others = [...asked.keys()].filter((one) => !SINGLY.test(one)).length - 2 * policies;
        assert.ok(others >= 5 && others <= 10, `${others} reads beside two for each policy`);
      }
    });
});

describe('several subscriptions', () => {
  it('are swept at the interval that the largest needs, and it keeps the small ones waiting no longer than alone', async () => {
    const { sweep, tenant, world } = aPacedWorld({ policies: 100, vaults: 10, subscriptions: 1, small: 2 });
    const readSmall = async () =>
      (await policyStatesOf(world)).filter(
        ({ policyId }) => !policyId.includes(tenant.subscriptions[0] ?? ''),
      );
    await sweep(2);
    for (let n = 0; n < 3; n += 1) {
      const [{ atMs, intervalSeconds, notReached } = assert.fail()] = await sweep(1);
      assert.deepEqual([intervalSeconds, notReached], [30, 0]);
      const small = await readSmall();
      assert.equal(small.length, 2);
      for (const { policyId, readAt } of small) assert.ok(Date.parse(readAt) >= atMs, policyId);
      for (const id of tenant.subscriptions.slice(1))
        assert.ok((tenant.lastAt.get(id) ?? 0) - atMs < 1_000, id);
    }
  });
});

describe('a reader beside Lockwatch that uses half of what Azure refills', () => {
  it('makes the interval of that subscription longer, no read is refused, no policy is left unread, and it comes back', async () => {
    const { sweep, tenant } = aPacedWorld({ policies: 100, vaults: 20, subscriptions: 1 });
    const [subscription = ''] = tenant.subscriptions;
    await sweep(3);
    tenant.grant(subscription, { ...AZURE, perSecond: AZURE.perSecond / 2 });
    const beside = await sweep(4);
    const slowed = (swept: readonly Swept[]) => swept.map(({ slowedSeconds }) => slowedSeconds);
    assert.deepEqual(slowed(beside), [[60], [60], [60], [60]]);
    tenant.grant(subscription, AZURE);
    const after = await sweep(6);
    assert.deepEqual(slowed(after).slice(3), [[], [], []]);
    assert.deepEqual(new Set(intervals([...beside, ...after])), new Set([30]));
    for (const { notReached, oldest } of [...beside, ...after])
      assert.ok(notReached === 0 && oldest < 80, `${notReached} not reached, the oldest ${oldest} s ago`);
    assert.deepEqual([...tenant.refused], []);
  });

  for (const { words, grant, maxSeconds } of [
    { words: 'uses most of it', grant: { capacity: 250, perSecond: 6 }, maxSeconds: 10 },
    { words: 'uses it up', grant: { capacity: 0, perSecond: 0.05 }, maxSeconds: 15 },
  ])
    it(`that ${words} in one of two subscriptions slows only that one, ends nothing there, and hides nothing of the other`, async () => {
      const { sweep, tenant, world } = aPacedWorld({ policies: 40, vaults: 4, subscriptions: 2 });
      const [noisy = '', other = ''] = tenant.subscriptions;
      const agesIn = async (subscription: string) =>
        (await policyStatesOf(world))
          .filter(({ policyId }) => policyId.includes(subscription))
          .map(({ readAt }) => (world.clock.nowMs() - Date.parse(readAt)) / 1000);
      await sweep(4);
      tenant.grant(noisy, grant);
      const apart: number[] = [];
      for (let n = 0, before = 0; n < 12; n += 1) {
        const [{ atMs, intervalSeconds, notReached, slowedSeconds } = assert.fail()] = await sweep(1);
        if (before > 0) apart.push((atMs - before) / 1000);
        before = atMs;
        assert.equal(intervalSeconds, 5);
        assert.ok(
          slowedSeconds.every((seconds) => seconds <= maxSeconds),
          slowedSeconds.join(),
        );
        const ages = await agesIn(other);
        assert.equal(ages.length, 20);
        assert.ok(Math.max(...ages) <= 10, `${n}: ${Math.max(...ages)} s in the other`);
        if (grant.capacity > 0) {
          assert.equal(notReached, 0);
          assert.ok(Math.max(...(await agesIn(noisy))) < 2 * maxSeconds);
        }
      }
      assert.ok(apart.filter((seconds) => seconds === 5).length >= 6, apart.join());
      const states = await policyStatesOf(world);
      assert.equal(states.length, 40);
      for (const { verdict, incident, history } of states) {
        assert.ok(verdict !== 'revoked' && verdict !== 'suspected' && incident === undefined, verdict);
        assert.equal(history.vault?.goneAt, undefined);
      }
      tenant.grant(noisy, AZURE);
      const [last = assert.fail()] = (await sweep(30)).slice(-1);
      assert.deepEqual([last.slowedSeconds, last.notReached], [[], 0]);
      for (const { verdict } of await policyStatesOf(world)) assert.equal(verdict, 'clear');
      assert.deepEqual(
        world.channels[0]?.sent.filter(({ reason }) => reason !== 'warning'),
        [],
      );
    });

  it('is paced: a sweep that needs more than is left waits, rather than have its reads refused', async () => {
    const { sweep, tenant, world } = aPacedWorld({ policies: 150, vaults: 75, subscriptions: 1 });
    world.ports.config.sweepBounds = { minMs: 120_000, maxMs: 120_000 };
    await sweep(2);
    tenant.grant(tenant.subscriptions[0] ?? '', { capacity: 250, perSecond: 3 });
    const swept = await sweep(2);
    assert.deepEqual(
      swept.map(({ notReached }) => notReached),
      [0, 0],
    );
    assert.deepEqual([...tenant.refused], []);
  });
});
