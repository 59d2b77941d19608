import { alertOfNotice } from './alerts.ts';
import { groupOf } from './causes.ts';
import { tightestDeadline } from './deadlines.ts';
import type { Incident, NoticeIntent, Person } from './incident.ts';
import { areCausesKnown, knownCauses, wereCausesKnown } from './known-causes.ts';
import type { NoticeReason } from './notice-reason.ts';
import type { NotificationState, SuppressionReason } from './notification-state.ts';
import type { NotifyContext, NotifyDecision, NotifyRequest, Suppression } from './notify-request.ts';
import { DEFERRABLE, ENDS, FLAPPING, KEPT } from './reason-rules.ts';
import { standingSilence } from './silence.ts';
import { msSince, pastOrIgnored } from './stored-time.ts';

const HOUR_MS = 3_600_000;
/** More notifications of "it is back" and "it is lost again" than this within an hour are flapping. */
export const MAX_RECENT_TRANSITIONS = 4;
/** A reminder so soon after another notice has no value. */
const JUST_NOTIFIED_MS = 10 * 60_000;

/**
 * Decides whether people are notified. Pure. The rules, in their order:
 *
 *   neverNotified     the end of something that people were never notified of is no news, unless a person
 *                     closed it while its causes were present
 *   silenced          somebody requested a silence; a worsening, a deadline within 24 h, and the end of an
 *                     incident that people know of are sent all the same, and so is a confirmation unless the
 *                     lock was intended (a planned silence)
 *   alreadyNotified   people know this cause, or still believe that access is lost
 *   flapping          access, or part of a cause, comes and goes: the state is reported once it is stable
 *                     (`reminder-schedule.ts`)
 *   acknowledged      somebody acknowledged it: no reminders
 *   justNotified      people were notified a moment ago: no reminder
 *
 * The first notice of an incident is `opened` or `suspected`, unless the request is for `closed`,
 * `accessRestored` or `deadline`.
 */
export function decideNotify(request: NotifyRequest, about: NotifyContext): NotifyDecision {
  const recentTransitions = lastHour(about.recentTransitions ?? [], about.now);
  const suppressed = suppressionOf(request, about, recentTransitions);
  const notification = countedFromNow(
    about.incident.notification ?? initialNotification(about.incident),
    about.now,
  );
  if (suppressed)
    return {
      notification: afterSuppress(notification, request, suppressed, about),
      recentTransitions,
      suppressed,
    };
  const reason = firstWord(request.reason, about.incident, notification);
  const notice: NoticeIntent = {
    reason,
    group: groupOf(reason, about.incident),
    because: request.because,
    at: about.now,
  };
  return {
    notification: withAlert(afterNotify(notification, request, about), reason, request, about, notification),
    recentTransitions: isTransition(request) ? [...recentTransitions, about.now] : recentTransitions,
    notice,
  };
}

/** Reminders count from now if a clock that ran ahead set the start of the count. */
export function countedFromNow(notification: NotificationState, now: string): NotificationState {
  if (pastOrIgnored(notification.remindFrom, now) !== undefined) return notification;
  return { ...notification, remindFrom: now, reminded: 0 };
}

/** The notification state of an incident before the first notification. */
export function initialNotification({ openedAt }: Pick<Incident, 'openedAt'>): NotificationState {
  return { causes: [], remindFrom: openedAt, reminded: 0 };
}

function suppressionOf(
  request: NotifyRequest,
  about: NotifyContext,
  recentTransitions: readonly string[],
): Suppression | undefined {
  const { incident, now } = about;
  const notified = incident.notification?.notified;
  const because = (why: SuppressionReason, text: string): Suppression => ({
    reason: request.reason,
    because: why,
    text: `Not notified (${request.reason}): ${text}`,
  });
  if (notified === undefined && ENDS.has(request.reason) && !request.isStanding)
    return because('neverNotified', 'nobody was notified that it began.');
  // An eased incident may reveal a cause that nobody knows of.
  const revealsMore = request.reason === 'eased' && !areCausesKnown(incident);
  const silence = standingSilence(about.silences, incident, now);
  if (silence && !revealsMore && !isHeardInSilence(request, notified !== undefined, silence.isPlanned))
    return because(
      'silenced',
      `${nameOf(silence.silence.by)} asked for silence until ${silence.silence.until}: ${silence.silence.why}`,
    );
  if (
    request.isRelapse &&
    notified?.state === incident.state &&
    !request.hasMoreEnvironments &&
    areCausesKnown(incident)
  )
    return because('alreadyNotified', 'people were not notified that access had come back in between.');
  if (request.reason === 'worsened' && !request.isRelapse && !request.hasMoreEnvironments) {
    if (areCausesKnown(incident))
      return because(
        'alreadyNotified',
        'people know of these causes, and were not notified that one had gone.',
      );
    if (!request.isStable && wereCausesKnown(incident, now))
      return because('flapping', 'part of a cause came and went within an hour.');
  }
  if (
    FLAPPING.has(request.reason) &&
    !revealsMore &&
    !request.isStable &&
    recentTransitions.length >= MAX_RECENT_TRANSITIONS
  )
    return because('flapping', `access came and went ${recentTransitions.length} times within an hour.`);
  if (request.reason !== 'reminder' || request.isLast) return undefined;
  if (incident.acknowledged)
    return because('acknowledged', `${nameOf(incident.acknowledged.by)} has it in hand.`);
  if (msSince(notified?.at, now) < JUST_NOTIFIED_MS)
    return because('justNotified', 'another notification was sent less than 10 minutes ago.');
  return undefined;
}

