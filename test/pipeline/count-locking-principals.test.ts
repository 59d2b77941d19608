import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedWorld } from '../../dev/azure-simulator/world/seed.ts';
import type { ArmSession } from '../../shared/azure/arm-client.ts';
import { countLockingPrincipals } from '../../shared/pipeline/count-locking-principals.ts';
import { armOf, rightsIn } from '../preview/who-can/world-rights.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

test('the principals who can lock a policy are counted, and one more grant is one more', async () => {
  const world = seedWorld(NOW);
  const { facts } = await rightsIn(world, 'ep-finance');
  const before = await countLockingPrincipals(facts, { arm: armOf(world) });
  assert.ok(before.state === 'known' && before.value.able > 3, JSON.stringify(before));
  const [owner] = world.roleAssignments.filter(({ principalType }) => principalType === 'User');
  assert.ok(owner);
  world.roleAssignments.push({
    ...owner,
    id: 'one-more',
    principalId: '99999999-0000-4000-8000-000000000000',
  });
  const after = await countLockingPrincipals(facts, { arm: armOf(world) });
  assert.ok(after.state === 'known' && after.value.able === before.value.able + 1);
});

test('a session reads the lists once for all its policies', async () => {
  const world = seedWorld(NOW);
  const arm = armOf(world);
  const asked: string[] = [];
  const counting: ArmSession = {
    ...arm,
    list(id, query) {
      asked.push(id);
      return arm.list(id, query);
    },
  };
  for (const name of ['ep-finance', 'ep-people']) {
    const { facts } = await rightsIn(world, name);
    await countLockingPrincipals(facts, { arm: counting });
  }
  assert.equal(asked.length, new Set(asked).size);
});

test('a count of which a part could not be read is unknown', async () => {
  const world = seedWorld(NOW);
  const { facts } = await rightsIn(world, 'ep-finance');
  const arm = armOf(world);
  const roleless: ArmSession = {
    ...arm,
    get: async () => ({
      kind: 'failed',
      what: 'GET',
      reason: 'timeout',
      because: 'was slow',
      at: facts.readAt,
    }),
  };
  assert.equal((await countLockingPrincipals(facts, { arm: roleless })).state, 'unknown');
  assert.equal((await countLockingPrincipals(facts, {})).state, 'unknown');
});
