import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import { answer } from '../../../shared/api/serve-api.ts';
import type { IncidentStore } from '../../../shared/storage/incident-store.ts';
import { anIncident, aPolicyId, aPolicyState } from './a-head.ts';

const incident = anIncident(aPolicyId('down'));
const AT = '2026-11-23T03:00:30.000Z';
const silent = { info() {}, warn() {}, error() {} };

function ports(more: Partial<IncidentStore> = {}, now = '2026-11-23T03:01:00.000Z'): ReadPorts {
  const store: Partial<IncidentStore> = {
    listPolicyStates: async () => [
      { policyState: aPolicyState('down', { verdict: 'revoked', incident }), etag: 'x' },
    ],
    readIncident: async (id) => (id === incident.id ? incident : undefined),
    listEnvironments: async () => [],
    listTimeline: async () => [],
    listNotices: async () => [],
    historyFault: async () => undefined,
    unreadableRows: () => ({ swept: [], all: [] }),
    ...more,
  };
  return {
    store: store as IncidentStore,
    heartbeat: {
      read: async () => ({ timerAt: AT, sweepBegunAt: AT, sweepFinishedAt: AT, sweepBy: 'timer' }),
    },
    config: { sweepBounds: { minMs: 30_000, maxMs: 30_000 } },
    eventSources: { event: true, audit: false },
    clock: { now: () => now },
    log: silent,
    unreadableCount: async () => 3,
  };
}
const get = (path: string, from = ports(), ifNoneMatch: string | null = null) =>
  answer({ url: `http://localhost${path}`, ifNoneMatch }, from);

test('the status comes with the count of messages that nobody could read', async () => {
  const { status, body } = await get('/api/status');
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).unreadableMessages, 3);
});

test('an answer that has not changed is 304, also when it is asked for later', async () => {
  const first = await get('/api/status');
  const later = await get('/api/status', ports({}, '2026-11-23T03:01:50.000Z'), first.headers.etag);
  assert.equal(later.status, 304);
  assert.equal(later.body, '');
  const changed = await get('/api/status', ports({ listPolicyStates: async () => [] }), first.headers.etag);
  assert.equal(changed.status, 200);
});

test('an incident is found by its id in any case, and what is no incident is a 404 that says where to look', async () => {
  assert.equal((await get('/api/incidents/INC-1')).status, 200);
  const missing = await get('/api/incidents/inc-2');
  assert.equal(missing.status, 404);
  assert.match(JSON.parse(missing.body).detail, /\/api\/status/);
});

test('opening the address of an act in a browser does nothing, and says how to do it', async () => {
  for (const path of [
    '/api/incidents/inc-1/acknowledge',
    '/api/policies/ep-main/check',
    '/api/policies/%2Fsubscriptions%2Fs/silence',
    '/api/vaults/kv-main/silence',
    '/api/Drill',
  ]) {
    const { status, headers, body } = await get(path);
    assert.equal(status, 405, path);
    assert.equal(headers.allow, 'POST');
    assert.ok(
      JSON.parse(body).detail.includes(
        `curl -X POST 'http://localhost${path}' -H 'content-type: application/json'`,
      ),
      body,
    );
  }
  assert.equal((await get('/api/incidents/inc-1/dance')).status, 404);
});

test('odd addresses never crash it', async () => {
  for (const path of [
    '/api/incidents/%',
    '/api/incidents/%00',
    '/api/',
    '/',
    '/api/incidents/a/b',
    '/api/incidents/..%2f..',
  ])
    assert.equal(Math.floor((await get(path)).status / 100), 4, path);
  assert.equal((await get('/api/incidents/%')).status, 400);
});

test('storage that can not be read is a 503 that shows nothing of the inside', async () => {
  const broken = ports({
    listPolicyStates: async () => {
      throw new Error('AccountKey=abc at 10.0.0.4');
    },
  });
  const { status, body } = await get('/api/status', broken);
  assert.equal(status, 503);
  assert(!body.includes('AccountKey') && !body.includes('10.0.0.4'));
});

test('a queue that can not be counted does not hold back the status', async () => {
  const from = ports();
  from.unreadableCount = async () => {
    throw new Error('no queue');
  };
  const { status, body } = await get('/api/status', from);
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).unreadableMessages, null);
});

test('health says who was last seen alive, and what can not be read', async () => {
  const unread = {
    state: 'unknown' as const,
    reason: 'forbidden',
    detail: 'needs Reader on the vault kv1',
    readAt: AT,
  };
  const follows = { state: 'unknown' as const, reason: 'follows', readAt: AT };
  const visibilityLost = ports({
    listPolicyStates: async () => [
      { policyState: aPolicyState('a', { parts: { vault: unread, key: follows } }), etag: 'x' },
    ],
  });
  const well = JSON.parse((await get('/api/health')).body);
  assert.deepEqual([well.status, well.sweep.ageSeconds, well.sweep.isSilent], ['ok', 30, false]);
  const answered = JSON.parse((await get('/api/health', visibilityLost)).body);
  assert.equal(answered.status, 'degraded');
  assert.deepEqual(
    answered.cannotRead.map(({ part, detail }: { part: string; detail: string }) => [part, detail]),
    [['vault', 'needs Reader on the vault kv1']],
  );
});

test('health is degraded where the sweep or the timer is silent, or was never seen', async () => {
  const late = JSON.parse((await get('/api/health', ports({}, '2026-11-23T03:02:01.000Z'))).body);
  assert.deepEqual([late.status, late.sweep.isSilent, late.timer.isSilent], ['degraded', true, true]);
  const never = ports();
  never.heartbeat = { read: async () => ({}) };
  const unseen = JSON.parse((await get('/api/health', never)).body);
  assert.deepEqual([unseen.status, unseen.sweep.lastAt], ['degraded', null]);
});

test('coverage tells policy by trigger how it would be seen, as 304 where nothing changed', async () => {
  const first = await get('/api/Coverage/?trigger=vault-deleted');
  assert.equal(first.status, 200);
  const [policy] = JSON.parse(first.body).policies;
  assert.equal(policy.triggers.length, 1);
  assert.deepEqual(
    ['event', 'audit', 'sweep'].map((way) => policy.triggers[0].detectionSources[way].wired),
    ['configured, nothing seen yet', 'not configured', 'seen'],
  );
  const later = ports({}, '2026-11-23T03:01:30.000Z');
  const again = await get('/api/coverage?trigger=vault-deleted', later, first.headers.etag);
  assert.equal(again.status, 304);
});

test('coverage refuses what it does not know as the status does', async () => {
  const { status, body } = await get('/api/coverage?trigger=moon-phase');
  assert.deepEqual([status, JSON.parse(body).field], [400, 'trigger']);
  assert.equal((await get('/api/coverage?vault=kv')).status, 400);
});
