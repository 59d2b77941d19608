import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  afterGiveUp,
  afterSend,
  breakerStateOf,
  isFreshAlarm,
  OPENS_AFTER,
  whileProbing,
} from '../../shared/notices/breaker.ts';
import type { SendResult } from '../../shared/notices/notice.ts';
import { later } from '../../shared/notices/outbox.ts';
import type { ChannelHealth } from '../../shared/storage/channel-health.ts';

const START = '2026-11-20T10:00:00.000Z';
const SENT: SendResult = { outcome: 'sent', detail: 'accepted' };
const BUSY: SendResult = { outcome: 'failed', permanent: false, detail: 'HTTP 503' };
const REFUSED: SendResult = { outcome: 'failed', permanent: true, detail: 'HTTP 400' };
const RETRY = { reason: 'opened', attempts: 2 } as const;
const ALARM = { reason: 'opened', attempts: 0 } as const;
const REMINDER = { reason: 'reminder', attempts: 0 } as const;
const NEW: ChannelHealth = { channel: 'teams', failures: 0 };

function fail(times: number, before = NEW, at = START): ChannelHealth {
  let health = before;
  for (let n = 0; n < times; n += 1) health = afterSend(health, BUSY, at, at) ?? health;
  return health;
}
const pauseOf = (health: ChannelHealth, at = START) =>
  health.openUntil === undefined ? 0 : (Date.parse(health.openUntil) - Date.parse(at)) / 1000;

