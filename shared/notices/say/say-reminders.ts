import type { Lead } from './lead.ts';
import type { NoticeFacts } from './notice-facts.ts';
import {
  are,
  down,
  elapsed,
  flowsStop,
  possessive,
  toDoWithoutSteps,
  upper,
  whatIsDown,
  whatToCheck,
} from './say-phrases.ts';
import { whys } from './say-why.ts';
import { between, duration } from './words.ts';

/**
 * The incident is still open and nobody has acknowledged it: its age, and the remaining steps in this state.
 */
export function sayReminder(about: NoticeFacts): Lead {
  const why = whys(about).filter((text) => !ORDINARY.test(text));
  if (about.notice.incidents.every(({ incident }) => incident.askedToCloseAt !== undefined))
    return askToClose(about, why);
  if (about.isRestored) return remindToEnable(about, why);
  const long = elapsed(about.lockedSince, about);
  const title = `Reminder, ${down(about)}${long && ` for ${long}`}: ${about.cause}`;
  if (about.isSuspected)
    return {
      tone: 'warning',
      title: `Reminder${long && ` after ${long}`}, ${down(about)}: ${about.cause}`,
      sentences: [
        ...why,
        `${whatIsDown(about)} ${long ? `After ${long} this` : 'This'} is still only a suspicion: nothing that Lockwatch reads proves it or rules it out.`,
        whatToCheck(about),
      ],
    };
  return {
    tone: 'alarm',
    title,
    sentences: [
      ...(why.length > 0 ? why : ['Nothing has changed since the last message.']),
      long && about.running.count === 0
        ? `${upper(about.environments)} of ${about.policyNames} ${about.total === 1 ? 'has' : 'have'} been offline for ${long}: ${possessive(about)} encryption key can't be used. ${flowsStop(about)}`
        : whatIsDown(about),
      ...toDoWithoutSteps(about),
    ],
  };
}

/**
 * The reason of an ordinary reminder from `incidents/reminder-schedule.ts`: the other sentences already say
 * it.
 */
const ORDINARY = /^(?:The suspicion still stands|Access is still lost|Access is back)\.?$/;

function remindToEnable(about: NoticeFacts, why: string[]): Lead {
  const long = elapsed(about.restoredAt, about);
  const back = long ? `Access has been back for ${long}` : 'Access is back';
  if (about.total === 0)
    return {
      tone: 'info',
      title: `Reminder, access is back but this is still open${long && ` after ${long}`}: ${about.policyNames}`,
      sentences: [
        ...why,
        `${back}. No environment is known to wait, so nothing more can be seen here.`,
        'What to do: look whether anything is still disabled; if not, close this incident, with a reason.',
      ],
    };
  if (!isKnownToWait(about))
    return {
      tone: 'warning',
      title: `Reminder, check ${about.environments} and close this: access came back${long && ` ${long} ago`}`,
      sentences: [
        ...why,
        about.isInventory
          ? `${back}. Whether ${about.environments} of ${about.policyNames} ${are(about)} enabled can't be seen: your inventory does not tell it. So this incident never closes by itself.`
          : `${back}. Whether ${about.environments} of ${about.policyNames} ${are(about)} enabled could not be read.`,
        'What to do: open each environment below in the admin center, and choose "Re-enable environment" where it is offered. Then close this incident, with a reason.',
      ],
    };
  return {
    tone: 'warning',
    title: `Reminder, ${about.environments} still not enabled${long && `, ${long} after access came back`}`,
    sentences: [
      ...why,
      `${back}, but ${about.environments} of ${about.policyNames} ${are(about)} still not enabled. Nobody can work in ${about.total === 1 ? 'it' : 'them'} until a person enables ${about.total === 1 ? 'it' : 'each of them'}.`,
    ],
  };
}

/** Its environments left the lists, and nothing that Lockwatch reads can show whether they are still linked. */
function askToClose(about: NoticeFacts, why: string[]): Lead {
  return {
    tone: 'warning',
    title: `Not known any more, please check and close: ${about.cause}`,
    sentences: [
      ...why,
      `So whether environments of ${about.policyNames} are still linked, and offline, is not known. There are no more reminders of it.`,
      'What to do: look for them in the admin center. If they were unlinked, moved or deleted, close this incident, with a reason.',
    ],
  };
}

/** Little time is left, acknowledged or not. */
export function sayDeadline(about: NoticeFacts): Lead {
  const { environments, policyNames, recoverBy, times } = about;
  const left = timeLeft(about);
  const by = times.moment(recoverBy?.at);
  if (about.isRestored)
    return {
      tone: 'alarm',
      title: `${left} left to enable ${environments} (${policyNames})`,
      sentences: [
        `Access is back, but ${environments} of ${policyNames} ${are(about)} ${isKnownToWait(about) ? 'still disabled' : 'not known to be enabled'}. After ${by} ${about.total === 1 ? 'it' : 'they'} may be lost for good.`,
      ],
    };
  if (about.isSuspected)
    return {
      tone: 'alarm',
      title: `${left} left, if ${environments} ${are(about)} locked: ${about.cause}`,
      sentences: [
        `If ${environments} of ${policyNames} ${are(about)} locked, they may be lost for good after ${by}.`,
        whatToCheck(about),
      ],
    };
  if (left === 'No time')
    return {
      tone: 'alarm',
      title: `The time to save ${environments} is over: ${about.cause}`,
      sentences: [
        `By the estimate it ended at ${by}: ${about.total === 1 ? 'it' : 'they'} may be lost already.`,
        'What to do: act at once all the same, and open a request with Microsoft Support now: only they can tell what is left.',
        ...toDoWithoutSteps(about),
      ],
    };
  return {
    tone: 'alarm',
    title: `${left} left to save ${environments}: ${about.cause}`,
    sentences: [
      `After ${by} they may be lost for good.`,
      ...(about.isClosedStanding ? [CLOSED] : []),
      whatIsDown(about),
      ...toDoWithoutSteps(about),
    ],
  };
}

const CLOSED = 'A person closed the incident, but access has not come back.';

/** Only environments that were seen still disabled are reported as such. */
export function isKnownToWait({ notice }: NoticeFacts): boolean {
  return notice.incidents
    .flatMap(({ environments }) => environments)
    .some(({ state }) => state === 'awaitingReEnable' || state === 'locked');
}

function timeLeft({ recoverBy, notice }: NoticeFacts): string {
  const ms = between(notice.at, recoverBy?.at);
  return ms === undefined ? 'Not much time' : ms <= 0 ? 'No time' : upper(duration(ms));
}
