import { coversSubject } from '../triggers/finding-subject.ts';
import type { Incident } from './incident.ts';
import type { NoticeReason } from './notice-reason.ts';
import type { NotificationState } from './notification-state.ts';

type Subjects = NonNullable<NotificationState['subjects']>;

/** Whether the last notice named everything that is present now. */
export function areCausesKnown({ causes, notification }: Incident): boolean {
  return areCovered(causes, notification, (trigger) => notification?.subjects?.[trigger] ?? []);
}

/** Whether the notices of the last hour together named it. */
export function wereCausesKnown({ causes, notification }: Incident, now: string): boolean {
  if (!isRecent(notification?.notified, now)) return false;
  const { subjects = {}, subjectsBefore = {} } = notification ?? {};
  return areCovered(causes, notification, (trigger) => [
    ...(subjects[trigger] ?? []),
    ...(subjectsBefore[trigger] ?? []),
  ]);
}

/**
 * The knowledge of people after a notice. It names the causes that are present, so people take any other cause as
 * cleared.
 */
export function knownCauses(
  reason: NoticeReason,
  { causes }: Incident,
  before: NotificationState,
  now: string,
): Pick<NotificationState, 'causes' | 'suspected' | 'subjects' | 'subjectsBefore'> {
  if (reason === 'accessRestored' || reason === 'closed') return { causes: [] };
  const subjects: Subjects = {};
  const subjectsBefore: Subjects = {};
  for (const { trigger, finding } of causes) {
    const subject = [...(finding.subject ?? [])];
    if (subject.length > 0) subjects[trigger] = subject;
    if (!isRecent(before.notified, now)) continue;
    const earlier = [...(before.subjectsBefore?.[trigger] ?? []), ...(before.subjects?.[trigger] ?? [])];
    const left = [...new Set(earlier)].filter((item) => !subject.includes(item));
    if (left.length > 0) subjectsBefore[trigger] = left.slice(-MAX_EARLIER);
  }
  const suspected = causes.flatMap(({ trigger, verdict }) => (verdict === 'suspected' ? [trigger] : []));
  return {
    causes: causes.map(({ trigger }) => trigger),
    ...(suspected.length > 0 ? { suspected } : {}),
    ...(Object.keys(subjects).length > 0 ? { subjects } : {}),
    ...(Object.keys(subjectsBefore).length > 0 ? { subjectsBefore } : {}),
  };
}

const MAX_EARLIER = 20;
const HOUR_MS = 3_600_000;

function areCovered(
  causes: Incident['causes'],
  notification: NotificationState | undefined,
  knownOf: (trigger: keyof Subjects) => string[],
): boolean {
  if (notification?.notified === undefined) return false;
  // A planned silence keeps a confirmation until it ends. Until then the confirmation is no reason to break
  // the silence.
  const isKept = notification.deferred?.reason === 'confirmed';
  return causes.every(
    ({ trigger, verdict, finding }) =>
      notification.causes.includes(trigger) &&
      (verdict === 'suspected' || isKept || !notification.suspected?.includes(trigger)) &&
      coversSubject(knownOf(trigger), finding.subject),
  );
}

function isRecent(notified: NotificationState['notified'], now: string): boolean {
  return notified !== undefined && Date.parse(now) - Date.parse(notified.at) < HOUR_MS;
}
