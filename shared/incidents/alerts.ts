import type { Incident } from './incident.ts';
import type { NoticeReason } from './notice-reason.ts';
import type { NotificationState } from './notification-state.ts';
import type { NotifyRequest } from './notify-request.ts';
import { msSince } from './stored-time.ts';

/** The alert of an incident from its first notice on, until access is back. */
export const FIRST_ALERT = '';
const LOST_AGAIN = 'lost-again';
const CONFIRMED = 'confirmed';
const DEADLINE = 'deadline';

/** People who were woken by the suspicion so shortly before are still at it. */
const SAME_CALL_MS = 2 * 60_000;

/**
 * The alert that a notice opens, or adds to, at a service that pages people. Such a service wakes somebody only
 * when an alert opens; what comes to an open one is appended (pdpyras 45). So there is one alert for each need
 * to wake somebody:
 *
 *   ''               the first notice; what gets worse and the reminders are added to it
 *   confirmed        a suspicion is certain, unless people were woken by it within two minutes and nobody has
 *                    acknowledged it
 *   lost-again-1     access was lost again; from then on it takes the place of the first
 *   deadline-1d      so much time is left
 *
 * Undefined: the notice wakes nobody. Pure.
 */
export function alertOfNotice(
  reason: NoticeReason,
  { isRelapse, hours }: Pick<NotifyRequest, 'isRelapse' | 'hours'>,
  about: { incident: Incident; before: NotificationState; now: string },
): string | undefined {
  const { incident, before, now } = about;
  const alerts = before.alerts ?? [];
  const main = alerts.findLast((alert) => alert.startsWith(LOST_AGAIN)) ?? FIRST_ALERT;
  switch (reason) {
    case 'opened':
    case 'suspected':
      return main;
    case 'worsened':
      return isRelapse ? numbered(LOST_AGAIN, alerts) : main;
    case 'reminder':
      // To enable the environments is work for office hours.
      return incident.state === 'accessRestored' ? undefined : main;
    case 'confirmed':
      return !incident.acknowledged && msSince(before.remindFrom, now) <= SAME_CALL_MS
        ? main
        : again(CONFIRMED, alerts);
    case 'deadline':
      return hours === undefined ? main : again(`${DEADLINE}-${inShort(hours)}`, alerts);
    default:
      return undefined;
  }
}

/** A deadline stays until the environments are enabled again; all others end when access is back. */
export function endsWithAccess(alert: string): boolean {
  return !alert.startsWith(DEADLINE);
}

function inShort(hours: number): string {
  return hours >= 24 ? `${hours / 24}d` : `${hours}h`;
}

function numbered(name: string, alerts: readonly string[]): string {
  return `${name}-${alerts.filter((alert) => alert.startsWith(`${name}-`)).length + 1}`;
}

/** The same need for the second time, while the alert of the first may still be open. */
function again(name: string, alerts: readonly string[]): string {
  return alerts.includes(name)
    ? `${name}-${alerts.filter((alert) => alert.startsWith(name)).length + 1}`
    : name;
}
