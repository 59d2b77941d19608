import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentFact } from '../../shared/facts/facts.ts';
import {
  DISABLED,
  environment,
  grant,
  key,
  known,
  NOTHING_HELD,
  permission,
  policy,
  version,
} from '../triggers/a-reading.ts';
import { followReadings, type Moment } from './follow-readings.ts';

const two = (change: Partial<EnvironmentFact> = {}) => [environment('e1', change), environment('e2', change)];
const [RUN, DOWN] = [two(), two(DISABLED)];
const UNHEALTHY = { policy: known(policy({ healthStatus: 'Unhealthy' })) };
const NO_HEALTH = { policy: known(policy({ healthStatus: undefined })) };
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };

describe('a lock that follows a short Unhealthy', () => {
  /** Unhealthy for two readings; the environments turn disabled at that minute. */
  const blip = (lockAt: number): Moment[] => [
    { minute: 0, environments: RUN },
    ...[1, 2].map((minute) => ({ minute, facts: UNHEALTHY, environments: RUN })),
    ...[3, 19].map((minute) => ({ minute, environments: RUN })),
    ...[lockAt, lockAt + 1, lockAt + 38].map((minute) => ({ minute, environments: DOWN })),
  ];

  for (const lockAt of [22, 30, 45])
    it(`is reported as a new suspicion, ${lockAt - 2} minutes after it`, () => {
      const { told } = followReadings(blip(lockAt));
      assert.deepEqual(told, ['2 suspected', '19 closed', `${lockAt + 1} suspected`]);
    });
});

describe('a suspected permission that clears while environments are disabled', () => {
  const byPolicy = (change: Parameters<typeof permission>[0]) => ({
    ...NO_HEALTH,
    permission: known(permission({ model: 'accessPolicies', ...change })),
  });
  const held = byPolicy({ grants: [grant({ by: 'accessPolicy', viaGroup: true })] });
  const perhaps = byPolicy({
    ...NOTHING_HELD,
    perhapsGroups: [grant({ by: 'accessPolicy', principalId: 'g', viaGroup: true })],
  });
  const WEAK: [string, EnvironmentFact[], EnvironmentFact[], Moment['list']][] = [
    ['a single environment', [environment('e1')], [environment('e1', DISABLED)], {}],
    ['environments of other policies as well', RUN, DOWN, { outside: { running: 0, disabled: 3 } }],
  ];
  for (const [name, on, off, list] of WEAK)
    it(`makes one incident with the lock that is still suspected: ${name}`, () => {
      const { told, policyState } = followReadings([
        { minute: 0, facts: held, environments: on },
        { minute: 1, facts: perhaps, environments: on },
        ...[2, 3].map((minute) => ({ minute, facts: perhaps, environments: off, list })),
        ...[4, 5, 6, 30].map((minute) => ({ minute, facts: held, environments: off, list })),
      ]);
      assert.deepEqual(told, ['1 suspected', '4 eased']);
      assert.equal(policyState.sequence, 1);
      assert.equal(policyState.incident?.state, 'suspected');
      assert.deepEqual(
        policyState.incident?.causes.map(({ trigger }) => trigger),
        ['locked'],
      );
    });
});

describe('a lock that shows late, together with a late Unhealthy', () => {
  it('is reported once, and its incident closes when the environments run', () => {
    const { told, policyState } = followReadings([
      { minute: 0, environments: RUN },
      { minute: 1, facts: KEY_OFF, environments: RUN },
      ...[3, 20].map((minute) => ({ minute, environments: RUN })),
      ...[40, 41, 42].map((minute) => ({ minute, facts: UNHEALTHY, environments: DOWN })),
      ...[60, 62].map((minute) => ({ minute, environments: DOWN })),
      ...[80, 100].map((minute) => ({ minute, environments: RUN })),
    ]);
    assert.deepEqual(told, ['1 opened', '3 accessRestored', '20 closed', '40 worsened', '80 closed']);
    assert.equal(policyState.incident, undefined);
    assert.equal(policyState.sequence, 1);
  });
});
