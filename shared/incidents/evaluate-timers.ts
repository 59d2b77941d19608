import { deadlineOnceClosed } from './closed-standing.ts';
import type { Incident, PolicyState, TimelineEntry, Transition } from './incident.ts';
import { countedFromNow, decideNotify, initialNotification } from './notification-policy.ts';
import { type TimedNotification, timedNotification } from './reminder-schedule.ts';
import { hasEnded } from './silence.ts';

/**
 * How the passage of time changes one policy: reminders, deadlines, silences that end, and deferred
 * notifications that may be sent now. Pure; kind `none` and the same policy state where nothing is due.
 */
export function evaluateTimers(policyState: PolicyState, now: string): Transition {
  const { incident } = policyState;
  const nothing: Transition = { kind: 'none', policyState, environments: [], timeline: [], notices: [] };
  if (!incident) {
    const pruned = withoutEnded(policyState, now);
    const late = deadlineOnceClosed(pruned, now);
    if (late) return late;
    return pruned === policyState ? nothing : { ...nothing, policyState: pruned };
  }
  const due = timedNotification(policyState, incident, now);
  const notification = incident.notification ?? initialNotification(incident);
  const isLate = due.reminded > notification.reminded;
  const isMiscounted = countedFromNow(notification, now) !== notification;
  if (!due.request && !isLate && !isMiscounted && due.endedSilence === undefined) return nothing;
  return notifyWhereDue(policyState, incident, due, now);
}

function notifyWhereDue(
  policyState: PolicyState,
  incident: Incident,
  due: TimedNotification,
  now: string,
): Transition {
  const { request, reminded, endedSilence } = due;
  const decision =
    request &&
    decideNotify(request, {
      incident,
      silences: policyState.silences,
      recentTransitions: policyState.recentTransitions,
      now,
    });
  const notification =
    decision?.notification ?? countedFromNow(incident.notification ?? initialNotification(incident), now);
  // A new notification of the state restarts the reminders.
  const isAnew =
    notification.remindFrom !== (incident.notification ?? initialNotification(incident)).remindFrom;
  const next = withoutSilence(
    { ...incident, notification: isAnew ? notification : { ...notification, reminded } },
    now,
  );
  const timeline: TimelineEntry[] = [];
  if (endedSilence !== undefined) timeline.push({ at: now, what: 'silenceEnded', text: endedSilence });
  const { notice, suppressed } = decision ?? {};
  if (notice)
    timeline.push({
      at: now,
      what: notice.reason === 'deadline' ? 'deadline' : 'reminder',
      text: notice.because,
    });
  if (suppressed) timeline.push({ at: now, what: 'suppressed', text: suppressed.text });
  const recentTransitions = decision?.recentTransitions ?? policyState.recentTransitions;
  return {
    kind: 'reminded',
    policyState: {
      ...withoutEnded(policyState, now),
      ...(recentTransitions ? { recentTransitions } : {}),
      incident: next,
    },
    incident: next,
    environments: [],
    timeline,
    notices: notice ? [notice] : [],
  };
}

function withoutSilence(incident: Incident, now: string): Incident {
  if (!incident.silence || !hasEnded(incident.silence, now)) return incident;
  const { silence: _ended, ...rest } = incident;
  return rest;
}

/** The same policy state where no silence has ended. */
function withoutEnded(policyState: PolicyState, now: string): PolicyState {
  const { silences, ...rest } = policyState;
  const left = silences?.filter((silence) => !hasEnded(silence, now)) ?? [];
  if (left.length === (silences?.length ?? 0)) return policyState;
  return left.length > 0 ? { ...rest, silences: left } : rest;
}
