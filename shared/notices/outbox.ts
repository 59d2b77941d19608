import { createHash } from 'node:crypto';
import { policyKey } from '../incidents/ids.ts';
import type { NoticeIntent, Transition } from '../incidents/incident.ts';
import { untilOrIgnored } from '../incidents/stored-time.ts';
import type { OutboxRow, Progress } from '../storage/incident-store.ts';
import { ownNoticeId } from '../storage/keys.ts';
import { type VisibilityNotice, WATCH_ITSELF } from '../visibility/visibility-state.ts';
import { type Channel, MAX_RETRY_AFTER_MS, type SendResult } from './notice.ts';
import { isBegun, noProgress } from './progress.ts';
import { type Routes, routed } from './routes.ts';

/** How long a process may hold a row before others may try it, in milliseconds. */
export const LEASE_MS = 30_000;
/** After this long without success a notice is given up, with its reason. */
export const GIVE_UP_MS = 24 * 3_600_000;

/**
 * A row is created with a lease of the committing process, since that process sends at once; if it dies, the
 * row becomes due when the lease ends.
 */
export function newlyLeased(now: string): Pick<OutboxRow, 'createdAt' | 'state' | 'attempts' | 'nextTryAt'> {
  return { createdAt: now, state: 'pending', attempts: 0, nextTryAt: later(now, LEASE_MS) };
}

/**
 * The rows that a transition requests: one per notice and channel. The id is derived from the incident, the
 * reason and the reading, so that a redelivery with the same decision makes the same row. `routes`: the
 * channels of each reason.
 */
export function outboxRows(
  transition: Transition,
  channels: readonly string[],
  now: string,
  routes?: Routes,
): OutboxRow[] {
  return transition.notices.flatMap((intent) => {
    const about = subjectOf(intent, transition);
    if (!about) return [];
    // One that belongs to no incident is found by its time.
    const prefix = transition.incident
      ? about.incidentId
      : ownNoticeId(about.incidentId, Date.parse(intent.at));
    // Two silences of the same moment are two notices.
    const key = intent.silence ? `${intent.reason}|${JSON.stringify(intent.silence)}` : intent.reason;
    return routed(intent.reason, channels, routes).map((channel) => ({
      ...about,
      noticeId: noticeId(about.incidentId, prefix, { ...intent, key }),
      channel,
      reason: intent.reason,
      group: intent.group,
      because: intent.because,
      ...newlyLeased(now),
    }));
  });
}

/** A silence needs no incident: then its rows are under the policy itself. */
function subjectOf(
  { silence }: NoticeIntent,
  { incident, policyState: { policyId } }: Transition,
): Pick<OutboxRow, 'policyId' | 'incidentId' | 'incident' | 'silence'> | undefined {
  if (silence) return { policyId, incidentId: incident?.id ?? policyKey(policyId), silence };
  return incident && { policyId: incident.policyId, incidentId: incident.id, incident };
}

/** The rows of a notice about Lockwatch itself. */
export function visibilityRows(
  notices: readonly VisibilityNotice[],
  channels: readonly Pick<Channel, 'name' | 'keepsAlerts'>[],
  now: string,
  routes?: Routes,
): OutboxRow[] {
  return notices.flatMap((visibility) =>
    routed(visibility.reason, takersOf(visibility, channels), routes).map((channel) => ({
      policyId: WATCH_ITSELF,
      incidentId: WATCH_ITSELF,
      noticeId: `${visibility.id}-${visibility.reason}`,
      channel,
      reason: visibility.reason,
      group: `${visibility.reason}|${visibility.id}|`,
      because: whyOf(visibility),
      ...newlyLeased(now),
      visibility,
    })),
  );
}

/** That early warnings are over is no news to people: only the services that keep their alerts open get it. */
function takersOf(
  { warnings }: VisibilityNotice,
  channels: readonly Pick<Channel, 'name' | 'keepsAlerts'>[],
): string[] {
  const isOnlyEnd = warnings && warnings.items.length === 0 && !warnings.silences;
  return channels.filter(({ keepsAlerts }) => keepsAlerts || !isOnlyEnd).map(({ name }) => name);
}

