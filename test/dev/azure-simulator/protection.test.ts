import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { createFactsReader } from '../../../shared/facts/azure-facts-reader.ts';
import type { AdvisoryFinding, AdvisoryId } from '../../../shared/triggers/advisories/advisory.ts';
import { judgeAdvisories } from '../../../shared/triggers/advisories/judge-advisories.ts';
import { updateHistory } from '../../../shared/triggers/remember.ts';
import { noEnvironmentsHere } from '../../facts/no-environments.ts';
import { mainIds, POLICIES, startTestSimulator } from './harness.ts';

describe('the product reads what guards the seeded tenant', async () => {
  const simulator = await startTestSimulator();
  const token = await simulator.token('https://management.azure.com');
  const reader = createFactsReader({
    armEndpoint: simulator.arm,
    armScope: 'https://management.azure.com/.default',
    subscriptions: simulator.subscriptions,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock: systemClock,
    environments: noEnvironmentsHere(systemClock),
  });
  const pass = reader.begin(60_000, { protection: true });
  const { policies } = await pass.listPolicies();
  const settings = { channels: ['email'], secretVaults: [] };
  const judged = new Map<string, AdvisoryFinding[]>();
  for (const { id, name } of policies) {
    const facts = await pass.read(id);
    judged.set(
      name,
      judgeAdvisories(facts, updateHistory(undefined, facts), { now: systemClock.now(), settings }),
    );
  }
  const verdict = (policy: string, id: AdvisoryId) =>
    judged.get(policy)?.find(({ advisory }) => advisory === id)?.verdict;

  const seeded: [string, AdvisoryId, AdvisoryFinding['verdict']][] = [
    ['ep-people', 'key-expiring', 'present'],
    ['ep-people', 'expiry-without-rotation', 'present'],
    ['ep-finance', 'key-expiring', 'absent'],
    ['ep-finance', 'purge-protection-missing', 'absent'],
    ['ep-sales', 'purge-protection-missing', 'present'],
    ['ep-sales', 'no-delete-lock-on-policy', 'absent'],
    ['ep-sales', 'no-delete-lock-on-vault', 'present'],
    ['ep-finance', 'no-delete-lock-on-policy', 'present'],
    ['ep-apps', 'permission-through-group', 'present'],
    ['ep-finance', 'permission-through-group', 'absent'],
    ['ep-finance', 'permission-with-condition-or-time-bound', 'absent'],
    ['ep-finance', 'soft-delete-missing', 'absent'],
    ['ep-hsm', 'purge-protection-missing', 'unknown'],
  ];
  for (const [policy, id, expected] of seeded)
    it(`${policy}: ${id} is ${expected}`, () => assert.equal(verdict(policy, id), expected));

  it('tells the step of the key that expires in 10 days', () => {
    const found = judged.get('ep-people')?.find(({ advisory }) => advisory === 'key-expiring');
    assert.deepEqual([found?.step, found?.severity], [14, 'warning']);
  });
});

test('a lock is heeded by those who delete', async () => {
  const simulator = await startTestSimulator();
  const answer = await simulator.scenario('policy-deleted', { policy: 'ep-sales' });
  assert.equal(answer.status, 409);
  assert.match(answer.error?.message ?? '', /ScopeLocked.*keep-policies/);
  const us = `/subscriptions/${simulator.subscriptions[1]}/resourceGroups/rg-powerplatform-us`;
  const policy = `${us}/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-sales`;
  assert.equal((await simulator.read(`${policy}?${POLICIES}`)).status, 200);
  const other = await simulator.scenario('policy-deleted', { policy: mainIds(simulator).policy });
  assert.notEqual(other.status, 409);
});
