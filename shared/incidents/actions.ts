import { withLossEnded } from '../triggers/loss-ended.ts';
import { acted, type Refusal, same } from './action-result.ts';
import { groupOf } from './causes.ts';
import { affectedEnvironments } from './environments.ts';
import type { Incident, NoticeIntent, Person, PolicyState, TimelineEntry, Transition } from './incident.ts';
import { mutedCausesOf } from './muted-causes.ts';
import { decideNotify } from './notification-policy.ts';
import { silenceIncident } from './request-silence.ts';

/** An action that a person takes on an incident through the API. */
export type Action =
  | { what: 'acknowledge'; why?: string }
  /** Replaces the running silence; an `until` in the past ends it. */
  | { what: 'silence'; until: string; why: string }
  | { what: 'supportCase'; number: string; note?: string }
  | { what: 'close'; why: string };

export type ActionOnIncident = (
  policyState: PolicyState,
  incidentId: string,
  action: Action,
  by: Person,
  now: string,
) => Transition | Refusal;

/**
 * Applies a person's action to an open incident. Pure. Kind `none` if anyone has already done the same.
 * Refused if the incident is no longer open, or if the times are invalid.
 */
export const applyIncidentAction: ActionOnIncident = (policyState, incidentId, action, by, now) => {
  const { incident } = policyState;
  if (incident?.id !== incidentId)
    return { refused: 'This incident is over: there is nothing left to do to it.' };
  switch (action.what) {
    case 'acknowledge':
      return acknowledge(policyState, incident, action.why, by, now);
    case 'silence':
      return silenceIncident(policyState, incident, action, by, now);
    case 'supportCase':
      return incident.supportCase?.number === action.number && incident.supportCase.note === action.note
        ? same(policyState, incident)
        : acted(
            policyState,
            {
              ...incident,
              supportCase: { number: action.number, by, at: now, ...given('note', action.note) },
            },
            {
              at: now,
              what: 'supportCase',
              text: `Request ${action.number} with Microsoft Support${action.note ? `: ${sentence(action.note)}` : '.'}`,
              by,
            },
          );
    case 'close':
      return closeIncident(policyState, incident, action.why, by, now);
  }
};

/** A later person takes over from an earlier one. A repeat by the same person adds nothing new. */
function acknowledge(
  policyState: PolicyState,
  incident: Incident,
  why: string | undefined,
  by: Person,
  now: string,
): Transition {
  const before = incident.acknowledged;
  const isSamePerson = before?.by.name === by.name && before.by.id === by.id;
  if (before && isSamePerson && (before.why === why || !why)) return same(policyState, incident);
  const from = before && before.by.name !== by.name ? `, after ${before.by.name}` : '';
  return acted(
    policyState,
    { ...incident, acknowledged: { by, at: now, ...given('why', why) } },
    {
      at: now,
      what: 'acknowledged',
      text: `${by.name} has it in hand${from}${why ? `: ${sentence(why)}` : '.'} No more reminders.`,
      by,
    },
    isSamePerson ? [] : acknowledgedNotices(incident, `${by.name}${why ? `: ${why}` : ''}`, now),
  );
}

/** The others hear who has it, once; a silence does not suppress what a person did. */
function acknowledgedNotices(incident: Incident, because: string, now: string): NoticeIntent[] {
  if (incident.notification?.notified === undefined) return [];
  return [{ reason: 'acknowledged', group: groupOf('acknowledged', incident), because, at: now }];
}

function closeIncident(
  policyState: PolicyState,
  incident: Incident,
  why: string,
  by: Person,
  now: string,
): Transition {
  const because = `${by.name} closed it: ${why}`;
  const closed: Incident = { ...incident, state: 'closed', closedAt: now, closedBy: { by, why } };
  const isStanding = incident.state !== 'accessRestored' && incident.causes.length > 0;
  const decision = decideNotify(
    { reason: 'closed', because, isStanding },
    {
      incident: closed,
      silences: policyState.silences,
      recentTransitions: policyState.recentTransitions,
      now,
    },
  );
  const { incident: _over, closedStanding: _earlier, ...rest } = policyState;
  const after: Incident = { ...closed, notification: decision.notification };
  const timeline: TimelineEntry[] = [{ at: now, what: 'closed', text: because, by }];
  if (decision.suppressed) timeline.push({ at: now, what: 'suppressed', text: decision.suppressed.text });
  const mutedCauses = mutedCausesOf(incident, policyState);
  return {
    kind: 'closed',
    policyState: {
      ...rest,
      history: withLossEnded(rest.history, now),
      recentTransitions: decision.recentTransitions,
      ...(mutedCauses.length > 0 ? { mutedCauses } : {}),
      ...(isStanding ? { closedStanding: after } : {}),
    },
    incident: after,
    // If the list of environments was only partly written, the next write would complete it for the incident
    // as it was before.
    environments: policyState.environmentsUnwritten ? affectedEnvironments(closed, policyState.history) : [],
    timeline,
    notices: decision.notice ? [decision.notice] : [],
  };
}

function given<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  const part: Partial<Record<K, string>> = {};
  if (value !== undefined && value !== '') part[key] = value;
  return part;
}

/** The person's text, with a full stop if it has no end mark. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
