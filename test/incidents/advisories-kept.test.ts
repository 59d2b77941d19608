import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { Head } from '../../shared/incidents/incident.ts';
import { headOf, type JudgedReading } from '../../shared/incidents/reading.ts';
import type { AdvisoryFinding } from '../../shared/triggers/advisories/advisory.ts';
import { known, NOW, POLICY_ID, policy, reading } from '../triggers/a-reading.ts';

const finding = (verdict: AdvisoryFinding['verdict']): AdvisoryFinding => ({
  advisory: 'purge-protection-missing',
  verdict,
  severity: 'warning',
  summary: verdict,
  evidence: [],
  mend: [],
  scope: POLICY_ID,
});
const ALL = [finding('present'), finding('absent'), finding('unknown')];

function headAfter(advisories: AdvisoryFinding[] | undefined, change: Partial<Facts> = {}, before?: Head) {
  const judged: JudgedReading = {
    facts: reading(change),
    findings: [],
    remembered: { policyId: POLICY_ID },
    signals: [],
    advisories,
    now: NOW,
  };
  return headOf(before, judged, []);
}
const verdictsOf = (head: Pick<Head, 'advisories'>) =>
  head.advisories?.findings.map(({ verdict }) => verdict);

test('the head keeps what is present or unknown, with the time of the reading', () => {
  const head = headAfter(ALL);
  assert.deepEqual(verdictsOf(head), ['present', 'unknown']);
  assert.equal(head.advisories?.readAt, NOW);
});

test('a reading that looked for none keeps the last ones, and a first one has none', () => {
  assert.equal('advisories' in headAfter(undefined), false);
  const before = headAfter(ALL);
  assert.deepEqual(headAfter(undefined, {}, before).advisories, before.advisories);
});

test('of a policy that is not supported only what is present is told', () => {
  const hsm = { policy: known(policy({ managedHsm: true })) };
  assert.deepEqual(verdictsOf(headAfter(ALL, hsm)), ['present']);
});
