import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentFact } from '../../shared/facts/facts.ts';
import { DISABLED, environment, gone } from '../triggers/a-reading.ts';
import { followReadings, minuteTime } from './follow-readings.ts';

const GONE = { policy: gone() };
const both = (change: Partial<EnvironmentFact>) => [environment('e1', change), environment('e2', change)];

/** The environments change, and then the policy is deleted. */
function deletedAfter(environments: EnvironmentFact[]) {
  return followReadings([
    { minute: 0, environments: both({}) },
    { minute: 1, environments },
    { minute: 2, facts: GONE, environments },
    { minute: 3, facts: GONE, environments },
  ]);
}

describe('a policy that is deleted after', () => {
  const ORDERLY: [string, Partial<EnvironmentFact>][] = [
    ['its environments began to be unlinked', { ...DISABLED, linkStatus: 'Unlinking' }],
    ['its environments began to be unlinked while they run', { linkStatus: 'UnlinkingOnline' }],
    ['its environments were deleted', { deletion: { at: minuteTime(-10) } }],
    ['its environments began to be deleted', { instanceState: 'Deleting', runtimeState: 'Disabled' }],
  ];
  for (const [name, change] of ORDERLY)
    it(`${name} is suspected, and no lock is reported`, () => {
      const { told, policyState } = deletedAfter(both(change));
      assert.deepEqual(told, ['2 suspected']);
      assert.equal(policyState.incident?.state, 'suspected');
      const finding = policyState.findings.find(({ trigger }) => trigger === 'policy-deleted');
      assert.match(finding?.summary ?? '', /being unlinked or deleted/);
    });

  it('one environment began to be unlinked, and the other is disabled, is revoked', () => {
    const { told } = deletedAfter([
      environment('e1', { ...DISABLED, linkStatus: 'Unlinking' }),
      environment('e2', DISABLED),
    ]);
    assert.deepEqual(told, ['2 opened']);
  });
});
