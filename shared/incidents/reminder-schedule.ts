import { isShownRunning } from '../facts/environment-state.ts';
import { isOnlyWarning } from './causes.ts';
import { tightestDeadline } from './deadlines.ts';
import { affectedEnvironments, linkedMembers } from './environments.ts';
import type { Incident, PolicyState } from './incident.ts';
import { areCausesKnown } from './known-causes.ts';
import { initialNotification, isNews } from './notification-policy.ts';
import type { NotifyRequest } from './notify-request.ts';
import { hasEnded, standingSilence } from './silence.ts';
import { msSince } from './stored-time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** After the first notice; then daily. */
const REMINDERS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS];
/** Access is back, and the rest is work for office hours. */
const REMINDERS_ONCE_RESTORED = [4 * HOUR_MS];
/** A flapping state is reported once it has not changed for this long. */
const STABLE_MS = 10 * MINUTE_MS;

export interface TimedNotification {
  request?: NotifyRequest;
  /** How many reminders have come due by now, sent or not. */
  reminded: number;
  /** Silences that have ended are removed, and the timeline records their end. */
  endedSilence?: string;
}

/**
 * The notification that is due now in an open incident: first one that a silence or flapping deferred, then a
 * deadline, then a reminder; one at a time. Pure. Times ISO 8601.
 */
export function timedNotification(
  policyState: PolicyState,
  incident: Incident,
  now: string,
): TimedNotification {
  const notification = incident.notification ?? initialNotification(incident);
  const elapsed = Date.parse(now) - Date.parse(notification.remindFrom);
  const reminded = Math.max(notification.reminded, slotsBy(elapsed, incident));
  const ended = [...(policyState.silences ?? []), ...(incident.silence ? [incident.silence] : [])]
    .filter((silence) => hasEnded(silence, now))
    .sort((a, b) => Date.parse(b.until) - Date.parse(a.until))[0];
  const endedSilence = ended && `The silence that ${ended.by.name} asked for ended at ${ended.until}.`;
  const isSilent = standingSilence(policyState.silences, incident, now) !== undefined;
  const deferred = held(incident, now, { ended: endedSilence, isSilent });
  const late = deadlineRequest(policyState, incident, now);
  // A deadline is more important than the end of a silence, and is sent even if somebody acknowledged the
  // incident.
  const request =
    deferred?.reason === 'reminder' && late
      ? late
      : (deferred ?? late ?? reminder(policyState, incident, reminded > notification.reminded));
  return { request, reminded, endedSilence };
}

/** A deferred notification reports the current state, which may have changed twice in the meantime. */
function held(
  incident: Incident,
  now: string,
  { ended, isSilent }: { ended: string | undefined; isSilent: boolean },
): NotifyRequest | undefined {
  const { deferred, notified } = incident.notification ?? initialNotification(incident);
  const isStable = deferred?.because === 'flapping' && msSince(deferred.since, now) >= STABLE_MS;
  const isHeld = deferred?.because === 'silenced' || isStable;
  if (isSilent || (ended === undefined && !isHeld)) return undefined;
  if (incident.noEnvironments && notified !== undefined) return undefined;
  const how =
    ended ??
    (isStable ? 'Access came and went; it has stayed like this for 10 minutes.' : 'The silence is over.');
  const because = `${how} ${STANDS[incident.state] ?? ''}`.trim();
  const hours = tightestDeadline(hoursLeft(incident, now));
  if (notified?.state === incident.state && deferred?.reason === 'deadline' && hours !== undefined)
    return { reason: 'deadline', because: `${how} ${leftInWords(incident, now)}`, hours };
  const isBack = incident.state === 'accessRestored';
  if (notified?.state === incident.state && !isBack && !areCausesKnown(incident)) {
    const isPart = ended === undefined && isStable && deferred?.reason === 'worsened';
    const causes = incident.causes.map(({ finding }) => finding.summary).join(' ');
    return { reason: 'worsened', because: `${isPart ? PART_STABLE : how} ${causes}`, isStable: true };
  }
  if (notified?.state === incident.state)
    return ended === undefined ? undefined : { reason: 'reminder', because };
  if (incident.state === 'accessRestored') return { reason: 'accessRestored', because, isStable };
  if (incident.noEnvironments) return { reason: 'keyUnreachable', because, isStable };
  if (notified === undefined)
    return { reason: incident.state === 'suspected' ? 'suspected' : 'opened', because, isStable };
  if (notified.state === 'accessRestored') return { reason: 'worsened', because, isRelapse: true };
  return { reason: 'confirmed', because };
}

