import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../../shared/api/problem.ts';
import { readQuery } from '../../../shared/api/read-query.ts';
import { statusAnswer } from '../../../shared/api/status/status-answer.ts';
import { statusEndpoint } from '../../../shared/api/status/status-endpoint.ts';
import { anEnvironment, anIncident, aPolicyId, aPolicyState } from './a-head.ts';

const now = '2026-11-23T03:01:00.000Z';
const filterOf = (query: string) => readQuery(statusEndpoint.query, new URLSearchParams(query), 'GET');

test('the worst verdict is the tenant’s, and policies with an open incident stand first', () => {
  const policyStates = [
    aPolicyState('calm'),
    aPolicyState('visibilityLost', { verdict: 'unknown' }),
    aPolicyState('down', { verdict: 'revoked', incident: anIncident(aPolicyId('down')) }),
  ];
  const answer = statusAnswer(policyStates, {}, { now, sweepIntervalMs: 30_000 });
  assert.equal(answer.verdict, 'revoked');
  assert.deepEqual(
    answer.policies.map(({ name }) => name),
    ['down', 'visibilityLost', 'calm'],
  );
  assert.equal(answer.counts.openIncidents, 1);
  assert.equal(answer.policies[0]?.incident?.href, '/api/incidents/inc-1');
});

test('a tenant of which nothing was read is unknown, not clear', () => {
  const answer = statusAnswer([], {}, { now, sweepIntervalMs: 30_000 });
  assert.equal(answer.verdict, 'unknown');
  assert.equal(answer.asOf, null);
});

test('one unreadable policy among clear ones makes the whole unknown', () => {
  assert.equal(
    statusAnswer(
      [aPolicyState('a'), aPolicyState('b', { verdict: 'unknown' })],
      {},
      { now, sweepIntervalMs: 30_000 },
    ).verdict,
    'unknown',
  );
});

test('asOf is the oldest reading that the answer stands on', () => {
  const old = '2026-11-20T00:00:00.000Z';
  assert.equal(
    statusAnswer(
      [aPolicyState('a'), aPolicyState('b', { readAt: old })],
      {},
      { now, sweepIntervalMs: 30_000 },
    ).asOf,
    old,
  );
  assert.notEqual(
    statusAnswer(
      [aPolicyState('a'), aPolicyState('b', { readAt: old })],
      { policy: 'a' },
      { now, sweepIntervalMs: 30_000 },
    ).asOf,
    old,
  );
});

test('policies, vaults and environments are found by id and by name, however they are spelled', () => {
  const policyStates = [
    aPolicyState('one', {}, [anEnvironment('1')]),
    aPolicyState('two', {}, [anEnvironment('2')]),
  ];
  const names = (query: string) =>
    statusAnswer(policyStates, filterOf(query), { now, sweepIntervalMs: 30_000 }).policies.map(
      ({ name }) => name,
    );
  assert.deepEqual(names('policy=ONE'), ['one']);
  assert.deepEqual(names(`policy=${aPolicyId('two').toUpperCase()}/`), ['two']);
  assert.deepEqual(names('vault=KV-two'), ['two']);
  assert.deepEqual(names('environment=env 1'), ['one']);
  assert.deepEqual(names('environment=00000000-0000-0000-0000-000000000002'), ['two']);
  assert.deepEqual(names('policy=on'), []);
});

test('a filter that nobody knows, or an empty one, is refused by name', () => {
  assert.throws(
    () => filterOf('polcy=x'),
    (error) => error instanceof ProblemError && error.field === 'polcy',
  );
  assert.throws(
    () => filterOf('vault='),
    (error) => error instanceof ProblemError && error.field === 'vault',
  );
  assert.throws(() => filterOf('policy=a&policy=b'), /'policy' stands twice/);
  assert.deepEqual(filterOf('code=a-function-key&vault=kv'), { vault: 'kv' });
});

test('a policy that is not supported is counted apart, and does not make the tenant unknown for ever', () => {
  const policyStates = [aPolicyState('hsm', { supported: false, verdict: 'unknown' }), aPolicyState('a')];
  const answer = statusAnswer(policyStates, {}, { now, sweepIntervalMs: 30_000 });
  assert.equal(answer.verdict, 'clear');
  assert.deepEqual([answer.counts.notSupported, answer.counts.unknown], [1, 0]);
  assert.equal(answer.policies.length, 2);
});

test('a clear reading that has grown old is unknown; one that is revoked stays so', () => {
  const old = '2026-11-23T02:50:00.000Z';
  const policyStates = [
    aPolicyState('a', { readAt: old }),
    aPolicyState('b', { readAt: old, verdict: 'revoked' }),
    aPolicyState('c'),
  ];
  const { policies } = statusAnswer(policyStates, {}, { now, sweepIntervalMs: 30_000 });
  assert.deepEqual(Object.fromEntries(policies.map(({ name, verdict }) => [name, verdict])), {
    a: 'unknown',
    b: 'revoked',
    c: 'clear',
  });
  assert.match(
    policies.find(({ name }) => name === 'a')?.warnings.join() ?? '',
    /nobody could read this policy/,
  );
});
