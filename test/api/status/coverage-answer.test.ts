import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../../shared/api/problem.ts';
import { readQuery } from '../../../shared/api/read-query.ts';
import { coverageAnswer } from '../../../shared/api/status/coverage-answer.ts';
import { coverageEndpoint } from '../../../shared/api/status/coverage-endpoint.ts';
import type { PolicyState } from '../../../shared/incidents/incident.ts';
import { TRIGGER_IDS, type TriggerId } from '../../../shared/triggers/finding.ts';
import { TRIGGERS } from '../../../shared/triggers/register.ts';
import { aPolicyState, SUBSCRIPTION } from './a-head.ts';

const AT = '2026-11-23T03:00:00.000Z';
const LATER = '2026-11-23T03:00:20.000Z';
const context = { now: '2026-11-23T03:01:00.000Z', sweepIntervalMs: 30_000 };
const ALL = ['policy', 'vault', 'key', 'permission', 'environments'];
const readAll: PolicyState['parts'] = Object.fromEntries(
  ALL.map((part) => [part, { state: 'known' as const, readAt: AT }]),
);
const vaultOf = (name: string) =>
  `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${name}`.toLowerCase();

const filterOf = (query: string) => readQuery(coverageEndpoint.query, new URLSearchParams(query), 'GET');

function coverage(
  policyStates: PolicyState[],
  {
    eventSources = { event: true, audit: true },
    query = '',
    heartbeat = { sweepFinishedAt: AT } as object,
  } = {},
) {
  return coverageAnswer({ policyStates, heartbeat, eventSources }, filterOf(query), context);
}
function cell(trigger: TriggerId, policyStates: PolicyState[], more: Parameters<typeof coverage>[1] = {}) {
  const found = coverage(policyStates, more).policies[0]?.triggers.find((one) => one.trigger === trigger);
  assert.ok(found);
  return found;
}

test('every policy has one cell for every trigger, in the order of the register', () => {
  const { policies, counts } = coverage([
    aPolicyState('b', { parts: readAll }),
    aPolicyState('a', { parts: readAll }),
  ]);
  assert.deepEqual(
    policies.map(({ name }) => name),
    ['a', 'b'],
  );
  for (const { triggers } of policies)
    assert.deepEqual(
      triggers.map(({ trigger }) => trigger),
      TRIGGER_IDS,
    );
  assert.deepEqual(counts, { policies: 2, notReadable: 0 });
});

test('a way that does not show a trigger says so, with the reason and its source in the register’s part', () => {
  const answer = coverage([aPolicyState('a')]);
  assert.deepEqual(cell('key-disabled', [aPolicyState('a')]).detectionSources.event, {
    shows: false,
    wired: null,
    from: null,
    lastSeenAt: null,
    expectedDelaySeconds: null,
  });
  const told = answer.triggers.find(({ id }) => id === 'key-disabled');
  assert.deepEqual(told?.event.shows, []);
  assert.ok(told && 'because' in told.event && told.event.because.includes('no event'));
  assert.ok(told.event.sources.length > 0);
});

test('a way in that is not set is not configured, whatever came by it before', () => {
  const policyState = aPolicyState('a', { lastSignals: { event: { [SUBSCRIPTION]: AT } } });
  const { event, audit } = cell('vault-deleted', [policyState], {
    eventSources: { event: false, audit: false },
  }).detectionSources;
  assert.deepEqual([event.wired, event.lastSeenAt], ['not configured', AT]);
  assert.deepEqual([audit.wired, audit.lastSeenAt], ['not configured', null]);
});

test('a way in that is set is not taken for wired before something came by it', () => {
  const { event, audit } = cell('vault-deleted', [aPolicyState('a')]).detectionSources;
  assert.equal(event.wired, 'configured, nothing seen yet');
  assert.equal(audit.wired, 'configured, nothing seen yet');
});

test('an event for one policy shows its subscription wired for every other there, with the latest time', () => {
  const policyStates = [
    aPolicyState('a', { lastSignals: { event: { [SUBSCRIPTION]: AT } } }),
    aPolicyState('b', { lastSignals: { event: { [SUBSCRIPTION]: LATER } } }),
    aPolicyState('c'),
  ];
  for (const query of ['policy=a', 'policy=c']) {
    const { event } = cell('vault-deleted', policyStates, { query }).detectionSources;
    assert.deepEqual([event.wired, event.from, event.lastSeenAt], ['seen', SUBSCRIPTION, LATER], query);
  }
});

test('the audit log and Key Vault’s own events are wired vault by vault', () => {
  const policyStates = [
    aPolicyState('a', { lastSignals: { event: { [vaultOf('a')]: AT }, audit: { [vaultOf('a')]: LATER } } }),
    aPolicyState('b'),
  ];
  const mine = cell('key-expired', policyStates, { query: 'policy=a' }).detectionSources;
  assert.deepEqual([mine.event.wired, mine.event.from, mine.event.lastSeenAt], ['seen', vaultOf('a'), AT]);
  assert.deepEqual([mine.audit.wired, mine.audit.from, mine.audit.lastSeenAt], ['seen', vaultOf('a'), LATER]);
  const other = cell('key-expired', policyStates, { query: 'policy=b' }).detectionSources;
  assert.equal(other.event.wired, 'configured, nothing seen yet');
  assert.equal(other.audit.wired, 'configured, nothing seen yet');
});

test('an event of the vault alone does not show that its subscription’s events come', () => {
  const policyState = aPolicyState('a', { lastSignals: { event: { [vaultOf('a')]: AT } } });
  assert.equal(
    cell('permissions-revoked', [policyState]).detectionSources.event.wired,
    'configured, nothing seen yet',
  );
});

