import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import { DISABLED, environment, key, known, policy, version } from '../triggers/a-reading.ts';
import { followReadings, type Moment } from './follow-readings.ts';

const RUN = [environment('e1'), environment('e2')];
const DOWN = [environment('e1', DISABLED), environment('e2', DISABLED)];
const UNHEALTHY = { policy: known(policy({ healthStatus: 'Unhealthy' })) };
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };

/** The state as it was stored by a version that kept no effect and did not know `locked`. */
function storedBefore(moments: Moment[]): PolicyState {
  const { policyState } = followReadings(moments);
  const { effect: _, ...history } = policyState.history;
  const findings = policyState.findings.filter(({ trigger }) => trigger !== 'locked');
  return { ...policyState, history, findings };
}

describe('a state that was stored before effects were', () => {
  it('has a lock reported that was there already, by the first reading after the upgrade', () => {
    const { incident: _, ...before } = storedBefore([{ minute: 0, facts: UNHEALTHY, environments: DOWN }]);
    const lock = (minute: number) => ({ minute, facts: UNHEALTHY, environments: DOWN });
    const { told, policyState } = followReadings([1, 2, 60].map(lock), {
      ...before,
      verdict: 'clear',
      sequence: 0,
    });
    assert.deepEqual(told, ['1 opened']);
    assert.equal(policyState.incident?.state, 'revoked');
    assert.deepEqual(
      policyState.incident?.causes.map(({ trigger }) => trigger),
      ['locked'],
    );
  });

  it('has a lock reported that the first list after the upgrade shows to be new', () => {
    const before = storedBefore([{ minute: 0, environments: RUN }]);
    const lock = (minute: number) => ({ minute, facts: UNHEALTHY, environments: DOWN });
    assert.deepEqual(followReadings([1, 2, 60].map(lock), before).told, ['2 opened']);
  });

  it('has nothing reported where the environments run', () => {
    const before = storedBefore([{ minute: 0, environments: RUN }]);
    const healthy = (minute: number) => ({ minute, environments: RUN });
    assert.deepEqual(followReadings([1, 2, 60].map(healthy), before).told, []);
  });

  it('has its open incident closed where all environments had left by then', () => {
    const left = (minute: number): Moment => ({
      minute,
      facts: KEY_OFF,
      environments: [],
      list: { listed: ['e1', 'e2'] },
    });
    const before = storedBefore([
      { minute: 0, environments: RUN },
      { minute: 1, facts: KEY_OFF, environments: RUN },
      left(2),
    ]);
    assert.equal(before.incident?.state, 'revoked');
    const { told, transitions } = followReadings([left(3), left(1500), left(1501)], before);
    assert.deepEqual(told, ['1500 closed']);
    assert.match(JSON.stringify(transitions[1]?.notices), /has left the policy/);
  });
});
