import type { Person, Silence } from '../../incidents/incident.ts';
import { hasReminders } from '../../incidents/reminder-schedule.ts';
import type { NoticeIncident } from '../notice.ts';
import type { Lead } from './lead.ts';
import type { Link, Message, Section } from './message.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { incidentFormsPath, OPEN_INCIDENTS_PATH, pageAddress, pageLink } from './page-links.ts';
import { plain } from './plain.ts';
import { down } from './say-phrases.ts';

type Facts = Message['glance'];

/** At a glance: who acknowledged an open incident, whether somebody silenced it, and the support case. */
export function assigneesInShort(about: NoticeFacts): Facts {
  if (!about.isOpen || WITHOUT_HANDS.has(about.notice.reason)) return [];
  const { incidents } = about.notice;
  const takers = distinct(
    incidents.map(({ incident }) => incident.acknowledged && nameOf(incident.acknowledged.by)),
  );
  const silences = distinct(silencesOf(about).map((silence) => inShort(silence, about)));
  const cases = distinct(
    incidents.map(({ incident }) => incident.supportCase && caseNumber(incident.supportCase)),
  );
  return [
    { label: 'Who has it', value: takers.join(', ') || 'nobody yet' },
    ...(silences.length > 0 ? [{ label: 'Silence', value: silences.join('; ') }] : []),
    ...(cases.length > 0 ? [{ label: 'Support case', value: cases.join(', ') }] : []),
  ];
}

/** At a glance: who closed it. */
export function closedInShort({ notice }: NoticeFacts): Facts {
  const closers = distinct(
    notice.incidents.map(({ incident }) =>
      incident.closedBy ? `by ${nameOf(incident.closedBy.by)}` : 'by itself',
    ),
  );
  const cases = distinct(
    notice.incidents.map(({ incident }) => incident.supportCase && caseNumber(incident.supportCase)),
  );
  return [
    { label: 'Closed', value: closers.join('; ') },
    ...(cases.length > 0 ? [{ label: 'Support case', value: cases.join(', ') }] : []),
  ];
}

/**
 * Who acknowledged an open incident, and its silence and support case. Where no link leads to its forms: how to
 * acknowledge or silence it.
 */
export function assignees(about: NoticeFacts): Section | undefined {
  const { notice, isOpen, times } = about;
  if (!isOpen || WITHOUT_HANDS.has(notice.reason)) return undefined;
  const of = (say: (one: NoticeIncident) => string | undefined) => distinct(notice.incidents.map(say));
  const taken = of(({ incident: { acknowledged } }) =>
    acknowledged
      ? `${nameOf(acknowledged.by)} has it, since ${times.moment(acknowledged.at)}${reason(acknowledged.why)}.`
      : undefined,
  );
  const cases = of(({ incident: { supportCase } }) =>
    supportCase
      ? `Microsoft Support case ${caseNumber(supportCase)}, noted by ${nameOf(supportCase.by)} at ${times.moment(supportCase.at)}${reason(supportCase.note)}.`
      : undefined,
  );
  const silences = distinct(
    silencesOf(about).map(
      (silence) =>
        `${inShort(silence, about)}. A worsening${isReminded(about) ? ', or a deadline within 24 hours,' : ''} is reported all the same.`,
    ),
  );
  const isFree = notice.incidents.some(({ incident }) => incident.acknowledged === undefined);
  return {
    id: 'assignee',
    heading: 'Who has it',
    // What `sayAcknowledged` says is not repeated.
    texts: [
      ...(notice.reason === 'acknowledged' ? [] : taken),
      ...silences,
      ...cases,
      ...(formsLink(about) ? [] : how(about, isFree)),
    ],
  };
}

/** Who has taken the incident: one message for the others, who need not act. */
export function sayAcknowledged(about: NoticeFacts): Lead {
  const takers = distinct(
    about.notice.incidents.map(({ incident }) => incident.acknowledged && nameOf(incident.acknowledged.by)),
  );
  const who = takers.join(', ') || 'Somebody';
  const whys = distinct(
    about.notice.incidents.map(({ incident }) => plain(incident.acknowledged?.why, 300) || undefined),
  );
  return {
    tone: 'info',
    title: `${who} has it: ${down(about)}, ${about.cause}`,
    sentences: [
      `${who} acknowledged this${whys.length > 0 ? `: ${whys.join('; ').replace(/[.\s]+$/, '')}` : ''}.`,
      isReminded(about)
        ? 'There are no more reminders. If it gets worse or time runs short, everybody gets another message.'
        : 'If it gets worse, everybody gets another message.',
      'What to do: nothing, unless you can help.',
    ],
  };
}

const WITHOUT_HANDS: ReadonlySet<string> = new Set([
  'closed',
  'warning',
  'visibilityLost',
  'visibilityRestored',
]);

/** The forms are on the page of the incident; `formsLink` leads there. */
function how(about: NoticeFacts, isFree: boolean): string[] {
  const { incidents, publicUrl } = about.notice;
  const [first, ...others] = incidents;
  const isOne = first !== undefined && others.length === 0;
  const path = isOne ? incidentFormsPath(first.incident.id) : OPEN_INCIDENTS_PATH;
  const page = isOne ? 'its page' : 'the page of each incident';
  // Where an address is set, the message has a link to it.
  const where = pageLink(publicUrl, path) ? page : `${page} (${pageAddress(publicUrl, path)})`;
  const can = [
    ...(isFree ? [`take it${isReminded(about) ? ', which stops the reminders' : ''}`] : []),
    'ask for quiet until a time you name',
    ...(mayClose(about) ? ['close it, with a reason'] : []),
  ];
  const last = can.pop();
  return [`On ${where} you can ${can.length > 0 ? `${can.join('; ')}; or ` : ''}${last}.`];
}

/** For the forms of one open incident. */
export function formsLink(about: NoticeFacts): Link | undefined {
  const { notice, isOpen } = about;
  const [only, ...others] = notice.incidents;
  if (!isOpen || !only || others.length > 0 || WITHOUT_HANDS.has(notice.reason)) return undefined;
  const url = pageLink(notice.publicUrl, incidentFormsPath(only.incident.id));
  if (url === undefined) return undefined;
  const isFree = only.incident.acknowledged === undefined;
  return {
    text: isFree
      ? 'Acknowledge or silence it'
      : mayClose(about)
        ? 'Silence or close it'
        : 'Silence it, or note a support case',
    short: isFree ? 'Acknowledge' : 'Silence',
    url,
  };
}

function mayClose({ notice, isRestored }: NoticeFacts): boolean {
  return isRestored || notice.incidents.some(({ incident }) => incident.askedToCloseAt !== undefined);
}

function isReminded({ notice }: NoticeFacts): boolean {
  return notice.incidents.some(({ incident }) => hasReminders(incident));
}

/** The silences that have not ended when the message is sent. */
function silencesOf({ notice }: NoticeFacts): Silence[] {
  return notice.incidents
    .map(({ incident }) => incident.silence)
    .filter((silence) => silence !== undefined)
    .filter(({ until }) => !(Date.parse(until) <= Date.parse(notice.at)));
}

function inShort({ by, until, why }: Silence, { times }: NoticeFacts): string {
  return `${nameOf(by)} asked for silence until ${times.moment(until)}${reason(why)}`;
}

function reason(why: string | undefined): string {
  const text = plain(why, 200).replace(/[.\s]+$/, '');
  return text ? `: ${text}` : '';
}

function caseNumber({ number }: { number: string }): string {
  return plain(number, 60) || 'without a number';
}

export function nameOf({ name }: Person): string {
  return plain(name, 100) || 'somebody without a name';
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}
