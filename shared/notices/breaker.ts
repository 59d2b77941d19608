import type { NoticeReason } from '../incidents/notice-reason.ts';
import { msSince, pastOrIgnored, untilOrIgnored } from '../incidents/stored-time.ts';
import type { ChannelHealth } from '../storage/channel-health.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { MAX_RETRY_AFTER_MS, type SendResult } from './notice.ts';
import { LEASE_MS, later } from './outbox.ts';

/** After this many failures in a row, the breaker opens. */
export const OPENS_AFTER = 5;
const MIN_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 900_000;
/** A new urgent notice is a probe of its own if the last try is at least this old. */
const ALARM_AFTER_MS = 30_000;
/** The maximum age of the stored last success while the channel keeps working. */
const SUCCESS_FOR_MS = 60_000;

/** Notices that can't wait for a pause to end. */
const ALARMS: ReadonlySet<NoticeReason> = new Set([
  'opened',
  'suspected',
  'confirmed',
  'worsened',
  'deadline',
  'visibilityLost',
  'drill',
]);

/** The first try of an urgent notice. */
export function isFreshAlarm(row: Pick<OutboxRow, 'reason' | 'attempts'>): boolean {
  return row.attempts === 0 && ALARMS.has(row.reason);
}

/**
 * Whether a notice may go to its channel now. The breaker of a channel:
 *
 *   closed ── 5 failures in a row, or Retry-After ─▶ open, for 30 s, 1, 2, 4, 8, then 15 min (or Retry-After)
 *   open ──── the pause is over: a notice as probe ─▶ closed, if it is sent; else open for the next pause
 *
 * A new urgent notice does not wait for the pause to end: it is a probe by itself, unless the last try is
 * less than 30 s old. So an urgent notice reaches a channel that works again at once, the others within one
 * pause of at most 15 minutes, and any one process tries a failed channel at most twice a minute. Pure.
 */
export function breakerStateOf(
  health: ChannelHealth | undefined,
  row: Pick<OutboxRow, 'reason' | 'attempts'>,
  now: string,
): 'open' | 'probe' | 'shut' {
  if (!health || health.openUntil === undefined) return 'open';
  if (isFreshAlarm(row) && msSince(health.lastTryAt, now) >= ALARM_AFTER_MS) return 'probe';
  return pausedUntil(health, now) === undefined ? 'probe' : 'shut';
}

/** The longest pause is the longest Retry-After. */
function pausedUntil({ openUntil }: ChannelHealth, now: string): string | undefined {
  return untilOrIgnored(openUntil, now, MAX_RETRY_AFTER_MS);
}

/**
 * A process records its probe first: nobody else probes while its lease lasts, and another may if it dies.
 * Pure.
 */
export function whileProbing(health: ChannelHealth, now: string): ChannelHealth {
  const over = later(now, LEASE_MS);
  const openUntil = [pausedUntil(health, now) ?? over, over].sort().at(-1);
  return { ...health, lastTryAt: now, openUntil };
}

/**
 * The channel's row after a try that began at `began`. A permanent refusal concerns one notice only: the
 * channel works, so it closes the breaker, but it is no success. `missed`: how many recipients it was refused
 * for. Undefined: nothing to write. Pure.
 */
export function afterSend(
  before: ChannelHealth,
  result: SendResult,
  began: string,
  now: string,
  { missed = 0 }: { missed?: number } = {},
): ChannelHealth | undefined {
  const { channel, lastSuccessAt, gaveUpAt, deliveredAt } = before;
  const reported: Pick<ChannelHealth, 'gaveUpAt' | 'deliveredAt'> = {
    ...(gaveUpAt === undefined ? {} : { gaveUpAt }),
    ...(deliveredAt === undefined ? {} : { deliveredAt }),
  };
  if (result.outcome !== 'failed') {
    const isKnown = before.failingSince === undefined && msSince(lastSuccessAt, now) < SUCCESS_FOR_MS;
    const isBack =
      result.outcome === 'sent' &&
      missed === 0 &&
      gaveUpAt !== undefined &&
      deliveredAt === undefined &&
      Date.parse(began) > Date.parse(gaveUpAt);
    if (isBack) reported.deliveredAt = now;
    if (isKnown && !isBack) return undefined;
    return { channel, failures: 0, lastSuccessAt: now, lastTryAt: now, ...reported };
  }
  const failed: ChannelHealth = {
    channel,
    ...reported,
    failures: result.permanent ? 0 : before.failures + 1,
    failingSince: pastOrIgnored(before.failingSince, now) ?? now,
    lastTryAt: now,
    lastError: result.detail.slice(0, 1000),
  };
  if (lastSuccessAt !== undefined) failed.lastSuccessAt = lastSuccessAt;
  if (result.permanent) return failed;
  // Tries that had begun before the breaker opened say nothing new, and must not extend the pause.
  const openedAt = pastOrIgnored(before.openedAt, now);
  if (openedAt !== undefined && Date.parse(began) < Date.parse(openedAt)) return undefined;
  const isOpen = before.openUntil !== undefined;
  const pauseMs = Math.max(
    pauseAfter(failed.failures, isOpen),
    Math.min(result.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS),
  );
  if (pauseMs === 0) return failed;
  return { ...failed, openedAt: now, openUntil: later(now, pauseMs) };
}

/**
 * The channel's row after it gave up a notice, or did not reach some recipients: from then on, the next notice that
 * reaches everybody ends what the other channels report of it. Pure.
 */
export function afterGiveUp({ deliveredAt: _earlier, ...before }: ChannelHealth, now: string): ChannelHealth {
  return { ...before, gaveUpAt: now };
}

/** 30 s after the fifth failure, then 1, 2, 4, 8 and at most 15 min. Once open, only a success closes it. */
function pauseAfter(failures: number, isOpen: boolean): number {
  if (failures < OPENS_AFTER) return isOpen ? MIN_PAUSE_MS : 0;
  return Math.min(MIN_PAUSE_MS * 2 ** Math.min(failures - OPENS_AFTER, 10), MAX_PAUSE_MS);
}
