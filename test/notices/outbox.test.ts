import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_RETRY_AFTER_MS } from '../../shared/notices/notice.ts';
import { afterTry, GIVE_UP_MS, heldUntil, LEASE_MS, later } from '../../shared/notices/outbox.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const BUSY = { outcome: 'failed', permanent: false, detail: 'HTTP 503' } as const;
const ROW: OutboxRow = {
  policyId: 'p',
  incidentId: 'i',
  noticeId: 'n',
  channel: 'teams',
  reason: 'opened',
  group: 'g',
  because: '',
  createdAt: NOW,
  state: 'pending',
  attempts: 0,
  nextTryAt: later(NOW, LEASE_MS),
};

/** The waits before each next try, in seconds, where every try fails at once. */
function waits(count: number): number[] {
  let row = ROW;
  return Array.from({ length: count }, () => {
    const at = row.attempts === 0 ? NOW : row.nextTryAt;
    row = afterTry(row, BUSY, 'm', at);
    return (Date.parse(row.nextTryAt) - Date.parse(at)) / 1000;
  });
}

describe('the next try of a notice that failed', () => {
  it('comes later and later: after 15 s, 30 s, 1, 2, 4, 8, and then every 15 minutes', () => {
    assert.deepEqual(waits(10), [15, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
  });

  it('comes about a hundred times a day, so a dead channel costs little and a day is not used up', () => {
    let row: OutboxRow = ROW;
    let at = NOW;
    for (; row.state === 'pending'; at = row.nextTryAt) row = afterTry(row, BUSY, 'm', at);
    assert.equal(row.state, 'givenUp');
    assert(row.attempts > 90 && row.attempts < 110, `${row.attempts} tries`);
  });

  it('is never further ahead than what any other process obeys, whatever a channel asks for', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 1e15, noNaN: true }), (attempts, retryAfterMs) => {
        const row = afterTry({ ...ROW, attempts }, { ...BUSY, retryAfterMs }, 'm', NOW);
        assert(Date.parse(row.nextTryAt) - Date.parse(NOW) <= MAX_RETRY_AFTER_MS);
        assert.equal(heldUntil(row, NOW), row.nextTryAt);
      }),
    );
  });
});

describe('a pending row', () => {
  it('is left alone until its lease or its next try, and taken where that is further ahead than any is', () => {
    const tried = { ...ROW, attempts: 3 };
    for (const [row, ahead, isHeld] of [
      [ROW, LEASE_MS, true],
      // The clocks of two processes differ by seconds.
      [ROW, LEASE_MS + 20_000, true],
      [ROW, 120_000, false],
      [ROW, 0, false],
      [ROW, -1, false],
      [tried, 900_000, true],
      [tried, MAX_RETRY_AFTER_MS, true],
      [tried, MAX_RETRY_AFTER_MS + 120_000, false],
    ] as const) {
      const nextTryAt = later(NOW, ahead);
      assert.equal(heldUntil({ ...row, nextTryAt }, NOW), isHeld ? nextTryAt : undefined, `${ahead}`);
    }
    assert.equal(heldUntil({ ...tried, nextTryAt: 'no time' }, NOW), undefined);
  });

  it('that is a day old waits for no next try, and still is left to whoever holds it', () => {
    const old = { ...ROW, attempts: 90, createdAt: later(NOW, -GIVE_UP_MS) };
    assert.equal(heldUntil({ ...old, nextTryAt: later(NOW, 600_000) }, NOW), undefined);
    assert.equal(heldUntil({ ...old, nextTryAt: later(NOW, LEASE_MS) }, NOW), later(NOW, LEASE_MS));
  });
});
