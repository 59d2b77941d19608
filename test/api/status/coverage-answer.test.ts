import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverageAnswer, readCoverageFilter } from '../../../shared/api/status/coverage-answer.ts';
import { BadFilter } from '../../../shared/api/status/filter.ts';
import type { Head } from '../../../shared/incidents/incident.ts';
import { TRIGGER_IDS, type TriggerId } from '../../../shared/triggers/finding.ts';
import { TRIGGERS } from '../../../shared/triggers/register.ts';
import { aHead, SUBSCRIPTION } from './a-head.ts';

const AT = '2026-11-23T03:00:00.000Z';
const LATER = '2026-11-23T03:00:20.000Z';
const context = { now: '2026-11-23T03:01:00.000Z', sweepIntervalMs: 30_000 };
const ALL = ['policy', 'vault', 'key', 'permission', 'environments'];
const readAll: Head['parts'] = Object.fromEntries(
  ALL.map((part) => [part, { state: 'known' as const, readAt: AT }]),
);
const vaultOf = (name: string) =>
  `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${name}`.toLowerCase();

function coverage(
  heads: Head[],
  { waysIn = { event: true, audit: true }, query = '', beat = { sweepFinishedAt: AT } as object } = {},
) {
  return coverageAnswer({ heads, beat, waysIn }, readCoverageFilter(new URLSearchParams(query)), context);
}
function cell(trigger: TriggerId, heads: Head[], more: Parameters<typeof coverage>[1] = {}) {
  const found = coverage(heads, more).policies[0]?.triggers.find((one) => one.trigger === trigger);
  assert.ok(found);
  return found;
}

