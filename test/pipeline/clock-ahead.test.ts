import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentFact, Facts } from '../../shared/facts/facts.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import {
  DISABLED,
  environment,
  key,
  known,
  PRINCIPAL,
  policy,
  VAULT_ID,
  version,
} from '../triggers/a-reading.ts';
import { followReadings, type Moment, minuteTime } from './follow-readings.ts';

const RUN = [environment('e1'), environment('e2')];
const DOWN = [environment('e1', DISABLED), environment('e2', DISABLED)];
const NO_HEALTH = { policy: known(policy({ healthStatus: undefined })) };
const UNHEALTHY = { policy: known(policy({ healthStatus: 'Unhealthy' })) };
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };
const MONTH = 30 * 1440;

/** Minute, environments, facts, and the minute by the clock that reads. */
const at = (minute: number, environments = RUN, facts: Partial<Facts> = {}, clock?: number): Moment => ({
  minute,
  environments,
  facts,
  clock,
});

describe('one reading by a clock that runs 30 days ahead', () => {
  it('does not stop the lists from showing a lock', () => {
    const { told } = followReadings([
      at(0, RUN, NO_HEALTH),
      at(1, RUN, NO_HEALTH, MONTH),
      at(5, RUN, NO_HEALTH),
      ...[6, 7, 70].map((minute) => at(minute, DOWN, NO_HEALTH)),
    ]);
    assert.deepEqual(told, ['7 suspected']);
  });

  it('does not keep a suspicion after the environments run again', () => {
    const { told, policyState } = followReadings([
      at(0, RUN, NO_HEALTH),
      at(1, DOWN, NO_HEALTH, MONTH),
      ...[2, 3].map((minute) => at(minute, DOWN, NO_HEALTH)),
      ...[4, 5].map((minute) => at(minute, RUN, NO_HEALTH)),
    ]);
    assert.deepEqual(told, ['3 suspected', '4 closed']);
    assert.equal(policyState.history.effect?.down, undefined);
  });

  const FIRST: [string, EnvironmentFact[], Partial<Facts>, string][] = [
    ['disabled environments', DOWN, NO_HEALTH, 'suspected'],
    ['an Unhealthy policy', RUN, UNHEALTHY, 'suspected'],
    [
      'an encryption that is off',
      RUN,
      { policy: known(policy({ encryptionState: 'Disabled' })) },
      'suspected',
    ],
    ['disabled environments and an Unhealthy policy', DOWN, UNHEALTHY, 'opened'],
  ];
  for (const [name, environments, facts, reason] of FIRST)
    it(`is the first to show ${name}, and the next two readings report it`, () => {
      const { told } = followReadings([
        at(0),
        at(1, environments, facts, MONTH),
        ...[2, 3, 40].map((minute) => at(minute, environments, facts)),
      ]);
      assert.deepEqual(told, [`3 ${reason}`]);
    });

  const RESTORED = [at(0), at(1, RUN, KEY_OFF), at(2, RUN, {}, MONTH)];

  it('is the first to show that access is back, and the incident closes', () => {
    const { told } = followReadings([...RESTORED, at(3), at(30), at(60)]);
    assert.deepEqual(told, ['1 opened', '2 accessRestored', '30 closed']);
  });

  it('is the first to show that access is back, and a late lock is reported', () => {
    const { told } = followReadings([...RESTORED, at(3), at(6, DOWN), at(7, DOWN)]);
    assert.deepEqual(told, ['1 opened', '2 accessRestored', '6 worsened']);
  });

  it('is the first to show that access is back, and a lock of the next day is reported', () => {
    const { told } = followReadings([
      ...RESTORED,
      at(3),
      at(60),
      ...[2000, 2001].map((minute) => at(minute, DOWN, UNHEALTHY)),
    ]);
    assert.deepEqual(told, ['1 opened', '2 accessRestored', '60 closed', '2001 opened']);
  });
});

function refused(minute: number, id: string): Signal {
  return {
    id,
    source: 'audit',
    type: 'KeyUnwrap',
    operation: 'KeyUnwrap',
    outcome: 'failure',
    scope: VAULT_ID.toLowerCase(),
    at: minuteTime(minute),
    keyName: 'cmk',
    actor: { kind: 'application', objectId: PRINCIPAL, name: 'Power Platform' },
  };
}
const three = (from: number) => [0, 3, 6].map((minute) => refused(from + minute, `refused-${minute}`));

describe('refused unwraps', () => {
  it('that are dated almost a year ahead count for nothing', () => {
    const { told, policyState } = followReadings([
      at(0),
      { ...at(1), signals: three(500_000) },
      at(2),
      at(1000),
      at(40_000),
    ]);
    assert.deepEqual(told, []);
    assert.equal(policyState.history.effect?.unwraps, undefined);
  });

  it('that are dated now make a suspicion', () => {
    const { told } = followReadings([at(0), { ...at(8), signals: three(1) }, at(9)]);
    assert.deepEqual(told, ['8 suspected']);
  });
});
