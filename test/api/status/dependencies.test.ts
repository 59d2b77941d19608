import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dependencies } from '../../../shared/api/status/dependencies.ts';
import type { PolicyState } from '../../../shared/incidents/incident.ts';
import { aPolicyState } from './a-head.ts';

const AT = '2026-11-23T03:00:00.000Z';
const LATER = '2026-11-23T03:00:20.000Z';
const now = '2026-11-23T03:01:00.000Z';
const read = { state: 'known' as const, readAt: AT };
const refused = { state: 'unknown' as const, reason: 'forbidden', readAt: LATER };
const follows = { state: 'unknown' as const, reason: 'follows', readAt: LATER };

function told(policyStates: readonly PolicyState[], unreadable?: number) {
  return new Map(
    dependencies({ policyStates, heartbeat: {}, unreadable }, { now, sweepIntervalMs: 30_000 }).map((one) => [
      one.name,
      one,
    ]),
  );
}

test('each tells its state, its last success and how old that is', () => {
  const well = told([aPolicyState('a', { parts: { policy: read, vault: read, environments: read } })], 0);
  assert.deepEqual(well.get('resourceManager'), {
    name: 'resourceManager',
    state: 'ok',
    lastSuccessAt: AT,
    ageSeconds: 60,
  });
  assert.equal(well.get('powerPlatform')?.state, 'ok');
  assert.equal(well.get('queueStorage')?.state, 'ok');
});

test('what fails for some and not for others fails partly; what merely follows does not count', () => {
  const mixed = told([
    aPolicyState('a', { parts: { policy: read, vault: refused, key: follows, environments: refused } }),
  ]);
  assert.deepEqual(
    [mixed.get('resourceManager')?.state, mixed.get('resourceManager')?.lastSuccessAt],
    ['partly', AT],
  );
  assert.deepEqual(
    [mixed.get('powerPlatform')?.state, mixed.get('powerPlatform')?.lastSuccessAt],
    ['failing', null],
  );
});

test('what nobody has asked, or heard of, is unknown and not ok', () => {
  const nothing = told([]);
  for (const name of ['resourceManager', 'powerPlatform', 'queueStorage', 'eventGrid', 'auditLog'] as const)
    assert.equal(nothing.get(name)?.state, 'unknown', name);
});

test('events and audit records count as seen by the last that came from anywhere', () => {
  const policyStates = [
    aPolicyState('a', { lastSignals: { event: { '/subscriptions/a': AT } } }),
    aPolicyState('b', { lastSignals: { event: { '/subscriptions/b': LATER }, audit: { v: AT } } }),
  ];
  assert.equal(told(policyStates).get('eventGrid')?.lastSuccessAt, LATER);
  assert.equal(told(policyStates).get('auditLog')?.lastSuccessAt, AT);
});

test('where environments come from an inventory, it is the inventory that is told of', () => {
  const policyState = aPolicyState('a', { parts: { environments: read } });
  policyState.history.environments = { asOf: AT, source: 'inventory', members: [] };
  assert.equal(told([policyState]).get('inventory')?.state, 'ok');
  assert.equal(told([policyState]).has('powerPlatform'), false);
});

test('a list of environments that a signal did not wait for is as well as the last sweep found it, for three sweeps', () => {
  const slow = { state: 'unknown' as const, reason: 'timeout', readAt: LATER };
  const listed = (asOf: string) => {
    const policyState = aPolicyState('a', { parts: { policy: read, environments: slow } });
    policyState.history = {
      ...policyState.history,
      environments: { asOf, source: 'powerPlatform', members: [] },
    };
    return told([policyState]).get('powerPlatform');
  };
  assert.deepEqual([listed(AT)?.state, listed(AT)?.lastSuccessAt], ['ok', AT]);
  assert.equal(listed('2026-11-23T02:50:00.000Z')?.state, 'failing');
});
