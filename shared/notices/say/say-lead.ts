import type { NoticeReason } from '../../incidents/notice-reason.ts';
import type { Lead } from './lead.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { plain } from './plain.ts';
import { actorsInShort, reportedBy } from './say-actor.ts';
import { sayAcknowledged } from './say-assignees.ts';
import { separateChanges } from './say-changes.ts';
import { hasDeletions, sayDeletions } from './say-deletions.ts';
import { isLateLock, sayAccessRestored, sayClosed, sayLateLock } from './say-ends.ts';
import { sayKeyUnreachable } from './say-key-unreachable.ts';
import { down, toDoWithoutSteps, whatIsDown, whatToCheck } from './say-phrases.ts';
import { sayDeadline, sayReminder } from './say-reminders.ts';
import { isRelapse, whyNow, whys } from './say-why.ts';
import { count } from './words.ts';

/** The headline and the first sentences, by the reason of the notice. */
export function sayLead(about: NoticeFacts): Lead {
  const lead = LEADS[about.notice.reason](about);
  const unsaid = whyNow(about).filter((why) => !lead.sentences.some((sentence) => sentence.includes(why)));
  return { ...lead, sentences: [...unsaid, ...lead.sentences] };
}

const LEADS: Record<NoticeReason, (about: NoticeFacts) => Lead> = {
  opened: (about) => ({
    tone: 'alarm',
    title: `${down(about)}: ${about.cause}`,
    sentences: [whatIsDown(about), ...toDoWithoutSteps(about)],
  }),
  suspected: (about) => ({
    tone: 'warning',
    title: `${down({ ...about, isSuspected: true })}: ${about.cause}`,
    sentences: [
      `${whatIsDown({ ...about, isSuspected: true })} This is only a suspicion.`,
      `Why it is not certain: ${about.times.inText(plain(about.causes[0]?.finding.summary, 400)) || 'the truth could not be read.'}`,
      `${whatToCheck(about)} Lockwatch goes on reading, and says so as soon as it is sure that ${about.total === 1 ? 'it is' : 'they are'} locked.`,
    ],
  }),
  confirmed: (about) => ({
    tone: 'alarm',
    title: `Confirmed, ${down(about)}: ${about.cause}`,
    sentences: [
      whys(about).join(' ') || 'What was suspected is now certain.',
      whatIsDown(about),
      ...toDoWithoutSteps(about),
    ],
  }),
  worsened: (about) =>
    hasDeletions(about) ? sayDeletions(about) : isLateLock(about) ? sayLateLock(about) : sayWorsened(about),
  eased: (about) => ({
    tone: 'alarm',
    title: `Better, but not over, ${down(about)}: ${about.cause}`,
    sentences: [
      whys(about).join(' ') || 'One cause is gone; at least one still stands.',
      whatIsDown(about),
      'Go on with the steps: all access must be back before any environment can be enabled.',
    ],
  }),
  reminder: sayReminder,
  deadline: sayDeadline,
  accessRestored: sayAccessRestored,
  closed: sayClosed,
  actorLearnt: sayActorLearnt,
  acknowledged: sayAcknowledged,
  keyUnreachable: sayKeyUnreachable,
  silenced: (about) => ({
    tone: 'info',
    title: `Silence changed: ${about.policyNames}`,
    sentences: ['A silence was set, planned or ended. The status page shows which are in force.'],
  }),
  warning: (about) => ({
    tone: 'warning',
    title: `Warning about ${about.policyNames}: ${about.cause}`,
    sentences: [
      'Nothing is offline because of this yet.',
      'Look at what was found below, and fix it in time.',
    ],
  }),
  visibilityLost: (about) => ({
    tone: 'warning',
    title: `Lockwatch can't see ${about.policyNames}`,
    sentences: [
      'Lockwatch can’t read what it needs. Until it can, a lock may go unnoticed.',
      'What it can’t read, and which right would fix it, is below.',
    ],
  }),
  visibilityRestored: (about) => ({
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
  deliveryRestored: () => ({
    tone: 'good',
    title: 'A channel delivers again',
    sentences: ['What to do: nothing.'],
  }),
  drill: (about) => ({
    tone: 'info',
    title:
      about.policies.length === 0
        ? 'a test of this channel'
        : about.isOpen
          ? `a made-up lock of ${about.environments} of ${about.policyNames}`
          : `the made-up lock of ${about.policyNames} is over`,
    sentences:
      about.policies.length === 0
        ? ['What to do: nothing. That you read this proves that this channel works.']
        : about.isOpen
          ? ['What to do: see that everybody who should get this message got it. The drill ends by itself.']
          : ['What to do: nothing. If somebody did not get these messages, look at the channels.'],
  }),
};

function sayActorLearnt(about: NoticeFacts): Lead {
  const { notice, times } = about;
  const who = actorsInShort(notice, times);
  const areSeveral = separateChanges(notice).length > 0;
  return {
    tone: 'info',
    title: areSeveral ? `Now known who did what. ${who}` : `Now known who did it, ${who}: ${about.cause}`,
    sentences: [
      areSeveral
        ? `${who}. If a change was a mistake, whoever made it can undo it fastest.`
        : `${reportedBy(notice)} that it was ${who}; see below from where. If it was a mistake, they can undo it fastest.`,
      whatIsDown(about),
    ],
  };
}

function sayWorsened(about: NoticeFacts): Lead {
  return {
    tone: 'alarm',
    title: `${isRelapse(about) ? 'Access lost again' : 'Worse'}, ${down(about)}: ${about.cause}`,
    sentences: [
      `This adds to an earlier message. ${whys(about).join(' ') || 'There are more environments, one more cause, or access was lost again.'}`,
      whatIsDown(about),
      ...(about.causes.length > 1
        ? [`${count(about.causes.length, 'cause')} stand now: undo all of them.`]
        : toDoWithoutSteps(about)),
      ...(isRelapse(about) ? ['Environments that were enabled meanwhile must be enabled once more.'] : []),
    ],
  };
}
