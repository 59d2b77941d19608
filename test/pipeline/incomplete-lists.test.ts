import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentFact } from '../../shared/facts/facts.ts';
import { DISABLED, environment, key, known, policy, version } from '../triggers/a-reading.ts';
import { followReadings, type Moment, minuteTime } from './follow-readings.ts';

const two = (change: Partial<EnvironmentFact> = {}) => [environment('e1', change), environment('e2', change)];
const RUN = two();
const DOWN = two(DISABLED);
const STATELESS = two({ runtimeState: undefined, instanceState: undefined });
const NO_HEALTH = { policy: known(policy({ healthStatus: undefined })) };
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };

/** Only the environments can show a lock. */
const silent = (minute: number, environments: EnvironmentFact[], list?: Moment['list']): Moment => ({
  minute,
  facts: NO_HEALTH,
  environments,
  list,
});

describe('a list without the states of the environments', () => {
  it('does not hide the lock that the next lists show', () => {
    const { told } = followReadings([
      silent(0, RUN),
      silent(1, STATELESS),
      silent(2, DOWN),
      silent(3, DOWN),
      silent(60, DOWN),
    ]);
    assert.deepEqual(told, ['3 suspected']);
  });

  it('does not hide the lock where several such lists follow each other', () => {
    const { told } = followReadings([
      silent(0, RUN),
      ...[1, 2, 3, 4].map((minute) => silent(minute, STATELESS)),
      silent(5, DOWN),
      silent(6, DOWN),
    ]);
    assert.deepEqual(told, ['6 suspected']);
  });

  it('does not make a lock of environments that were disabled before it as well', () => {
    const mixed = [environment('e1', DISABLED), environment('e2')];
    const { told } = followReadings([
      silent(0, mixed),
      silent(1, STATELESS),
      silent(2, mixed),
      silent(3, mixed),
    ]);
    assert.deepEqual(told, []);
  });

  it('does not end the suspicion of a lock, and says what the last list with states showed', () => {
    const { told, policyState } = followReadings([
      silent(0, RUN),
      silent(1, DOWN),
      silent(2, DOWN),
      silent(3, STATELESS),
      silent(1400, STATELESS),
    ]);
    assert.deepEqual(told, ['2 suspected']);
    assert.equal(policyState.incident?.state, 'suspected');
    const locked = policyState.findings.find(({ trigger }) => trigger === 'locked');
    assert.deepEqual(
      locked?.evidence.map(({ text }) => text),
      [`Environments of the policy: disabled in the list of ${minuteTime(2)}`],
    );
  });

  it('makes one incident where it comes every third minute', () => {
    const minutes = Array.from({ length: 12 }, (_, n) => n + 1);
    const { told, policyState } = followReadings([
      silent(0, RUN),
      ...minutes.map((minute) => silent(minute, minute % 3 === 0 ? STATELESS : DOWN)),
    ]);
    assert.deepEqual(told, ['2 suspected']);
    assert.equal(policyState.sequence, 1);
  });
});

describe('an incomplete list that names no environment', () => {
  const PARTIAL = { isComplete: false };

  it('does not hide the lock that the next lists show', () => {
    const { told } = followReadings([
      silent(0, RUN),
      silent(1, [], PARTIAL),
      silent(2, DOWN),
      silent(3, DOWN),
    ]);
    assert.deepEqual(told, ['3 suspected']);
  });

  it('does not end the suspicion of a lock', () => {
    const { told } = followReadings([
      silent(0, RUN, PARTIAL),
      silent(1, DOWN, PARTIAL),
      silent(2, DOWN, PARTIAL),
      silent(3, [], PARTIAL),
      silent(700, [], PARTIAL),
    ]);
    assert.deepEqual(told, ['2 suspected']);
  });
});

describe('an inventory file', () => {
  const file = (minute: number, environments: EnvironmentFact[], changedAt: number, facts = {}): Moment => ({
    minute,
    environments,
    facts,
    list: { source: 'inventory', asOf: minuteTime(changedAt), listed: undefined, outside: undefined },
  });
  const OLD = -40 * 1440;

  it('that is truncated for half an hour after 40 days without a change does not close an incident', () => {
    const { told, policyState } = followReadings([
      file(0, RUN, OLD),
      file(1, RUN, OLD, KEY_OFF),
      file(30, [], 29, KEY_OFF),
      file(31, [], 29, KEY_OFF),
      file(60, RUN, 59, KEY_OFF),
    ]);
    assert.deepEqual(told, ['1 opened']);
    assert.equal(policyState.sequence, 1);
  });

  it('that is truncated and has an old time does not close an incident', () => {
    const { told } = followReadings([
      file(0, RUN, OLD),
      file(1, RUN, OLD, KEY_OFF),
      file(30, [], OLD + 1, KEY_OFF),
      file(31, RUN, 31, KEY_OFF),
    ]);
    assert.deepEqual(told, ['1 opened']);
  });

  it('that names none of the environments for a day closes the incident', () => {
    const { told } = followReadings([
      file(0, RUN, OLD),
      file(1, RUN, OLD, KEY_OFF),
      file(30, [], 29, KEY_OFF),
      file(1442, [], 29, KEY_OFF),
    ]);
    assert.deepEqual(told.slice(0, 1), ['1 opened']);
    assert.match(told.join(), /1442 closed/);
  });
});

describe('an Unhealthy policy that no list names an environment of', () => {
  it('keeps its incident, and does not close and open it again', () => {
    const facts = { policy: known(policy({ healthStatus: 'Unhealthy' })), ...KEY_OFF };
    const none = (minute: number): Moment => ({
      minute,
      facts,
      environments: [],
      list: { listed: ['e1', 'e2'] },
    });
    const { told, policyState } = followReadings([
      { minute: 0, environments: RUN },
      { minute: 1, facts, environments: RUN },
      ...[2, 1445, 1446, 1447, 3000].map(none),
    ]);
    assert.deepEqual(told, ['1 opened']);
    assert.equal(policyState.sequence, 1);
    assert.equal(policyState.incident?.state, 'revoked');
  });

  it('keeps the incident of a lock without a cause after Power Platform has removed the environments', () => {
    const facts = { policy: known(policy({ healthStatus: 'Unhealthy' })) };
    const deleted = two({ ...DISABLED, deletion: { at: minuteTime(2900) } });
    const { told, policyState } = followReadings([
      { minute: 0, environments: RUN },
      { minute: 1, facts, environments: DOWN },
      { minute: 2, facts, environments: DOWN },
      { minute: 3000, facts, environments: deleted },
      ...[14_000, 15_600, 15_601].map((minute) => ({
        minute,
        facts,
        environments: [],
        list: { listed: ['z'] },
      })),
    ]);
    assert.deepEqual(told, ['2 opened', '3000 worsened']);
    assert.equal(policyState.sequence, 1);
  });
});
