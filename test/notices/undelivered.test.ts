import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { undeliveredRows } from '../../shared/notices/undelivered.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { anIncident, aPolicyId } from '../api/status/a-head.ts';

const NOW = '2026-11-21T10:00:00.000Z';
const incident = anIncident(aPolicyId('p1'));
const lost: OutboxRow = {
  policyId: incident.policyId,
  incidentId: incident.id,
  noticeId: `${incident.id}-opened-1`,
  channel: 'teams',
  reason: 'opened',
  group: 'opened|vault-deleted|/vaults/kv',
  because: 'The vault is gone.',
  createdAt: '2026-11-20T10:00:00.000Z',
  state: 'givenUp',
  attempts: 90,
  nextTryAt: NOW,
  lastError: 'HTTP 503',
  incident,
};
const nobodyFails = { health: new Map(), now: NOW };
const open = (channel: string) =>
  [channel, { channel, failures: 9, openUntil: NOW }] satisfies [string, object];

describe('a notice that was given up', () => {
  it('is reported on every other channel: which one, on what, since when and why', () => {
    const rows = undeliveredRows(lost, ['teams', 'email', 'webhook'], nobodyFails);
    assert.deepEqual(
      rows.map(({ channel }) => channel),
      ['email', 'webhook'],
    );
    assert.deepEqual(rows[0]?.undelivered, {
      channel: 'teams',
      reason: 'opened',
      since: '2026-11-20T10:00:00.000Z',
      because: 'HTTP 503',
    });
    assert.equal(rows[0]?.group, 'undelivered|teams|/vaults/kv');
    assert.deepEqual([rows[0]?.reason, rows[0]?.state, rows[0]?.attempts], ['undelivered', 'pending', 0]);
    assert.equal(rows[0]?.incident, incident);
  });

  it('is reported under the same id whoever gives it up, and under another for another channel or notice', () => {
    const idOf = (row: OutboxRow) => undeliveredRows(row, ['email'], nobodyFails)[0]?.noticeId;
    assert.equal(idOf(lost), idOf({ ...lost, lastError: 'HTTP 502', attempts: 91 }));
    assert.equal(
      new Set([idOf(lost), idOf({ ...lost, channel: 'x' }), idOf({ ...lost, noticeId: 'y' })]).size,
      3,
    );
  });

  it('spares channels that fail themselves, unless there is no other', () => {
    const to = (...failing: string[]) =>
      undeliveredRows(lost, ['teams', 'email', 'webhook'], {
        health: new Map(failing.map(open)),
        now: NOW,
      }).map(({ channel }) => channel);
    assert.deepEqual(to('email'), ['webhook']);
    assert.deepEqual(to('email', 'webhook'), ['email', 'webhook']);
  });

  it('is reported to nobody where there is no other channel, and news of it that is lost to nobody further', () => {
    assert.deepEqual(undeliveredRows(lost, ['teams'], nobodyFails), []);
    const [news] = undeliveredRows(lost, ['teams', 'email'], nobodyFails);
    assert(news);
    assert.deepEqual(undeliveredRows(news, ['teams', 'email', 'webhook'], nobodyFails), []);
  });

  it('about the watch itself stands for itself', () => {
    const visibility = { id: 's1', reason: 'visibilityLost' as const, at: NOW, gaps: [], remainingGaps: 1 };
    const group = (noticeId: string) =>
      undeliveredRows(
        { ...lost, incident: undefined, visibility, noticeId, group: `blind|${noticeId}|` },
        ['email'],
        nobodyFails,
      )[0]?.group;
    assert.notEqual(group('visibility-1-visibilityLost'), group('visibility-2-visibilityLost'));
  });
});
