import { groupOf } from './causes.ts';
import { tightestDeadline } from './deadlines.ts';
import type { Incident, NoticeIntent, Person, Silence, Speech, WithheldBecause } from './incident.ts';
import { areCausesKnown, knownCauses, wereCausesKnown } from './known-causes.ts';
import type { NoticeReason } from './notice-reason.ts';
import { standingSilence } from './silence.ts';
import { msSince, pastOrIgnored } from './stored-time.ts';

/** What a reading, an act or the hour calls for. */
export interface Call {
  reason: NoticeReason;
  /** One sentence, for the timeline and the notice. */
  because: string;
  /** A reading shows access lost again in an incident that was still open. */
  isRelapse?: boolean;
  /** Of `worsened`: environments that nobody knew of are affected. */
  hasMoreEnvironments?: boolean;
  /** Of `deadline`: which one, in hours before `recoverBy`. */
  hours?: number;
  /** It has stayed as it is for a while: no more flapping. */
  hasSettled?: boolean;
}

export interface Withheld {
  reason: NoticeReason;
  because: WithheldBecause;
  /** For the timeline. */
  text: string;
}

/** One call decided: it is said, or it is withheld for a reason that has a name; and what people know afterwards. */
export interface Speaking {
  speech: Speech;
  /** When it was told that access comes or goes, of the last hour; the policy's, over all its incidents. */
  turns: string[];
  notice?: NoticeIntent;
  withheld?: Withheld;
}

export interface SpeakingAbout {
  /** As it is now. */
  incident: Incident;
  /** Silences over the policy. */
  silences?: readonly Silence[];
  turns?: readonly string[];
  now: string;
}

const HOUR_MS = 3_600_000;
/** More tellings of "it is back" and "it is lost again" than this within an hour are flapping. */
export const TURNS_AT_MOST = 4;
/** A reminder so soon after something else was said reminds nobody. */
const JUST_TOLD_MS = 10 * 60_000;

/**
 * Whether to speak. Pure. The rules, in their order:
 *
 *   neverTold      the end of what people were never told of is no news
 *   silenced       somebody asked for silence; a worsening, a deadline within 24 h, and the end of what people know of
 *                  are said all the same, and so is a confirmation unless the lock was intended (a planned silence)
 *   alreadyTold    people know this cause, or still believe that access is lost
 *   flapping       access, or part of a cause, comes and goes: how it is is told once it stays (`due.ts`)
 *   acknowledged   somebody has it in hand: no reminders
 *   justTold       something else was said a moment ago: no reminder
 *
 * The first word about an incident is always `opened` or `suspected`, whatever called for it.
 */
export function whenToSpeak(call: Call, about: SpeakingAbout): Speaking {
  const turns = lastHour(about.turns ?? [], about.now);
  const withheld = whyWithheld(call, about, turns);
  const speech = countedFromNow(about.incident.speech ?? silentSpeech(about.incident), about.now);
  if (withheld) return { speech: owing(speech, call, withheld, about), turns, withheld };
  const reason = firstWord(call.reason, about.incident, speech);
  const notice: NoticeIntent = {
    reason,
    group: groupOf(reason, about.incident),
    because: call.because,
    at: about.now,
  };
  return {
    speech: toldSpeech(speech, call, about),
    turns: isTurn(call) ? [...turns, about.now] : turns,
    notice,
  };
}

/** Reminders are counted from now where a clock that ran ahead began to count them. */
export function countedFromNow(speech: Speech, now: string): Speech {
  if (pastOrIgnored(speech.remindFrom, now) !== undefined) return speech;
  return { ...speech, remindFrom: now, reminded: 0 };
}

/** What people know of an incident of which nothing was said yet. */
export function silentSpeech({ openedAt }: Pick<Incident, 'openedAt'>): Speech {
  return { causes: [], remindFrom: openedAt, reminded: 0 };
}

function whyWithheld(call: Call, about: SpeakingAbout, turns: readonly string[]): Withheld | undefined {
  const { incident, now } = about;
  const told = incident.speech?.told;
  const because = (why: WithheldBecause, text: string): Withheld => ({
    reason: call.reason,
    because: why,
    text: `Not told (${call.reason}): ${text}`,
  });
  if (told === undefined && ENDS.has(call.reason))
    return because('neverTold', 'nobody was told that it began.');
  // An easing may lay bare a cause that nobody knows of.
  const revealsMore = call.reason === 'eased' && !areCausesKnown(incident);
  const silence = standingSilence(about.silences, incident, now);
  if (silence && !revealsMore && !isHeardInSilence(call, told !== undefined, silence.isPlanned))
    return because(
      'silenced',
      `${nameOf(silence.silence.by)} asked for silence until ${silence.silence.until}: ${silence.silence.why}`,
    );
  if (
    call.isRelapse &&
    told?.state === incident.state &&
    !call.hasMoreEnvironments &&
    areCausesKnown(incident)
  )
    return because('alreadyTold', 'people were not told that access had come back in between.');
  if (call.reason === 'worsened' && !call.isRelapse && !call.hasMoreEnvironments) {
    if (areCausesKnown(incident))
      return because('alreadyTold', 'people know of these causes, and were not told that one had gone.');
    if (!call.hasSettled && wereCausesKnown(incident, now))
      return because('flapping', 'part of a cause came and went within an hour.');
  }
  if (FLAPPING.has(call.reason) && !revealsMore && !call.hasSettled && turns.length >= TURNS_AT_MOST)
    return because('flapping', `access came and went ${turns.length} times within an hour.`);
  if (call.reason !== 'reminder') return undefined;
  if (incident.acknowledged)
    return because('acknowledged', `${nameOf(incident.acknowledged.by)} has it in hand.`);
  if (msSince(told?.at, now) < JUST_TOLD_MS)
    return because('justTold', 'something else was said less than 10 minutes ago.');
  return undefined;
}