function isHeardInSilence(
  { reason, hours, isStanding }: NotifyRequest,
  isNotified: boolean,
  isPlanned: boolean,
): boolean {
  switch (reason) {
    case 'worsened':
      return true;
    case 'deadline':
      return hours !== undefined && hours <= 24;
    case 'confirmed':
      return !isPlanned;
    case 'accessRestored':
    case 'closed':
      return isNotified || isStanding === true;
    default:
      return false;
  }
}

function isTransition({ reason, isRelapse }: NotifyRequest): boolean {
  return isRelapse === true || FLAPPING.has(reason);
}

function firstWord(reason: NoticeReason, { state }: Incident, { notified }: NotificationState): NoticeReason {
  if (notified !== undefined || KEPT.has(reason)) return reason;
  return state === 'suspected' ? 'suspected' : 'opened';
}

function afterSuppress(
  notification: NotificationState,
  request: NotifyRequest,
  { reason, because }: Suppression,
  { incident: { recoverBy }, now }: NotifyContext,
): NotificationState {
  // Decided once: a deadline that a silence suppressed is notified when the silence ends.
  if (request.hours !== undefined)
    return {
      ...notification,
      ...notifiedDeadline(request.hours, recoverBy),
      deferred: notification.deferred ?? { reason: 'deadline', since: now, because },
    };
  if (because === 'alreadyNotified') {
    // A deferred `accessRestored` is no longer true.
    const { deferred, ...rest } = notification;
    return deferred?.reason === 'accessRestored' ? rest : notification;
  }
  if ((because !== 'silenced' && because !== 'flapping') || !DEFERRABLE.has(reason)) return notification;
  if (reason === 'worsened' && notification.deferred?.because === 'silenced') return notification;
  return { ...notification, deferred: { reason, since: now, because } };
}

function afterNotify(
  before: NotificationState,
  { reason, isRelapse }: NotifyRequest,
  { incident, now }: NotifyContext,
): NotificationState {
  const {
    deferred: _paid,
    subjects: _told,
    subjectsBefore: _earlier,
    suspected: _,
    ...notification
  } = before;
  const left = (Date.parse(incident.recoverBy) - Date.parse(now)) / HOUR_MS;
  const tightest = tightestDeadline(left);
  const isAnew =
    before.notified === undefined ||
    before.notified.state !== incident.state ||
    isRelapse === true ||
    // A warning without environments that has become a full incident.
    reason === 'opened' ||
    reason === 'suspected';
  const next: NotificationState = {
    ...notification,
    notified: { state: incident.state, at: now },
    ...knownCauses(reason, incident, before, now),
  };
  // Every notice states the deadline, so deadlines that have passed by now need no notice of their own.
  if (tightest !== undefined && isNews(tightest, incident))
    Object.assign(next, notifiedDeadline(tightest, incident.recoverBy));
  if (isAnew) Object.assign(next, { remindFrom: now, reminded: 0 });
  return next;
}

function withAlert(
  { alert: _last, ...next }: NotificationState,
  reason: NoticeReason,
  request: NotifyRequest,
  { incident, now }: NotifyContext,
  before: NotificationState,
): NotificationState {
  const alert = alertOfNotice(reason, request, { incident, before, now });
  if (alert === undefined) return next;
  return { ...next, alert, alerts: [...new Set([...(before.alerts ?? []), alert])] };
}

function notifiedDeadline(hours: number, recoverBy: string): Partial<NotificationState> {
  return { deadlineNotifiedHours: hours, deadlineNotifiedFor: recoverBy };
}

/** Whether people have not been notified yet that so little time is left. */
export function isNews(
  hours: number,
  { recoverBy, notification }: Pick<Incident, 'recoverBy' | 'notification'>,
): boolean {
  const { deadlineNotifiedHours, deadlineNotifiedFor = recoverBy } = notification ?? {};
  if (deadlineNotifiedHours === undefined || hours < deadlineNotifiedHours) return true;
  return Date.parse(recoverBy) > Date.parse(deadlineNotifiedFor);
}

function lastHour(recentTransitions: readonly string[], now: string): string[] {
  return recentTransitions.filter((at) => msSince(at, now) < HOUR_MS);
}

function nameOf({ name }: Person): string {
  return name;
}
