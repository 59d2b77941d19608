import { withLossEnded } from '../triggers/loss-ended.ts';
import { affectedEnvironments } from './environments.ts';
import type { Incident, Person, PolicyState, Silence, TimelineEntry, Transition } from './incident.ts';
import { mutedCausesOf } from './muted-causes.ts';
import { decideNotify } from './notification-policy.ts';
import { hasEnded } from './silence.ts';

/** An action that a person takes on an incident through the API. */
export type Action =
  | { what: 'acknowledge'; why?: string }
  /** Replaces the running silence; an `until` in the past ends it. */
  | { what: 'silence'; until: string; why: string }
  | { what: 'supportCase'; number: string; note?: string }
  | { what: 'close'; why: string };

/** An action that the incident does not allow. The text says why, and which action to take instead. */
export interface Refusal {
  refused: string;
}

export type ActionOnIncident = (
  policyState: PolicyState,
  incidentId: string,
  action: Action,
  by: Person,
  now: string,
) => Transition | Refusal;

/** A silence for a policy, planned or immediate. `vaultId`: the silence was requested for the whole vault. */
export type SilencePolicy = (
  policyState: PolicyState,
  silence: { from: string; until: string; why: string; vaultId?: string },
  by: Person,
  now: string,
) => Transition | Refusal;

/** People forget that they requested a silence longer than this. */
const MAX_SILENCE_MS = 30 * 86_400_000;
const MAX_SILENCES = 20;

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

export const silencePolicy: SilencePolicy = (policyState, asked, by, now) => {
  const fault = faultOf(asked.from, asked.until, now);
  if (fault !== undefined) return { refused: fault };
  const silences = (policyState.silences ?? []).filter(
    (silence) => policyState.incident || !hasEnded(silence, now),
  );
  const isThere = silences.some(
    ({ from, until, why, vaultId }) =>
      from === asked.from && until === asked.until && why === asked.why && vaultId === asked.vaultId,
  );
  if (isThere) return same(policyState, policyState.incident);
  if (silences.length >= MAX_SILENCES)
    return {
      refused: `There are ${silences.length} silences for this policy already. Wait until one has ended.`,
    };
  const silence: Silence = { ...asked, by, at: now };
  const next: PolicyState = { ...policyState, silences: [...silences, silence] };
  if (!policyState.incident)
    return { kind: 'acted', policyState: next, environments: [], timeline: [], notices: [] };
  return acted(next, policyState.incident, { at: now, what: 'silenced', text: silencedText(silence), by });
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
  if (before && before.by.name === by.name && before.by.id === by.id && (before.why === why || !why))
    return same(policyState, incident);
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
  );
}

function silenceIncident(
  policyState: PolicyState,
  incident: Incident,
  { until, why }: { until: string; why: string },
  by: Person,
  now: string,
): Transition | Refusal {
  const before = incident.silence;
  if (before && Date.parse(until) <= Date.parse(now)) {
    const { silence: _ended, ...rest } = incident;
    return acted(policyState, rest, {
      at: now,
      what: 'silenceEnded',
      text: `${by.name} ended the silence: ${why}`,
      by,
    });
  }
  const fault = faultOf(now, until, now);
  if (fault !== undefined) return { refused: fault };
  if (before?.until === until && before.why === why) return same(policyState, incident);
  const silence: Silence = { from: now, until, by, why, at: now };
  return acted(
    policyState,
    { ...incident, silence },
    { at: now, what: 'silenced', text: silencedText(silence), by },
  );
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
  const decision = decideNotify(
    { reason: 'closed', because },
    {
      incident: closed,
      silences: policyState.silences,
      recentTransitions: policyState.recentTransitions,
      now,
    },
  );
  const { incident: _over, ...rest } = policyState;
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
    },
    incident: { ...closed, notification: decision.notification },
    // If the list of environments was only partly written, the next write would complete it for the incident
    // as it was before.
    environments: policyState.environmentsUnwritten ? affectedEnvironments(closed, policyState.history) : [],
    timeline,
    notices: decision.notice ? [decision.notice] : [],
  };
}

function acted(policyState: PolicyState, incident: Incident, entry: TimelineEntry): Transition {
  return {
    kind: 'acted',
    policyState: { ...policyState, incident },
    incident,
    environments: [],
    timeline: [entry],
    notices: [],
  };
}

function same(policyState: PolicyState, incident: Incident | undefined): Transition {
  return {
    kind: 'none',
    policyState,
    ...(incident ? { incident } : {}),
    environments: [],
    timeline: [],
    notices: [],
  };
}

function faultOf(from: string, until: string, now: string): string | undefined {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (Number.isNaN(start)) return `'from' is no time: give it as 2026-01-31T18:00:00Z.`;
  if (Number.isNaN(end)) return `'until' is no time: give it as 2026-01-31T18:00:00Z.`;
  if (end <= Date.parse(now)) return `'until' is past already: give a time to come.`;
  if (end <= start) return `'until' must come after 'from'.`;
  if (end - start > MAX_SILENCE_MS) return 'A silence lasts 30 days at most. Ask for a shorter one.';
  return undefined;
}

function silencedText({ by, from, until, why }: Silence): string {
  return `${by.name} asked for silence from ${from} until ${until}: ${why}`;
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
