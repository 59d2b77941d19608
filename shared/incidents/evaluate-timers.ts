import type { Head, Incident, TimelineEntry, Transition } from './incident.ts';
import { countedFromNow, silentSpeech, whenToSpeak } from './notification-policy.ts';
import { type Due, whatIsDue } from './reminder-schedule.ts';
import { hasEnded } from './silence.ts';

/**
 * What the passing of time changes for one policy: reminders, deadlines, silences that end, and what was held back and
 * may be said now. Pure; kind `none` and the same head where nothing is due.
 */
export function tick(head: Head, now: string): Transition {
  const { incident } = head;
  const nothing: Transition = { kind: 'none', head, environments: [], timeline: [], notices: [] };
  if (!incident) {
    const pruned = withoutEnded(head, now);
    return pruned === head ? nothing : { ...nothing, head: pruned };
  }
  const due = whatIsDue(head, incident, now);
  const speech = incident.speech ?? silentSpeech(incident);
  const isLate = due.reminded > speech.reminded;
  const isMiscounted = countedFromNow(speech, now) !== speech;
  if (!due.call && !isLate && !isMiscounted && due.endedSilence === undefined) return nothing;
  return said(head, incident, due, now);
}

function said(head: Head, incident: Incident, due: Due, now: string): Transition {
  const { call, reminded, endedSilence } = due;
  const speaking = call && whenToSpeak(call, { incident, silences: head.silences, turns: head.turns, now });
  const speech = speaking?.speech ?? countedFromNow(incident.speech ?? silentSpeech(incident), now);
  // A state that was told anew starts the reminders anew.
  const isAnew = speech.remindFrom !== (incident.speech ?? silentSpeech(incident)).remindFrom;
  const next = withoutSilence({ ...incident, speech: isAnew ? speech : { ...speech, reminded } }, now);
  const timeline: TimelineEntry[] = [];
  if (endedSilence !== undefined) timeline.push({ at: now, what: 'silenceEnded', text: endedSilence });
  const { notice, withheld } = speaking ?? {};
  if (notice)
    timeline.push({
      at: now,
      what: notice.reason === 'deadline' ? 'deadline' : 'reminder',
      text: notice.because,
    });
  if (withheld) timeline.push({ at: now, what: 'withheld', text: withheld.text });
  const turns = speaking?.turns ?? head.turns;
  return {
    kind: 'reminded',
    head: { ...withoutEnded(head, now), ...(turns ? { turns } : {}), incident: next },
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

/** The same head where no silence has ended. */
function withoutEnded(head: Head, now: string): Head {
  const { silences, ...rest } = head;
  const left = silences?.filter((silence) => !hasEnded(silence, now)) ?? [];
  if (left.length === (silences?.length ?? 0)) return head;
  return left.length > 0 ? { ...rest, silences: left } : rest;
}
