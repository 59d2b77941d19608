import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyLocks, locksStandUntil } from '../../../dev/azure-simulator/world/apply-locks.ts';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import { SHARED_VAULT, withMore } from '../../../dev/azure-simulator/world/seed-more.ts';
import { currentVersion, type World } from '../../../dev/azure-simulator/world/world.ts';

const NOW = Date.parse('2026-11-29T03:00:00.000Z');
const DELAY_MS = 20_000;

/** How often the world changes by time alone, and whether `locksStandUntil` names each of those times. */
function assertTimesAreNamed(start: World, untilMs: number, stepMs: number): number {
  let world = applyLocks(start, NOW, DELAY_MS);
  let until = locksStandUntil(world, NOW, DELAY_MS);
  let changes = 0;
  for (let now = NOW + stepMs; now <= untilMs; now += stepMs) {
    const next = applyLocks(world, now, DELAY_MS);
    if (next !== world) {
      changes += 1;
      assert.ok(now >= until, `it changed at ${new Date(now).toISOString()}, before ${until}`);
    }
    if (now >= until) until = locksStandUntil(next, now, DELAY_MS);
    world = next;
  }
  return changes;
}

test('a key that expires, one that becomes active and a delayed lock change the world at no other time than is named', () => {
  const world = seedWorld(NOW);
  const [expiring, waiting] = world.vaults.flatMap(({ keys }) => keys);
  assert.ok(expiring && waiting);
  currentVersion(expiring).exp = NOW / 1000 + 70;
  currentVersion(waiting).nbf = NOW / 1000 + 150;
  assert.ok(assertTimesAreNamed(world, NOW + 300_000, 1_000) >= 4);
});

test('the environments of many policies on one vault are locked together with it', () => {
  const world = withMore(seedWorld(NOW), { sharedVault: { policies: 20, environments: 300 } }, NOW);
  const without = { ...world, vaults: world.vaults.filter(({ name }) => name !== SHARED_VAULT) };
  const locked = applyLocks(without, NOW, 0).environments.filter(({ runtime }) => runtime === 'Disabled');
  assert.equal(locked.length, 300);
  assert.equal(new Set(locked.map(({ link }) => link?.policyId)).size, 20);
});
