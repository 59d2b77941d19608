import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { respond } from '../../shared/pipeline/on-message.ts';
import { beginSweep } from '../../shared/pipeline/read-all.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { aBigWorld, learn, measure, policyStatesOf } from './a-big-world.ts';
import { aWorld, vaultEvent } from './a-world.ts';

const TENTH = { capacity: 25, perSecond: 2.5 };

// The sizes are the least that use up what a sweep may ask of one subscription: 150 reads at once and 15 a second, so 510
// in its 24 s. The bench sweeps 1,000 policies in 10 subscriptions.
describe('one sweep', () => {
  it('100 policies on 20 vaults in each of two subscriptions: no resource read twice, and no longer than one takes', async () => {
    const big = aBigWorld({ policies: 200, vaults: 40, subscriptions: 2 });
    await learn(big);
    big.tenant.asked.clear();
    const { result, tookMs } = await measure(big);
    assert.deepEqual([result.policies, result.notReached], [200, 0]);
    assert.deepEqual(
      [...big.tenant.asked].filter(([, times]) => times > 1),
      [],
    );
    // Per policy its assignments and the versions of its key; per subscription itself, the role, and the lists of
    // policies, vaults and deny assignments. What advisories need was read by the sweep before.
    assert.equal(big.tenant.asked.size, 200 * 2 + 2 * 5);
    assert.ok(tookMs < 24_000, `${tookMs} ms`);
  });
});

describe('a subscription that Azure throttles to a tenth', () => {
  it('holds back no other: they are read whole, and as soon as without it', async () => {
    const size = { policies: 150, vaults: 30, subscriptions: 3 };
    const [calm, throttled] = [aBigWorld(size), aBigWorld(size)];
    await learn(calm);
    await learn(throttled);
    throttled.tenant.grant(throttled.tenant.subscriptions[0] ?? '', TENTH);
    const without = await measure(calm);
    const { read, afterMs, result } = await measure(throttled);
    assert.deepEqual([read[1]?.length, read[2]?.length], [50, 50]);
    assert.deepEqual(afterMs.slice(1), without.afterMs.slice(1));
    assert.equal(result.notReached, 50 - (read[0]?.length ?? 0));
    assert.ok(read[0]?.length && read[0].length < 50, `${read[0]?.length} of 50 policies`);
  });

  it('leaves what it does not reach as it was, and reaches all of it in turn', async () => {
    const big = aBigWorld({ policies: 30, vaults: 30, subscriptions: 1 });
    const { world, tenant } = big;
    await learn(big);
    tenant.grant(tenant.subscriptions[0] ?? '', TENTH);
    const began = world.clock.now();
    const { result, read } = await measure(big);
    assert.equal(result.notReached, 30 - (read[0]?.length ?? 0));
    for (const { readAt, verdict, parts } of await policyStatesOf(world))
      if (readAt < began) assert.deepEqual([verdict, parts.vault?.state], ['clear', 'known']);
    for (let n = 0; n < 9; n += 1) {
      await world.clock.advance(2000);
      await world.clock.drive(sweep(world.ports));
    }
    for (const { readAt } of await policyStatesOf(world)) assert.ok(readAt > began);
  });

  it('among hundreds of policies, more than any sweep can read, costs another nothing', async () => {
    const big = aBigWorld({ policies: 260, vaults: 52, subscriptions: 2 });
    await learn(big);
    const without = await measure(big);
    await big.world.clock.advance(30_000);
    big.tenant.grant(big.tenant.subscriptions[0] ?? '', TENTH);
    const { read, tookMs } = await measure(big);
    assert.equal(read[1]?.length, without.read[1]?.length);
    assert.ok((read[1]?.length ?? 0) >= 100, `${read[1]?.length} policies`);
    assert.ok((read[0]?.length ?? 0) > 0 && (read[0]?.length ?? 0) < (read[1]?.length ?? 0));
    assert.ok(tookMs <= 24_000, `${tookMs} ms`);
  });
});

it('a signal is served at once while a sweep has used up its share', async () => {
  const big = aBigWorld({ policies: 300, vaults: 60, subscriptions: 1 });
  const { world, tenant } = big;
  await learn(big);
  const vaultId = `/subscriptions/${tenant.subscriptions[0]}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-7`;
  const signal = async () => {
    await world.clock.sleep(12_000);
    const began = world.clock.nowMs();
    const { read } = await respond(
      vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', vaultId, at: world.clock.now() }),
      world.ports,
    );
    return { read, tookMs: world.clock.nowMs() - began };
  };
  const [swept, told] = await world.clock.drive(Promise.all([sweep(world.ports), signal()]));
  assert.ok(swept.notReached > 0, 'the sweep wanted more than its share');
  assert.equal(told.read.length, 5);
  assert.equal(told.tookMs, 30);
});

it('what Azure throttles without end is soon unknown, not clear for ever; and clear again when it answers', async () => {
  const big = aBigWorld({ policies: 11, vaults: 11, subscriptions: 1 });
  const { world, tenant } = big;
  await learn(big);
  Object.assign(world.ports.config, { sweepBounds: { minMs: 5000, maxMs: 5000 }, readBudgetMs: 10_000 });
  const subscription = tenant.subscriptions[0] ?? '';
  const until = async (isSo: () => Promise<boolean>) => {
    const began = world.clock.nowMs();
    while (!(await isSo()) && world.clock.nowMs() - began < 120_000) {
      await world.clock.advance(1000);
      await world.clock.drive(sweep(world.ports));
    }
    return world.clock.nowMs() - began;
  };
  const everyVaultIs = async (state: string, verdict: string) =>
    (await policyStatesOf(world)).every(
      (policyState) => policyState.parts.vault?.state === state && policyState.verdict === verdict,
    );
  tenant.grant(subscription, { capacity: 0, perSecond: 0.1 });
  assert.ok((await until(() => everyVaultIs('unknown', 'unknown'))) <= 60_000);
  tenant.refused.clear();
  await until(async () => world.clock.nowMs() % 60_000 < 1000);
  assert.ok((tenant.refused.get(subscription) ?? 0) < 100, 'Azure is hardly asked meanwhile');
  tenant.grant(subscription, { capacity: 250, perSecond: 25 });
  assert.ok((await until(() => everyVaultIs('known', 'clear'))) <= 30_000);
});

it('no interval lets a sweep read for as long as the platform lets an invocation run: it also sends', () => {
  const host = JSON.parse(readFileSync(join(import.meta.dirname, '../../host.json'), 'utf8'));
  const [hours, minutes, seconds] = String(host.functionTimeout).split(':').map(Number);
  const timeoutMs = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
  assert.equal(timeoutMs, 600_000);
  for (const intervalSeconds of [5, 30, 480, 720, 1800]) {
    const { ports, clock } = aWorld();
    const { endMs } = beginSweep([], { sweepIntervalMs: intervalSeconds * 1000 }, ports);
    assert.ok(endMs - clock.nowMs() <= timeoutMs - 180_000, `${intervalSeconds} s`);
  }
});
