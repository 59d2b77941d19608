import type { NoticeReason } from '../incidents/incident.ts';
import type { Tone } from './message.ts';
import { plain } from './plain.ts';
import type { Told } from './told.ts';
import { between, count, duration, moment } from './words.ts';

export interface Lead {
  tone: Tone;
  title: string;
  /** What it is and what to do. */
  sentences: string[];
}

/** The headline and the first sentences, by the reason for which Lockwatch speaks. */
export function sayLead(about: Told): Lead {
  return LEADS[about.notice.reason](about);
}

const LEADS: Record<NoticeReason, (about: Told) => Lead> = {
  opened: (about) => ({
    tone: 'alarm',
    title: `${down(about)}: ${about.cause}`,
    sentences: [whatIsDown(about), whatToDo(about)],
  }),
  suspected: (about) => ({
    tone: 'warning',
    title: `${down({ ...about, isSuspected: true })}: ${about.cause}`,
    sentences: [
      `${upper(about.environments)} of ${about.policyNames} may be locked. This is only a suspicion.`,
      `Why it is not certain: ${plain(about.causes[0]?.finding.summary, 400) || 'the truth could not be read.'}`,
      'What to check: open one of the environments below in the admin center. If it is disabled, undo the change now. If it works, nothing is lost. Lockwatch goes on reading, and says so as soon as it is sure that they are locked.',
    ],
  }),
  confirmed: (about) => ({
    tone: 'alarm',
    title: `Confirmed, ${down(about)}: ${about.cause}`,
    sentences: ['What was suspected is now certain.', whatIsDown(about), whatToDo(about)],
  }),
  worsened: (about) => ({
    tone: 'alarm',
    title: `Worse, ${down(about)}: ${about.cause}`,
    sentences: [
      `This adds to an earlier message. ${whatIsNew(about)}`,
      whatIsDown(about),
      about.causes.length > 1
        ? `${count(about.causes.length, 'cause')} stand now; all of them must be undone.`
        : whatToDo(about),
    ],
  }),
  eased: (about) => ({
    tone: 'alarm',
    title: `Better, but not over, ${down(about)}: ${about.cause}`,
    sentences: [
      'One cause is gone; at least one still stands.',
      whatIsDown(about),
      'Go on with the steps below: all access must be back before any environment can be enabled.',
    ],
  }),
  reminder: (about) => ({
    tone: 'alarm',
    title: `Reminder, ${down(about)}${elapsed(about, ' for ')}: ${about.cause}`,
    sentences: ['Nothing has changed since the last message.', whatIsDown(about), whatToDo(about)],
  }),
  deadline: (about) => ({
    tone: 'alarm',
    title: `${untilDeadline(about)} left to save ${about.environments}: ${about.cause}`,
    sentences: [
      `After ${moment(about.recoverBy?.at)} they may be lost for good.`,
      whatIsDown(about),
      whatToDo(about),
    ],
  }),
  accessRestored: (about) => ({
    tone: about.total > 0 ? 'warning' : 'good',
    title:
      about.total > 0
        ? `Access is back, now enable ${about.environments} (${about.policyNames})`
        : `Access is back (${about.policyNames})`,
    sentences: [
      `Access is back: ${about.policyNames} can use ${possessive(about)} key again.`,
      ...mayNotActYet(about),
      ...(about.total > 0
        ? [
            isKnownToWait(about)
              ? 'The environments are NOT enabled yet: giving access back does not do it. A person must enable each of them.'
              : 'Giving access back enables no environment. Whether these are enabled is not known: look at each of them.',
            'What to do: in the admin center, open each environment below and choose "Re-enable environment".',
          ]
        : ['No environment is known to be waiting to be enabled.']),
    ],
  }),
  closed: (about) => {
    if (about.notice.incidents.every(({ incident }) => incident.state === 'dismissed')) return noLock(about);
    const waiting = about.notice.incidents
      .flatMap(({ environments }) => environments)
      .filter(({ state }) => state !== 'enabled').length;
    return {
      tone: waiting > 0 ? 'warning' : 'good',
      title: `Closed: ${about.policyNames}${elapsed(about, ', after ')}`,
      sentences: [
        'This incident is closed.',
        waiting > 0
          ? `${count(waiting, 'environment')} of it ${waiting === 1 ? 'was' : 'were'} not seen enabled: check ${waiting === 1 ? 'it' : 'them'}.`
          : about.total > 0
            ? `${upper(about.environments)} ${are(about)} enabled again.`
            : 'No environment was seen locked at the end.',
      ],
    };
  },
  actorLearnt: (about) => ({
    tone: 'info',
    title: `Now known who did it: ${about.cause}`,
    sentences: [
      'It is now known who made the change; see below.',
      about.isRestored
        ? `Access is back; ${about.environments} of ${about.policyNames} must each be enabled again.`
        : whatIsDown(about),
    ],
  }),
  warning: (about) => ({
    tone: 'warning',
    title: `Warning about ${about.policyNames}: ${about.cause}`,
    sentences: [
      'Nothing is offline because of this yet.',
      'Look at what was found below, and mend it in time.',
    ],
  }),
  blind: (about) => ({
    tone: 'warning',
    title: `Lockwatch can't see ${about.policyNames}`,
    sentences: [
      'Lockwatch can’t read what it needs. Until it can, a lock may go unnoticed.',
      'What it can’t read, and which right would mend it, stands below.',
    ],
  }),
  sightRegained: (about) => ({
    tone: 'good',
    title: `Lockwatch sees ${about.policyNames} again`,
    sentences: ['Everything that Lockwatch needs can be read again.'],
  }),
  undelivered: (about) => ({
    tone: 'warning',
    title: `A message did not get through: ${about.policyNames}`,
    sentences: [
      'Another channel could not deliver a message about this, and has given up. Tell those who rely on it.',
      whatIsDown(about),
    ],
  }),
  drill: (about) => ({
    tone: 'info',
    title: `DRILL, nothing is wrong: ${about.policyNames}`,
    sentences: ['This is a drill. Nothing is offline. A real message would look like this.'],
  }),
};

