import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cause, Incident, PolicyState } from '../../shared/incidents/incident.ts';
import { endedLongAgo, mayMove } from '../../shared/incidents/may-move.ts';
import { anIncident, aPolicyId, aPolicyState } from '../api/status/a-head.ts';
import { DISABLED, environment } from '../triggers/a-reading.ts';

const POLICY = aPolicyId('p1');
const AT = '2026-11-20T10:00:00.000Z';
const SCOPE = `${POLICY.replace(/\/providers.*/, '')}/providers/Microsoft.KeyVault/vaults/kv/keys/cmk`;
const cause: Cause = {
  trigger: 'key-disabled',
  verdict: 'revoked',
  scope: SCOPE,
  since: AT,
  finding: {
    trigger: 'key-disabled',
    verdict: 'revoked',
    summary: 'The key is disabled.',
    evidence: [],
    remediation: [],
    scope: SCOPE,
  },
};
const closed = anIncident(POLICY, { state: 'closed', causes: [cause] });
const byAnn: Incident = { ...closed, closedBy: { by: { name: 'Ann' }, why: 'planned' } };
const state = (more: Partial<PolicyState> = {}) => ({ ...aPolicyState('p1'), ...more });

describe('an incident that ended may move to the history', () => {
  it('where nothing of its policy needs it', () => assert.ok(mayMove(closed, state())));

  for (const [what, more] of Object.entries<Partial<PolicyState>>({
    'may still return, because a lock can show late': { closedIncident: closed },
    'was closed by a person over causes that stand': { closedStanding: closed },
    'has a list of environments that is not written': { environmentsUnwritten: closed },
    'opened again': { incident: closed },
  }))
    it(`not where it ${what}`, () => {
      assert.ok(!mayMove(closed, state(more)));
      const other = { ...closed, id: 'another' };
      assert.ok(mayMove(other, state(more)), 'another incident of the policy may');
    });

  it('not while a cause of it is muted, whoever muted it; another muted cause is no reason', () => {
    const muted = { trigger: cause.trigger, scope: cause.scope.toUpperCase(), verdict: cause.verdict };
    assert.ok(!mayMove(closed, state({ mutedCauses: [{ ...muted, whileEmpty: true }] })));
    assert.ok(mayMove(closed, state({ mutedCauses: [{ ...muted, scope: `${cause.scope}-2` }] })));
  });

  it('not while an environment is disabled over which a person closed it', () => {
    const members = [environment('e1'), environment('e2', DISABLED)];
    const environments = { asOf: closed.openedAt, source: 'powerPlatform' as const, members };
    const down = state({ history: { ...state().history, environments } });
    assert.deepEqual(
      [mayMove(byAnn, down), mayMove(closed, down), mayMove(byAnn, state())],
      [false, true, true],
    );
  });

  it('a day after its end, and not by a time that can not be read', () => {
    const now = '2026-11-21T10:00:00.000Z';
    assert.ok(endedLongAgo('2026-11-20T10:00:00.000Z', now));
    assert.ok(!endedLongAgo('2026-11-20T10:00:01.000Z', now));
    assert.ok(!endedLongAgo(undefined, now));
  });
});