function whyOf({ reason, gaps, warnings, channels = [] }: VisibilityNotice): string {
  if (reason === 'deliveryRestored')
    return `The channel ${channels.map(({ channel }) => channel).join(', ')} no longer fails.`;
  if (warnings) return `${warnings.items.length + warnings.more} early warnings stand.`;
  return `${gaps.length} of what Lockwatch watches ${reason === 'visibilityLost' ? "can't be seen" : 'can be seen again'}.`;
}

function noticeId(
  incidentId: string,
  prefix: string,
  { reason, key, at }: { reason: string; key: string; at: string },
): string {
  const hash = createHash('sha256').update(`${incidentId}|${key}|${at}`).digest('hex').slice(0, 12);
  return `${prefix}-${reason}-${hash}`;
}

/** The id of one message: the same rows always make the same message, also when it is sent again. */
export function messageIdOf(rows: readonly OutboxRow[]): string {
  const begun = rows[0]?.progress?.messageId;
  if (begun !== undefined) return begun;
  const ids = rows.map((row) => row.noticeId).sort();
  return createHash('sha256')
    .update([rows[0]?.channel, rows[0]?.group, ...ids].join('|'))
    .digest('hex')
    .slice(0, 24);
}

/**
 * The row after a try, according to the channel's answer. Growing delay: 15 s, 30 s, 1, 2, 4, … up to 15
 * minutes. If the channel's breaker is open until `openUntil`, until then, or earlier if the channel works
 * earlier. What is on its way is asked about after 1, 2, 4, … minutes: Communication Services allows two such
 * questions for each mail (service limits: Email).
 */
export function afterTry(
  { waitsForChannel: _, progress: before, ...rest }: OutboxRow,
  result: SendResult,
  messageId: string,
  now: string,
  { openUntil, progress = before ?? noProgress() }: { openUntil?: string; progress?: Progress } = {},
): OutboxRow {
  const attempts = rest.attempts + 1;
  if (result.outcome === 'sent') {
    const lastError = progress.refused.length > 0 ? refusedFor(progress) : undefined;
    return { ...rest, attempts, state: 'sent', sentAt: now, messageId, lastError };
  }
  const row = isBegun(progress) ? { ...rest, progress: { ...progress, messageId } } : rest;
  if (result.outcome === 'accepted') {
    const lastError = result.detail;
    if (isExpired(row, now)) return { ...row, attempts, state: 'givenUp', lastError };
    const asked = Math.min(result.askAgainMs ?? 0, MAX_RETRY_AFTER_MS);
    const delay = Math.max(Math.min(60_000 * 2 ** rest.attempts, 900_000), asked);
    return { ...row, attempts, lastError, nextTryAt: later(now, delay) };
  }
  if (result.permanent || isExpired(row, now))
    return { ...row, attempts, state: 'givenUp', lastError: result.detail };
  if (openUntil !== undefined)
    return { ...row, attempts, lastError: result.detail, nextTryAt: openUntil, waitsForChannel: true };
  const asked = Math.min(result.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  const delay = Math.max(Math.min(15_000 * 2 ** (attempts - 1), 900_000), asked);
  return { ...row, attempts, lastError: result.detail, nextTryAt: later(now, delay) };
}

/** For whom a message was refused, and why. Pure. */
export function refusedFor({ refused }: Pick<Progress, 'refused'>): string {
  const named = refused.slice(0, MAX_NAMED).map(({ to, why }) => `${to} (${why})`);
  const more = refused.length - named.length;
  return `Refused for ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
const MAX_NAMED = 10;

/**
 * Until when a pending row must not be taken: another process has a lease on it, or its next try is in the
 * future. Undefined: it may be taken now. A row that was never tried can only have a lease. One that is a day
 * old no longer waits for its next try. Pure.
 */
export function heldUntil(
  row: Pick<OutboxRow, 'attempts' | 'createdAt' | 'nextTryAt'>,
  now: string,
): string | undefined {
  const canOnlyBeHeld = row.attempts === 0 || isExpired(row, now);
  return untilOrIgnored(row.nextTryAt, now, canOnlyBeHeld ? LEASE_MS : MAX_RETRY_AFTER_MS);
}

/** Whether a row has been tried, or held back, for so long that it is given up. */
export function isExpired(row: Pick<OutboxRow, 'createdAt'>, now: string): boolean {
  return Date.parse(now) - Date.parse(row.createdAt) >= GIVE_UP_MS;
}

export function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