/** News of what people must know of already. Not `accessRestored`: environments wait to be enabled, told or not. */
const ENDS: ReadonlySet<NoticeReason> = new Set(['eased', 'closed', 'actorLearnt']);
/** Turns that may wait until they stay. Never the first word of a lock: a real one must always be told. */
const FLAPPING: ReadonlySet<NoticeReason> = new Set(['accessRestored', 'eased', 'suspected']);

function isHeardInSilence({ reason, hours }: Call, isTold: boolean, isPlanned: boolean): boolean {
  switch (reason) {
    case 'worsened':
      return true;
    case 'deadline':
      return hours !== undefined && hours <= 24;
    case 'confirmed':
      return !isPlanned;
    case 'accessRestored':
    case 'closed':
      return isTold;
    default:
      return false;
  }
}

function isTurn({ reason, isRelapse }: Call): boolean {
  return isRelapse === true || FLAPPING.has(reason);
}

function firstWord(reason: NoticeReason, { state }: Incident, { told }: Speech): NoticeReason {
  if (told !== undefined || KEPT.has(reason)) return reason;
  return state === 'suspected' ? 'suspected' : 'opened';
}

const KEPT: ReadonlySet<NoticeReason> = new Set(['closed', 'accessRestored', 'deadline']);

/** Only what still has to be said later is owed: the reminders and deadlines come by themselves. */
function owing(
  speech: Speech,
  call: Call,
  { reason, because }: Withheld,
  { incident: { recoverBy }, now }: SpeakingAbout,
): Speech {
  // Decided once: what a silence held back is told when it ends.
  if (call.hours !== undefined)
    return {
      ...speech,
      ...toldDeadline(call.hours, recoverBy),
      owed: speech.owed ?? { reason: 'deadline', since: now, because },
    };
  if (because === 'alreadyTold') {
    // What waited to be told as "back" is not true any more.
    const { owed, ...rest } = speech;
    return owed?.reason === 'accessRestored' ? rest : speech;
  }
  if ((because !== 'silenced' && because !== 'flapping') || !OWED.has(reason)) return speech;
  if (reason === 'worsened' && speech.owed?.because === 'silenced') return speech;
  return { ...speech, owed: { reason, since: now, because } };
}
const OWED: ReadonlySet<NoticeReason> = new Set([
  'opened',
  'suspected',
  'confirmed',
  'worsened',
  'accessRestored',
]);

function toldSpeech(before: Speech, { reason, isRelapse }: Call, { incident, now }: SpeakingAbout): Speech {
  const { owed: _paid, subjects: _told, subjectsBefore: _earlier, suspected: _, ...speech } = before;
  const left = (Date.parse(incident.recoverBy) - Date.parse(now)) / HOUR_MS;
  const tightest = tightestDeadline(left);
  const isAnew = before.told === undefined || before.told.state !== incident.state || isRelapse === true;
  const next: Speech = {
    ...speech,
    told: { state: incident.state, at: now },
    ...knownCauses(reason, incident, before, now),
  };
  // Every notice tells the deadline: what has passed by now need not be told again.
  if (tightest !== undefined && isNews(tightest, incident))
    Object.assign(next, toldDeadline(tightest, incident.recoverBy));
  if (isAnew) Object.assign(next, { remindFrom: now, reminded: 0 });
  return next;
}

function toldDeadline(hours: number, recoverBy: string): Partial<Speech> {
  return { deadlineToldHours: hours, deadlineToldFor: recoverBy };
}

/** Whether people have not been told yet that so little time is left. */
export function isNews(
  hours: number,
  { recoverBy, speech }: Pick<Incident, 'recoverBy' | 'speech'>,
): boolean {
  const { deadlineToldHours, deadlineToldFor = recoverBy } = speech ?? {};
  if (deadlineToldHours === undefined || hours < deadlineToldHours) return true;
  return Date.parse(recoverBy) > Date.parse(deadlineToldFor);
}

function lastHour(turns: readonly string[], now: string): string[] {
  return turns.filter((at) => msSince(at, now) < HOUR_MS);
}

function nameOf({ name }: Person): string {
  return name;
}
