import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rowsToSend } from '../../shared/notices/claim-due.ts';
import { GIVE_UP_MS, later } from '../../shared/notices/outbox.ts';
import type { ChannelHealth } from '../../shared/storage/channel-health.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';

const NOW = '2026-11-20T10:00:00.000Z';
let count = 0;
function row(more: Partial<OutboxRow> = {}): OutboxRow {
  count += 1;
  return {
    policyId: 'p',
    incidentId: 'i',
    noticeId: `n${count}`,
    channel: 'teams',
    reason: 'reminder',
    group: `g${count}`,
    because: '',
    createdAt: later(NOW, -count),
    state: 'pending',
    attempts: 1,
    nextTryAt: NOW,
    ...more,
  };
}
const health = (more: Partial<ChannelHealth>) =>
  new Map([['teams', { channel: 'teams', failures: 9, lastTryAt: later(NOW, -60_000), ...more }]]);
const OPEN = health({ openUntil: later(NOW, 600_000) });
const HALF_OPEN = health({ openUntil: NOW });
const ids = (rows: readonly OutboxRow[]) => rows.map(({ noticeId }) => noticeId);

describe('of what waits', () => {
  it('goes what is due, the oldest first, and what another holds does not', () => {
    const [young, old, claimed] = [row(), row(), row({ nextTryAt: later(NOW, 1) })];
    assert.deepEqual(ids(rowsToSend([young, claimed, old], new Map(), NOW)), ids([old, young]));
  });

  it('goes what waited for its channel, as soon as that works again, whenever its next try was to be', () => {
    const waiting = row({ nextTryAt: later(NOW, 800_000), waitsForChannel: true });
    assert.deepEqual(ids(rowsToSend([waiting], health({ failures: 0 }), NOW)), ids([waiting]));
    assert.deepEqual(rowsToSend([waiting], OPEN, NOW), []);
  });

  it('goes nothing of a channel that is left alone, but for a fresh alarm and what has waited for a day', () => {
    const [old, alarm] = [
      row({ createdAt: later(NOW, -GIVE_UP_MS) }),
      row({ reason: 'opened', attempts: 0 }),
    ];
    assert.deepEqual(ids(rowsToSend([row(), alarm, row(), old], OPEN, NOW)), ids([old, alarm]));
    const tried = health({ openUntil: later(NOW, 600_000), lastTryAt: later(NOW, -10_000) });
    assert.deepEqual(ids(rowsToSend([alarm], tried, NOW)), []);
  });

  it('goes one message as a probe when the pause is over, the oldest, whole', () => {
    const group = 'shared';
    const [a, b, other] = [row({ group }), row({ group }), row({ createdAt: NOW })];
    assert.deepEqual(ids(rowsToSend([other, a, b], HALF_OPEN, NOW)), ids([b, a]));
  });

  it('goes no more of one channel than a pass can send, and what another channel waits for all the same', () => {
    const many = Array.from({ length: 100 }, () => row());
    const email = row({ channel: 'email' });
    const due = rowsToSend([...many, email], new Map(), NOW);
    assert.equal(due.filter(({ channel }) => channel === 'teams').length, 40);
    assert.deepEqual(
      ids(due.filter(({ channel }) => channel === 'teams')),
      ids(many.toReversed()).slice(0, 40),
    );
    assert(due.includes(email));
  });
});
