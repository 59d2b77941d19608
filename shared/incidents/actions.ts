import { affectedEnvironments } from './environments.ts';
import type { Head, Incident, Person, Silence, TimelineEntry, Transition } from './incident.ts';
import { settledCausesOf } from './muted-causes.ts';
import { whenToSpeak } from './notification-policy.ts';
import { hasEnded } from './silence.ts';

/** What a person does to an incident through the API. */
export type Act =
  | { what: 'acknowledge'; why?: string }
  /** Replaces a silence that is there; with `until` in the past it ends it. */
  | { what: 'silence'; until: string; why: string }
  | { what: 'supportCase'; number: string; note?: string }
  | { what: 'close'; why: string };

/** An act that the incident does not allow, in words for the person: what is so, and what to do instead. */
export interface Refusal {
  refused: string;
}

export type ActOnIncident = (
  head: Head,
  incidentId: string,
  act: Act,
  by: Person,
  now: string,
) => Transition | Refusal;

/** A silence for a policy, planned or at once. `vaultId`: it was asked for the whole vault. */
export type SilencePolicy = (
  head: Head,
  silence: { from: string; until: string; why: string; vaultId?: string },
  by: Person,
  now: string,
) => Transition | Refusal;

/** Silences longer than this are forgotten by those who asked for them. */
const LONGEST_SILENCE_MS = 30 * 86_400_000;
const SILENCES_AT_MOST = 20;

/**
 * What a person does to an open incident. Pure; kind `none` where it was done before, by whomever. Refused: the incident
 * is not open any more, or the times make no sense.
 */
export const actOnIncident: ActOnIncident = (head, incidentId, act, by, now) => {
  const { incident } = head;
  if (incident?.id !== incidentId)
    return { refused: 'This incident is over: there is nothing left to do to it.' };
  switch (act.what) {
    case 'acknowledge':
      return acknowledge(head, incident, act.why, by, now);
    case 'silence':
      return silenceIncident(head, incident, act, by, now);
    case 'supportCase':
      return incident.supportCase?.number === act.number && incident.supportCase.note === act.note
        ? same(head, incident)
        : acted(
            head,
            { ...incident, supportCase: { number: act.number, by, at: now, ...given('note', act.note) } },
            {
              at: now,
              what: 'supportCase',
              text: `Request ${act.number} with Microsoft Support${act.note ? `: ${sentence(act.note)}` : '.'}`,
              by,
            },
          );
    case 'close':
      return closeIncident(head, incident, act.why, by, now);
  }
};

export const silencePolicy: SilencePolicy = (head, asked, by, now) => {
  const fault = faultOf(asked.from, asked.until, now);
  if (fault !== undefined) return { refused: fault };
  const silences = (head.silences ?? []).filter((silence) => head.incident || !hasEnded(silence, now));
  const isThere = silences.some(
    ({ from, until, why, vaultId }) =>
      from === asked.from && until === asked.until && why === asked.why && vaultId === asked.vaultId,
  );
  if (isThere) return same(head, head.incident);
  if (silences.length >= SILENCES_AT_MOST)
    return {
      refused: `There are ${silences.length} silences for this policy already. Wait until one has ended.`,
    };
  const silence: Silence = { ...asked, by, at: now };
  const next: Head = { ...head, silences: [...silences, silence] };
  if (!head.incident) return { kind: 'acted', head: next, environments: [], timeline: [], notices: [] };
  return acted(next, head.incident, { at: now, what: 'silenced', text: silencedText(silence), by });
};

/** Whoever comes after takes it over; the same person's second time says nothing new. */
function acknowledge(
  head: Head,
  incident: Incident,
  why: string | undefined,
  by: Person,
  now: string,
): Transition {
  const before = incident.acknowledged;
  if (before && before.by.name === by.name && before.by.id === by.id && (before.why === why || !why))
    return same(head, incident);
  const from = before && before.by.name !== by.name ? `, after ${before.by.name}` : '';
  return acted(
    head,
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
  head: Head,
  incident: Incident,
  { until, why }: { until: string; why: string },
  by: Person,
  now: string,
): Transition | Refusal {
  const before = incident.silence;
  if (before && Date.parse(until) <= Date.parse(now)) {
    const { silence: _ended, ...rest } = incident;
    return acted(head, rest, {
      at: now,
      what: 'silenceEnded',
      text: `${by.name} ended the silence: ${why}`,
      by,
    });
  }
  const fault = faultOf(now, until, now);
  if (fault !== undefined) return { refused: fault };
  if (before?.until === until && before.why === why) return same(head, incident);
  const silence: Silence = { from: now, until, by, why, at: now };
  return acted(
    head,
    { ...incident, silence },
    { at: now, what: 'silenced', text: silencedText(silence), by },
  );
}

function closeIncident(head: Head, incident: Incident, why: string, by: Person, now: string): Transition {
  const because = `${by.name} closed it: ${why}`;
  const closed: Incident = { ...incident, state: 'closed', closedAt: now, closedBy: { by, why } };
  const speaking = whenToSpeak(
    { reason: 'closed', because },
    { incident: closed, silences: head.silences, turns: head.turns, now },
  );
  const { incident: _over, ...rest } = head;
  const timeline: TimelineEntry[] = [{ at: now, what: 'closed', text: because, by }];
  if (speaking.withheld) timeline.push({ at: now, what: 'withheld', text: speaking.withheld.text });
  const settledCauses = settledCausesOf(incident, head);
  return {
    kind: 'closed',
    head: { ...rest, turns: speaking.turns, ...(settledCauses.length > 0 ? { settledCauses } : {}) },
    incident: { ...closed, speech: speaking.speech },
    // A list that was begun and not finished would be finished for the incident as it was before.
    environments: head.environmentsUnwritten ? affectedEnvironments(closed, head.remembered) : [],
    timeline,
    notices: speaking.notice ? [speaking.notice] : [],
  };
}

function acted(head: Head, incident: Incident, entry: TimelineEntry): Transition {
  return {
    kind: 'acted',
    head: { ...head, incident },
    incident,
    environments: [],
    timeline: [entry],
    notices: [],
  };
}

function same(head: Head, incident: Incident | undefined): Transition {
  return {
    kind: 'none',
    head,
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
  if (end - start > LONGEST_SILENCE_MS) return 'A silence lasts 30 days at most. Ask for a shorter one.';
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

/** As somebody wrote it, with its end. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
