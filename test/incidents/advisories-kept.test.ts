import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import { type JudgedReading, policyStateOf } from '../../shared/incidents/reading.ts';
import type { AdvisoryFinding } from '../../shared/triggers/advisories/advisory.ts';
import { known, NOW, POLICY_ID, policy, reading } from '../triggers/a-reading.ts';

const finding = (verdict: AdvisoryFinding['verdict']): AdvisoryFinding => ({
  advisory: 'purge-protection-missing',
  verdict,
  severity: 'warning',
  summary: verdict,
  evidence: [],
  remediation: [],
  scope: POLICY_ID,
});
const ALL = [finding('present'), finding('absent'), finding('unknown')];

function policyStateAfter(
  advisories: AdvisoryFinding[] | undefined,
  change: Partial<Facts> = {},
  before?: PolicyState,
) {
  const judged: JudgedReading = {
    facts: reading(change),
    findings: [],
    history: { policyId: POLICY_ID },
    signals: [],
    advisories,
    closeAfterMs: 0,
    now: NOW,
  };
  return policyStateOf(before, judged, []);
}
const verdictsOf = (policyState: Pick<PolicyState, 'advisories'>) =>
  policyState.advisories?.findings.map(({ verdict }) => verdict);

test('the head keeps what is present or unknown, with the time of the reading', () => {
  const policyState = policyStateAfter(ALL);
  assert.deepEqual(verdictsOf(policyState), ['present', 'unknown']);
  assert.equal(policyState.advisories?.readAt, NOW);
});

test('a reading that looked for none keeps the last ones, and a first one has none', () => {
  assert.equal('advisories' in policyStateAfter(undefined), false);
  const before = policyStateAfter(ALL);
  assert.deepEqual(policyStateAfter(undefined, {}, before).advisories, before.advisories);
});

test('of a policy that is not supported only what is present is reported', () => {
  const hsm = { policy: known(policy({ managedHsm: true })) };
  assert.deepEqual(verdictsOf(policyStateAfter(ALL, hsm)), ['present']);
});