test('every policy has one cell for every trigger, in the order of the register', () => {
  const { policies, counts } = coverage([aHead('b', { parts: readAll }), aHead('a', { parts: readAll })]);
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
  const answer = coverage([aHead('a')]);
  assert.deepEqual(cell('key-disabled', [aHead('a')]).ways.event, {
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
  const head = aHead('a', { lastSignals: { event: { [SUBSCRIPTION]: AT } } });
  const { event, audit } = cell('vault-deleted', [head], { waysIn: { event: false, audit: false } }).ways;
  assert.deepEqual([event.wired, event.lastSeenAt], ['not configured', AT]);
  assert.deepEqual([audit.wired, audit.lastSeenAt], ['not configured', null]);
});

test('a way in that is set is not taken for wired before something came by it', () => {
  const { event, audit } = cell('vault-deleted', [aHead('a')]).ways;
  assert.equal(event.wired, 'configured, nothing seen yet');
  assert.equal(audit.wired, 'configured, nothing seen yet');
});

test('an event for one policy shows its subscription wired for every other there, with the latest time', () => {
  const heads = [
    aHead('a', { lastSignals: { event: { [SUBSCRIPTION]: AT } } }),
    aHead('b', { lastSignals: { event: { [SUBSCRIPTION]: LATER } } }),
    aHead('c'),
  ];
  for (const query of ['policy=a', 'policy=c']) {
    const { event } = cell('vault-deleted', heads, { query }).ways;
    assert.deepEqual([event.wired, event.from, event.lastSeenAt], ['seen', SUBSCRIPTION, LATER], query);
  }
});

test('the audit log and Key Vault’s own events are wired vault by vault', () => {
  const heads = [
    aHead('a', { lastSignals: { event: { [vaultOf('a')]: AT }, audit: { [vaultOf('a')]: LATER } } }),
    aHead('b'),
  ];
  const mine = cell('key-expired', heads, { query: 'policy=a' }).ways;
  assert.deepEqual([mine.event.wired, mine.event.from, mine.event.lastSeenAt], ['seen', vaultOf('a'), AT]);
  assert.deepEqual([mine.audit.wired, mine.audit.from, mine.audit.lastSeenAt], ['seen', vaultOf('a'), LATER]);
  const other = cell('key-expired', heads, { query: 'policy=b' }).ways;
  assert.equal(other.event.wired, 'configured, nothing seen yet');
  assert.equal(other.audit.wired, 'configured, nothing seen yet');
});

test('an event of the vault alone does not show that its subscription’s events come', () => {
  const head = aHead('a', { lastSignals: { event: { [vaultOf('a')]: AT } } });
  assert.equal(cell('permissions-revoked', [head]).ways.event.wired, 'configured, nothing seen yet');
});

test('a deleted policy shows in its own subscription, a deleted vault in the vault’s', () => {
  const head = aHead('a', { lastSignals: { event: { '/subscriptions/other': AT } } });
  const vaultId = '/subscriptions/Other/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv';
  if (head.remembered.policy) head.remembered.policy.vaultId = vaultId;
  assert.equal(cell('policy-deleted', [head]).ways.event.from, SUBSCRIPTION);
  assert.equal(cell('policy-deleted', [head]).ways.event.wired, 'configured, nothing seen yet');
  assert.equal(cell('vault-deleted', [head]).ways.event.from, '/subscriptions/other');
  assert.equal(cell('vault-deleted', [head]).ways.event.wired, 'seen');
});

test('where the vault is not known, nothing is called wired', () => {
  const head = aHead('a');
  head.remembered = { policyId: head.policyId };
  const { event, audit } = cell('vault-deleted', [head]).ways;
  assert.deepEqual([event.from, audit.from], [null, null]);
  assert.deepEqual([event.wired, audit.wired], Array(2).fill('configured, nothing seen yet'));
});

test('a part that can not be read takes from every trigger that needs it, and from no other', () => {
  const key = { state: 'unknown' as const, reason: 'forbidden', detail: 'needs Reader', readAt: AT };
  const heads = [aHead('a', { parts: { ...readAll, key } })];
  const { policies, counts } = coverage(heads);
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
  assert.equal(cell('vault-deleted', [aHead('a', { parts: { ...readAll, vault } })]).readable, true);
  const { readable, cannotRead } = cell('vault-deleted', [aHead('a', { parts: {} })]);
  assert.deepEqual([readable, cannotRead[0]?.part, cannotRead[0]?.readAt], [false, 'vault', null]);
});

test('what the last reading said stands beside it, and nothing said is unknown', () => {
  const found = { trigger: 'key-disabled' as const, verdict: 'clear' as const, summary: '', scope: '' };
  const head = aHead('a', { findings: [{ ...found, evidence: [], undo: [] }] });
  assert.equal(cell('key-disabled', [head]).verdict, 'clear');
  assert.equal(cell('key-expired', [head]).verdict, 'unknown');
});

test('the sweep shows every trigger within its interval; one that never ended was not seen', () => {
  for (const id of TRIGGER_IDS)
    assert.deepEqual(cell(id, [aHead('a')]).ways.sweep, {
      shows: true,
      wired: 'seen',
      lastSeenAt: AT,
      expectedDelaySeconds: { from: 0, to: 30 },
    });
  const never = coverage([aHead('a')], { beat: {} });
  assert.equal(never.policies[0]?.triggers[0]?.ways.sweep.wired, 'configured, nothing seen yet');
  assert.deepEqual([never.ways.sweep.lastAt, never.ways.sweep.isSilent], [null, true]);
  assert.equal(coverage([]).ways.sweep.isSilent, false);
});

test('events take up to a minute, the audit log three to ten', () => {
  const { event, audit } = cell('vault-deleted', [aHead('a')]).ways;
  assert.deepEqual(event.expectedDelaySeconds, { from: 1, to: 60 });
  assert.deepEqual(audit.expectedDelaySeconds, { from: 180, to: 600 });
});

test('policies are chosen by id or name, triggers by id, in any case', () => {
  const heads = [aHead('one'), aHead('two')];
  const { policies, triggers } = coverage(heads, { query: 'policy=TWO&trigger=KEY-disabled' });
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
  assert.equal(coverage(heads, { query: 'policy=three' }).asOf, null);
});

test('asOf is the oldest reading of the policies chosen', () => {
  const old = '2026-11-20T00:00:00.000Z';
  const heads = [aHead('a'), aHead('b', { readAt: old })];
  assert.equal(coverage(heads).asOf, old);
  assert.equal(coverage(heads, { query: 'policy=a' }).asOf, AT);
});

test('a filter or a trigger that nobody knows is refused by name', () => {
  for (const [query, field, says] of [
    ['vault=kv', 'vault', /policy, trigger/],
    ['trigger=moon-phase', 'trigger', /key-disabled/],
    ['trigger=', 'trigger', /empty/],
  ] as const)
    assert.throws(
      () => readCoverageFilter(new URLSearchParams(query)),
      (error) => error instanceof BadFilter && error.field === field && says.test(error.message),
      query,
    );
});
