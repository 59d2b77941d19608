import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentFact } from '../../shared/facts/facts.ts';
import { DISABLED, environment, key, known, network, vault, version } from '../triggers/a-reading.ts';
import { followReadings, minuteTime } from './follow-readings.ts';

const TRUSTED_ONLY = { vault: known(vault({ network: network('Enabled', 'Deny', 'AzureServices') })) };
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };

describe('a network change that may or may not take the key away', () => {
  it('is not confirmed by an environment that was disabled days before', () => {
    const { told, policyState } = followReadings([
      { minute: 0, environments: [environment('e1')] },
      ...[5, 6, 5000].map((minute) => ({ minute, environments: [environment('e1', DISABLED)] })),
      ...[5001, 5060].map((minute) => ({
        minute,
        facts: TRUSTED_ONLY,
        environments: [environment('e1', DISABLED)],
      })),
    ]);
    assert.equal(told[0], '6 suspected');
    assert.equal(policyState.incident?.state, 'suspected');
    assert.equal(policyState.incident?.confirmedAt, undefined);
    assert.ok(!told.some((one) => one.endsWith('opened')), `${told}`);
  });

  it('is not confirmed by a disabled environment beside one in administration mode', () => {
    const environments = [environment('e1', { runtimeState: 'AdminMode' }), environment('e2', DISABLED)];
    const { told } = followReadings([
      { minute: 0, environments },
      { minute: 10, environments },
      { minute: 11, facts: TRUSTED_ONLY, environments },
      { minute: 60, facts: TRUSTED_ONLY, environments },
    ]);
    assert.deepEqual(told, ['11 suspected', '60 closed']);
  });

  it('is confirmed by environments that turn disabled after it', () => {
    const off = [environment('e1', DISABLED), environment('e2', DISABLED)];
    const on = [environment('e1'), environment('e2')];
    const { told } = followReadings([
      { minute: 0, environments: on },
      { minute: 11, facts: TRUSTED_ONLY, environments: on },
      { minute: 12, facts: TRUSTED_ONLY, environments: off },
      { minute: 13, facts: TRUSTED_ONLY, environments: off },
    ]);
    assert.equal(told[0], '11 suspected');
    assert.match(told[1] ?? '', /confirmed/);
  });
});

describe('a lock that shows only after access came back', () => {
  const BESIDE: [string, EnvironmentFact][] = [
    ['one of the environments had been disabled long before', environment('old', DISABLED)],
    [
      'one of the environments had been deleted before',
      environment('old', { deletion: { at: minuteTime(-60) }, instanceState: undefined }),
    ],
  ];
  for (const [name, old] of BESIDE)
    it(`is reported although ${name}`, () => {
      const on = [environment('e1'), environment('e2'), old];
      const off = [environment('e1', DISABLED), environment('e2', DISABLED), old];
      const { told } = followReadings([
        { minute: 0, environments: on },
        { minute: 1, facts: KEY_OFF, environments: on },
        { minute: 3, environments: on },
        ...[6, 7, 60].map((minute) => ({ minute, environments: off })),
      ]);
      assert.deepEqual(told, ['1 opened', '3 accessRestored', '6 worsened']);
    });

  it('is not reported where environments other than the disabled one are in administration mode', () => {
    const on = ['e1', 'e2', 'e3'].map((id) => environment(id));
    const admin = [
      environment('e1', DISABLED),
      ...['e2', 'e3'].map((id) => environment(id, { runtimeState: 'AdminMode' })),
    ];
    const { told } = followReadings([
      { minute: 0, environments: on },
      { minute: 1, facts: KEY_OFF, environments: on },
      { minute: 3, environments: on },
      ...[6, 7].map((minute) => ({ minute, environments: admin })),
    ]);
    assert.deepEqual(told, ['1 opened', '3 accessRestored']);
  });

  it('does not return an incident that closed because its environments had left', () => {
    const none = { environments: [], list: { listed: ['e1', 'e2'] } };
    const { told, policyState } = followReadings([
      { minute: 0, environments: [environment('e1'), environment('e2')] },
      { minute: 1, facts: KEY_OFF, environments: [environment('e1'), environment('e2')] },
      ...[2, 1445, 1446].map((minute) => ({ minute, facts: KEY_OFF, ...none })),
      { minute: 1450, ...none },
      ...[1460, 1461].map((minute) => ({ minute, environments: [environment('e1', DISABLED)] })),
      ...[1500, 1600].map((minute) => ({ minute, environments: [environment('e1')] })),
    ]);
    assert.deepEqual(told, ['1 opened', '1445 closed']);
    assert.equal(policyState.incident, undefined);
  });

  it('does not return such an incident for an environment that was linked and ran since', () => {
    const none = { environments: [], list: { listed: ['e1', 'e2'] } };
    const { told, policyState } = followReadings([
      { minute: 0, environments: [environment('e1'), environment('e2')] },
      { minute: 1, facts: KEY_OFF, environments: [environment('e1'), environment('e2')] },
      ...[2, 1445].map((minute) => ({ minute, facts: KEY_OFF, ...none })),
      { minute: 1450, ...none },
      { minute: 1455, environments: [environment('e1')] },
      ...[1460, 1461].map((minute) => ({ minute, environments: [environment('e1', DISABLED)] })),
    ]);
    assert.deepEqual(told, ['1 opened', '1445 closed', '1461 suspected']);
    assert.equal(policyState.sequence, 2);
  });

  it('returns an incident that closed while no environment was known', () => {
    const none = { environments: [], list: { listed: ['x'] } };
    const { told } = followReadings([
      { minute: 0, ...none },
      { minute: 1, facts: KEY_OFF, ...none },
      { minute: 5, ...none },
      ...[30, 31].map((minute) => ({ minute, environments: [environment('e1', DISABLED)] })),
    ]);
    assert.deepEqual(told, ['1 keyUnreachable', '5 closed', '30 worsened']);
  });
});