test('a deleted policy shows in its own subscription, a deleted vault in the vault’s', () => {
  const policyState = aPolicyState('a', { lastSignals: { event: { '/subscriptions/other': AT } } });
  const vaultId = '/subscriptions/Other/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv';
  if (policyState.history.policy) policyState.history.policy.vaultId = vaultId;
  assert.equal(cell('policy-deleted', [policyState]).detectionSources.event.from, SUBSCRIPTION);
  assert.equal(
    cell('policy-deleted', [policyState]).detectionSources.event.wired,
    'configured, nothing seen yet',
  );
  assert.equal(cell('vault-deleted', [policyState]).detectionSources.event.from, '/subscriptions/other');
  assert.equal(cell('vault-deleted', [policyState]).detectionSources.event.wired, 'seen');
});

test('where the vault is not known, nothing is called wired', () => {
  const policyState = aPolicyState('a');
  policyState.history = { policyId: policyState.policyId };
  const { event, audit } = cell('vault-deleted', [policyState]).detectionSources;
  assert.deepEqual([event.from, audit.from], [null, null]);
  assert.deepEqual([event.wired, audit.wired], Array(2).fill('configured, nothing seen yet'));
});

test('a part that can not be read takes from every trigger that needs it, and from no other', () => {
  const key = { state: 'unknown' as const, reason: 'forbidden', detail: 'needs Reader', readAt: AT };
  const policyStates = [aPolicyState('a', { parts: { ...readAll, key } })];
  const { policies, counts } = coverage(policyStates);
  const unreadable = policies[0]?.triggers.filter(({ readable }) => !readable) ?? [];
  assert.deepEqual(
    unreadable.map(({ trigger }) => trigger),
    TRIGGERS.filter(({ about }) => about === 'key').map(({ id }) => id),
  );
  assert.deepEqual(unreadable[0]?.cannotRead, [
    { part: 'key', reason: 'forbidden', detail: 'needs Reader', readAt: AT },
  ]);
  assert.equal(counts.notReadable, unreadable.length);
});

test('a part that is gone was read, and one of which no reading tells was not', () => {
  const vault = { state: 'gone' as const, detail: 'answered 404', readAt: AT };
  assert.equal(cell('vault-deleted', [aPolicyState('a', { parts: { ...readAll, vault } })]).readable, true);
  const { readable, cannotRead } = cell('vault-deleted', [aPolicyState('a', { parts: {} })]);
  assert.deepEqual([readable, cannotRead[0]?.part, cannotRead[0]?.readAt], [false, 'vault', null]);
});

test('what the last reading said stands beside it, and nothing said is unknown', () => {
  const found = { trigger: 'key-disabled' as const, verdict: 'clear' as const, summary: '', scope: '' };
  const policyState = aPolicyState('a', { findings: [{ ...found, evidence: [], remediation: [] }] });
  assert.equal(cell('key-disabled', [policyState]).verdict, 'clear');
  assert.equal(cell('key-expired', [policyState]).verdict, 'unknown');
});

test('the sweep shows every trigger within its interval, a lock within two; one that never ended was not seen', () => {
  for (const id of TRIGGER_IDS)
    assert.deepEqual(cell(id, [aPolicyState('a')]).detectionSources.sweep, {
      shows: true,
      wired: 'seen',
      lastSeenAt: AT,
      expectedDelaySeconds: { from: 0, to: id === 'locked' ? 60 : 30 },
    });
  const never = coverage([aPolicyState('a')], { heartbeat: {} });
  assert.equal(never.policies[0]?.triggers[0]?.detectionSources.sweep.wired, 'configured, nothing seen yet');
  assert.deepEqual(
    [never.detectionSources.sweep.lastAt, never.detectionSources.sweep.isSilent],
    [null, true],
  );
  assert.equal(coverage([]).detectionSources.sweep.isSilent, false);
});

test('events take up to a minute, the audit log three to ten', () => {
  const { event, audit } = cell('vault-deleted', [aPolicyState('a')]).detectionSources;
  assert.deepEqual(event.expectedDelaySeconds, { from: 1, to: 60 });
  assert.deepEqual(audit.expectedDelaySeconds, { from: 180, to: 600 });
});

test('policies are chosen by id or name, triggers by id, in any case', () => {
  const policyStates = [aPolicyState('one'), aPolicyState('two')];
  const { policies, triggers } = coverage(policyStates, { query: 'policy=TWO&trigger=KEY-disabled' });
  assert.deepEqual(
    policies.map(({ name }) => name),
    ['two'],
  );
  assert.deepEqual(
    policies[0]?.triggers.map(({ trigger }) => trigger),
    ['key-disabled'],
  );
  assert.deepEqual(
    triggers.map(({ id }) => id),
    ['key-disabled'],
  );
  assert.equal(coverage(policyStates, { query: 'policy=three' }).asOf, null);
});

test('asOf is the oldest reading of the policies chosen', () => {
  const old = '2026-11-20T00:00:00.000Z';
  const policyStates = [aPolicyState('a'), aPolicyState('b', { readAt: old })];
  assert.equal(coverage(policyStates).asOf, old);
  assert.equal(coverage(policyStates, { query: 'policy=a' }).asOf, AT);
});

test('a filter or a trigger that nobody knows is refused by name', () => {
  for (const [query, field, says] of [
    ['vault=kv', 'vault', /policy, trigger/],
    ['trigger=moon-phase', 'trigger', /key-disabled/],
    ['trigger=', 'trigger', /empty/],
  ] as const)
    assert.throws(
      () => filterOf(query),
      (error) => error instanceof ProblemError && error.field === field && says.test(error.message),
      query,
    );
});