const PART_STABLE = 'Part of it came and went; it has stayed like this for 10 minutes.';

const STANDS: Partial<Record<Incident['state'], string>> = {
  suspected: 'The suspicion still stands.',
  revoked: 'Access is still lost.',
  accessRestored: 'Access is back.',
};

/** False where people get neither reminders nor deadlines, so no text may mention them. */
export function hasReminders(incident: Incident): boolean {
  return !isOnlyWarning(incident) && incident.askedToCloseAt === undefined;
}

/** The deadline of an incident that has come, and of which people have not been notified. */
export function deadlineRequest(
  policyState: PolicyState,
  incident: Incident,
  now: string,
): NotifyRequest | undefined {
  const hours = tightestDeadline(hoursLeft(incident, now));
  if (hours === undefined || !isNews(hours, incident) || !hasReminders(incident)) return undefined;
  if (!mayBeLost(policyState, incident, now)) return undefined;
  return { reason: 'deadline', because: leftInWords(incident, now), hours };
}

function reminder(policyState: PolicyState, incident: Incident, isDue: boolean): NotifyRequest | undefined {
  if (!isDue || incident.notification?.notified === undefined || !hasReminders(incident)) return undefined;
  const because = [STANDS[incident.state] ?? '', ...whoStillRuns(policyState, incident)].join(' ');
  return { reason: 'reminder', because };
}

/** A list may itself be slightly late. */
const LIST_LATE_MS = 5 * MINUTE_MS;

/**
 * Environments go offline at once (Power Platform docs: Lock environments), but the delay until this shows is
 * not published. If a list from well after the lock shows environments running, the notice must say so and
 * not only call them offline.
 */
function whoStillRuns({ history }: PolicyState, incident: Incident): string[] {
  const list = history.environments;
  const since = Date.parse(incident.lockedSince ?? incident.openedAt);
  if (incident.state === 'accessRestored' || list?.source !== 'powerPlatform') return [];
  if (Date.parse(list.asOf) < since + LIST_LATE_MS) return [];
  const members = linkedMembers(history) ?? [];
  const running = members.filter(isShownRunning).length;
  if (running === 0) return [];
  const expected = incident.state === 'revoked' ? ' Expect that to end.' : '';
  return [
    `Power Platform still showed ${running} of ${members.length} environments running at ${list.asOf}.${expected}`,
  ];
}

/** A list that shows a suspected environment running is valid for no longer than this. */
const SEEN_FOR_MS = HOUR_MS;

/**
 * Nothing can be lost if every environment has been seen enabled since. In a suspicion, the list must also be
 * recent.
 */
function mayBeLost(policyState: PolicyState, incident: Incident, now: string): boolean {
  const environments = affectedEnvironments(incident, policyState.history);
  if (incident.state === 'revoked' || environments.length === 0) return incident.state !== 'accessRestored';
  if (incident.state === 'accessRestored')
    return environments.some(({ state }) => state !== 'enabled' && state !== 'deleted');
  const list = policyState.history.environments;
  const isSeen =
    list?.source === 'powerPlatform' &&
    Date.parse(list.asOf) >= Math.max(Date.parse(incident.openedAt), Date.parse(now) - SEEN_FOR_MS);
  return !isSeen || environments.some(({ state }) => state === 'locked');
}

function slotsBy(elapsedMs: number, { state }: Incident): number {
  const first = state === 'accessRestored' ? REMINDERS_ONCE_RESTORED : REMINDERS;
  const daily = Math.max(0, Math.floor(elapsedMs / DAY_MS));
  return first.filter((after) => elapsedMs >= after).length + daily;
}

function hoursLeft({ recoverBy }: Incident, now: string): number {
  return (Date.parse(recoverBy) - Date.parse(now)) / HOUR_MS;
}

function leftInWords(incident: Incident, now: string): string {
  const left = hoursLeft(incident, now);
  const hours = tightestDeadline(left);
  if (left <= 0 || hours === undefined) return 'The time that was estimated is over.';
  if (hours === 1) return 'Less than an hour is left.';
  return `Less than ${hours === 24 ? '24 hours' : `${hours / 24} days`} are left.`;
}
