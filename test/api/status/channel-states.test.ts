import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import { answer } from '../../../shared/api/serve-api.ts';
import { channelStates } from '../../../shared/api/status/channel-states.ts';
import type { ChannelHealth } from '../../../shared/storage/channel-health.ts';
import type { IncidentStore } from '../../../shared/storage/incident-store.ts';
import { aPolicyState } from './a-head.ts';

const AT = '2026-11-23T03:00:30.000Z';
const SINCE = '2026-11-23T01:00:00.000Z';
const dead: ChannelHealth = {
  channel: 'teams',
  failures: 9,
  failingSince: SINCE,
  lastTryAt: AT,
  lastError: 'example.com answered 503: it is busy or down for now.',
  openedAt: AT,
  openUntil: '2026-11-23T03:08:30.000Z',
};
const well: ChannelHealth = { channel: 'email', failures: 0, lastSuccessAt: AT, lastTryAt: AT };

test('a channel works, fails since a time, or was never tried; with what still waits for it', () => {
  const waiting = [
    { channel: 'teams', createdAt: AT },
    { channel: 'teams', createdAt: SINCE },
  ];
  const [teams, email, webhook] = channelStates(['teams', 'email', 'webhook'], [dead, well], waiting);
  assert.deepEqual(teams, {
    name: 'teams',
    state: 'failing',
    failingSince: SINCE,
    lastSuccessAt: null,
    lastError: 'example.com answered 503: it is busy or down for now.',
    warning: null,
    leftAloneUntil: '2026-11-23T03:08:30.000Z',
    waiting: 2,
    waitingSince: SINCE,
  });
  assert.deepEqual([email?.state, email?.lastSuccessAt, email?.waiting], ['working', AT, 0]);
  assert.deepEqual([webhook?.state, webhook?.lastSuccessAt], ['unknown', null]);
});

test('a channel that is not set any more is told of as long as notices wait for it, and then no longer', () => {
  const gone = channelStates(['email'], [dead, well], [{ channel: 'teams', createdAt: AT }]);
  assert.deepEqual(
    gone.map(({ name }) => name),
    ['email', 'teams'],
  );
  assert.equal(channelStates(['email'], [dead, well], []).length, 1);
});

test('health tells of each channel, and is degraded while one fails', async () => {
  const health = async (rows: ChannelHealth[]) => {
    const store: Partial<IncidentStore> = {
      unreadableRows: () => ({ swept: [], all: [] }),
      listPolicyStates: async () => [{ policyState: aPolicyState('a'), etag: 'x' }],
      pendingNotices: async () => [],
      historyFault: async () => undefined,
      channelHealth: { readAll: async () => rows, update: async () => undefined },
    };
    const ports: ReadPorts = {
      store: store as IncidentStore,
      heartbeat: { read: async () => ({ timerAt: AT, sweepFinishedAt: AT }) },
      config: { sweepBounds: { minMs: 30_000, maxMs: 30_000 } },
      eventSources: { event: true, audit: false },
      clock: { now: () => '2026-11-23T03:01:00.000Z' },
      log: { info() {}, warn() {}, error() {} },
      channels: [{ name: 'teams' }, { name: 'email' }],
    };
    const { status, body } = await answer({ url: 'http://localhost/api/health', ifNoneMatch: null }, ports);
    assert.equal(status, 200);
    return JSON.parse(body);
  };
  const broken = await health([dead, well]);
  assert.equal(broken.status, 'degraded');
  assert.deepEqual(
    broken.channels.map(({ name, state }: { name: string; state: string }) => [name, state]),
    [
      ['teams', 'failing'],
      ['email', 'working'],
    ],
  );
  assert.equal((await health([{ ...well, channel: 'teams' }, well])).status, 'ok');
});
