import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DISABLED,
  environment,
  key,
  known,
  NOTHING_HELD,
  permission,
  VAULT_ID,
  version,
} from '../triggers/a-reading.ts';
import { followReadings, type Moment, minuteTime } from './follow-readings.ts';

const RUN = [environment('e1'), environment('e2')];
const DOWN = [environment('e1', DISABLED), environment('e2', DISABLED)];
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };
const DAY = 1440;

describe('an environment that left while access was back', () => {
  it('does not keep the incident open where a list shows it without the link', () => {
    const list = { listed: ['e1', 'e2'] };
    const { told } = followReadings([
      { minute: 0, environments: RUN },
      { minute: 1, facts: KEY_OFF, environments: RUN },
      { minute: 5, environments: [environment('e1', DISABLED)], list },
      { minute: 60, environments: [environment('e1')], list },
    ]);
    assert.deepEqual(told, ['1 opened', '5 accessRestored', '60 closed']);
  });

  it('does not keep the incident open once complete lists have lacked it for a day', () => {
    const { told } = followReadings([
      { minute: 0, environments: RUN },
      { minute: 1, facts: KEY_OFF, environments: RUN },
      { minute: 5, environments: DOWN },
      ...[60, 60 + DAY + 100].map((minute) => ({ minute, environments: [environment('e1')] })),
    ]);
    assert.deepEqual(told, ['1 opened', '5 accessRestored', `${60 + DAY + 100} closed`]);
  });

  it('keeps the incident open where the lists that lack it may be incomplete', () => {
    const list = { isComplete: false };
    const { told } = followReadings([
      { minute: 0, environments: RUN, list },
      { minute: 1, facts: KEY_OFF, environments: RUN, list },
      { minute: 5, environments: DOWN, list },
      ...[60, 60 + DAY, 60 + 20 * DAY].map((minute) => ({ minute, environments: [environment('e1')], list })),
    ]);
    assert.deepEqual(told, ['1 opened', '5 accessRestored']);
  });
});

describe('an incident of a policy whose environments were never listed', () => {
  it('closes 7 days after access came back, and says that nobody verified the environments', () => {
    const at = (minute: number, facts = {}): Moment => ({ minute, facts, environments: 'unreadable' });
    const { told, transitions } = followReadings([
      at(0),
      at(1, KEY_OFF),
      at(5),
      at(6 * DAY),
      at(5 + 7 * DAY - 1),
      at(5 + 7 * DAY),
    ]);
    assert.deepEqual(told, ['1 opened', '5 accessRestored', `${5 + 7 * DAY} closed`]);
    assert.match(JSON.stringify(transitions.at(-1)?.notices), /nobody has verified/);
  });

  it('stays open where the environments were listed once', () => {
    const at = (minute: number, facts = {}): Moment => ({ minute, facts, environments: 'unreadable' });
    const { told } = followReadings([
      { minute: 0, environments: DOWN },
      at(1, KEY_OFF),
      at(5),
      at(8 * DAY),
      at(60 * DAY),
    ]);
    assert.ok(!told.some((one) => one.endsWith('closed')), `${told}`);
  });
});

describe('the deadline of production environments', () => {
  it('stays where it was when the last of them leaves the list', () => {
    const gone = (minute: number): Moment => ({
      minute,
      facts: KEY_OFF,
      environments: [],
      list: { listed: ['e1', 'e2'] },
    });
    const { transitions } = followReadings([
      { minute: 0, environments: RUN },
      { minute: 1, facts: KEY_OFF, environments: RUN },
      gone(2),
      gone(700),
    ]);
    const deadlines = transitions.slice(1).map(({ policyState }) => policyState.incident?.recoverBy);
    assert.deepEqual(new Set(deadlines), new Set([minuteTime(1 + 30 * DAY)]));
  });
});

describe('a key that can not be reached, with no environment known', () => {
  const LOST = { permission: known(permission(NOTHING_HELD)) };
  const change = (minute: number, operation: string) => [
    {
      id: `change-${minute}`,
      source: 'resourceManager' as const,
      type: 'Microsoft.Resources.ResourceWriteSuccess',
      operation: `Microsoft.Authorization/roleAssignments/${operation}`,
      outcome: 'success' as const,
      scope: VAULT_ID.toLowerCase(),
      at: minuteTime(minute),
    },
  ];
  const none = { environments: [], list: { listed: ['x'] } };
  const granted = (minute: number): Moment => ({ minute, signals: change(minute, 'write'), ...none });
  const removed = (minute: number): Moment => ({
    minute,
    facts: LOST,
    signals: change(minute, 'delete'),
    ...none,
  });

  it('is one warning while the permission is granted and removed again and again', () => {
    const { told, policyState } = followReadings([
      { minute: 0, ...none },
      removed(1),
      granted(2),
      removed(3),
      granted(4),
      { minute: 5, facts: LOST, ...none },
      { minute: 6, ...none },
    ]);
    assert.deepEqual(told, ['1 keyUnreachable']);
    assert.equal(policyState.sequence, 1);
  });

  it('is over when the permission has had the time to take effect', () => {
    const { told } = followReadings([
      { minute: 0, ...none },
      removed(1),
      granted(2),
      ...[3, 8, 40].map((minute) => ({ minute, ...none })),
    ]);
    assert.deepEqual(told, ['1 keyUnreachable', '40 closed']);
  });
});