describe('a channel’s breaker', () => {
  it('lets everything through until five tries in a row have failed', () => {
    for (let n = 0; n < OPENS_AFTER; n += 1)
      assert.equal(breakerStateOf(fail(n), RETRY, later(START, n)), 'open', `${n}`);
    assert.equal(breakerStateOf(fail(OPENS_AFTER), RETRY, START), 'shut');
    assert.equal(breakerStateOf(undefined, RETRY, START), 'open');
  });

  it('delivers again with the first later try that reaches everybody, and not with one under way before', () => {
    const gaveUp = afterGiveUp({ ...NEW, lastSuccessAt: START }, later(START, 1_000));
    const after = (result: SendResult, beganMs: number, missed = 0) =>
      afterSend(gaveUp, result, later(START, beganMs), later(START, 9_000), { missed })?.deliveredAt;
    assert.equal(after(SENT, 500), undefined, 'it had begun before');
    assert.equal(after(SENT, 2_000, 1), undefined, 'it missed somebody');
    assert.equal(after(BUSY, 2_000), undefined);
    assert.equal(after({ outcome: 'accepted', detail: 'on its way' }, 2_000), undefined);
    assert.equal(after(SENT, 2_000), later(START, 9_000));
    assert.equal(afterGiveUp({ ...gaveUp, deliveredAt: START }, START).deliveredAt, undefined);
  });

  it('leaves the channel alone for longer and longer, and never longer than 15 minutes', () => {
    const pauses: number[] = [];
    let health = fail(OPENS_AFTER);
    let at = START;
    for (let n = 0; n < 8; n += 1) {
      pauses.push(pauseOf(health, at));
      at = health.openUntil ?? '';
      assert.equal(breakerStateOf(health, RETRY, at), 'probe');
      health = afterSend(whileProbing(health, at), BUSY, at, at) ?? health;
    }
    assert.deepEqual(pauses, [30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it('lets one probe go at a time, and another where that one died', () => {
    const open = fail(OPENS_AFTER);
    const at = later(START, 30_000);
    const probing = whileProbing(open, at);
    assert.equal(breakerStateOf(probing, RETRY, later(at, 29_000)), 'shut');
    assert.equal(breakerStateOf(probing, RETRY, later(at, 30_000)), 'probe');
  });

  it('is not held open by a clock that ran ahead: one probe goes, and its result counts as any other', () => {
    const ahead = later(START, 365 * 86_400_000);
    const wrong = { ...fail(OPENS_AFTER), openUntil: ahead, openedAt: ahead, lastTryAt: ahead };
    assert.equal(breakerStateOf(wrong, RETRY, START), 'probe');
    assert.equal(breakerStateOf({ ...wrong, openUntil: later(START, 60_000) }, ALARM, START), 'probe');
    const probing = whileProbing(wrong, START);
    assert.equal(
      breakerStateOf(probing, RETRY, later(START, 29_000)),
      'shut',
      'nobody else probes meanwhile',
    );
    assert.equal(breakerStateOf(probing, RETRY, later(START, 30_000)), 'probe');
    assert.equal(pauseOf(afterSend(probing, BUSY, START, START) ?? NEW), 60);
    assert.equal(afterSend({ ...NEW, failingSince: ahead }, BUSY, START, START)?.failingSince, START);
    const working = { ...NEW, lastSuccessAt: ahead };
    assert.equal(afterSend(working, SENT, START, START)?.lastSuccessAt, START);
  });

  it('is closed by a success, which forgets the failures', () => {
    const closed = afterSend(fail(9), SENT, START, later(START, 60_000));
    assert.deepEqual(closed, {
      channel: 'teams',
      failures: 0,
      lastSuccessAt: later(START, 60_000),
      lastTryAt: later(START, 60_000),
    });
  });

  it('is closed by a refusal of one notice, which is an answer, but goes on being reported as failing', () => {
    const closed = afterSend(fail(9), REFUSED, START, START);
    assert.equal(breakerStateOf(closed, RETRY, START), 'open');
    assert.deepEqual([closed?.failures, closed?.failingSince, closed?.lastError], [0, START, 'HTTP 400']);
  });

  it('obeys a Retry-After at once, and stays open afterwards until something gets through', () => {
    const throttled = afterSend(NEW, { ...BUSY, retryAfterMs: 120_000 }, START, START);
    assert(throttled);
    assert.equal(pauseOf(throttled), 120);
    assert.equal(breakerStateOf(throttled, RETRY, later(START, 119_999)), 'shut');
    const at = later(START, 120_000);
    assert.equal(pauseOf(fail(1, throttled, at), at), 30);
  });

  it('takes a fresh alarm as a probe of its own, but not within 30 s of the last try', () => {
    const open = fail(12);
    assert.equal(pauseOf(open), 900);
    assert.equal(breakerStateOf(open, ALARM, later(START, 29_999)), 'shut');
    assert.equal(breakerStateOf(open, ALARM, later(START, 30_000)), 'probe');
    assert.equal(breakerStateOf(open, RETRY, later(START, 30_000)), 'shut');
    assert.equal(breakerStateOf(open, REMINDER, later(START, 30_000)), 'shut');
    assert(isFreshAlarm(ALARM) && !isFreshAlarm(RETRY) && !isFreshAlarm(REMINDER));
  });

  it('counts tries that were under way when it opened as nothing new', () => {
    const open = fail(OPENS_AFTER);
    assert.equal(afterSend(open, BUSY, later(START, -5_000), later(START, 4_000)), undefined);
    assert.equal(afterSend(open, SENT, later(START, -5_000), later(START, 4_000))?.openUntil, undefined);
  });

  it('writes a success down only now and then while the channel works', () => {
    const working = afterSend(NEW, SENT, START, START);
    assert(working);
    assert.equal(afterSend(working, SENT, START, later(START, 59_000)), undefined);
    assert.equal(afterSend(working, SENT, START, later(START, 60_000))?.lastSuccessAt, later(START, 60_000));
  });

  it('whatever happens, is never shut for more than 15 minutes or the longest Retry-After', () => {
    const result = fc.oneof(
      fc.constantFrom(SENT, BUSY, REFUSED),
      fc.integer({ min: 1, max: 3_600_000 }).map((retryAfterMs) => ({ ...BUSY, retryAfterMs })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(result, fc.integer({ min: 0, max: 1_000_000 }))), (story) => {
        let health = NEW;
        let now = START;
        let longest = 900_000;
        for (const [what, passed] of story) {
          now = later(now, passed);
          if ('retryAfterMs' in what) longest = Math.max(longest, what.retryAfterMs ?? 0);
          const breakerState = breakerStateOf(health, RETRY, now);
          if (breakerState === 'shut') {
            assert(pauseOf(health, now) * 1000 <= longest);
            continue;
          }
          if (breakerState === 'probe') health = whileProbing(health, now);
          health = afterSend(health, what, now, now) ?? health;
          assert.equal(health.openUntil === undefined || what.outcome === 'failed', true);
        }
      }),
    );
  });
});