/** A deleted policy can't be put back by anybody but Microsoft: nobody must be sent looking for an undo. */
function whatToDo({ causes }: Told): string {
  if (causes.some(({ trigger }) => trigger === 'policy-deleted'))
    return 'What to do: open a request with Microsoft Support now (steps below). A policy made anew unlocks nothing.';
  return 'What to do: undo the change to the key access (steps below), then enable each environment again.';
}

/** The end of a suspicion that was never more. */
function noLock(about: Told): Lead {
  return {
    tone: 'good',
    title: `No lock after all: ${about.policyNames}`,
    sentences: [
      `What looked like a lock was not confirmed, and reads clear now: ${about.cause}.`,
      'There is nothing to undo. If an environment is disabled all the same, tell Microsoft Support.',
    ],
  };
}

/** Why the incident is worse, as it was decided; incidents of one cause that say the same say it once. */
function whatIsNew({ notice }: Told): string {
  const reasons = new Set(
    notice.incidents.map(({ because }) => plain(because, 300)).filter((text) => text !== ''),
  );
  if (reasons.size === 0 || reasons.size > 3)
    return 'There are more environments, one more cause, or access was lost again.';
  return [...reasons].join(' ');
}

function down(about: Told): string {
  const name = about.total > 0 ? about.environments : `environments of ${about.policyNames}`;
  return `${name} ${about.isSuspected ? 'may be locked' : 'offline'}`;
}

function whatIsDown(about: Told): string {
  const who = `${upper(about.environments)} of ${about.policyNames}`;
  if (about.isSuspected) return `${who} may be locked.`;
  return `${who} ${are(about)} offline: ${possessive(about)} encryption key can't be used any more.`;
}

function are(about: Told): string {
  return about.total === 1 ? 'is' : 'are';
}

function possessive(about: Told): string {
  return about.policies.length === 1 ? 'its' : 'their';
}

/** Azure applies changes of permissions and networks late, whatever it shows meanwhile. */
function mayNotActYet({ notice }: Told): string[] {
  const latest = notice.incidents
    .map(({ incident }) => incident.provisionalUntil)
    .filter((until) => until !== undefined)
    .sort()
    .at(-1);
  if (latest === undefined) return [];
  return [
    `It may not act before ${moment(latest)}: Azure applies changes of permissions within 10 minutes and of networks within 15. If enabling fails before that, try again then. Lockwatch goes on looking.`,
  ];
}

/** Only what was seen to be still disabled is said to be so. */
function isKnownToWait({ notice }: Told): boolean {
  return notice.incidents
    .flatMap(({ environments }) => environments)
    .some(({ state }) => state === 'awaitingReEnable' || state === 'locked');
}

function elapsed({ since, notice }: Told, before: string): string {
  const ms = between(since, notice.at);
  return ms === undefined || ms < 0 ? '' : `${before}${duration(ms)}`;
}

function untilDeadline({ recoverBy, notice }: Told): string {
  const ms = between(notice.at, recoverBy?.at);
  return ms === undefined ? 'Not much time' : ms <= 0 ? 'No time' : upper(duration(ms));
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
