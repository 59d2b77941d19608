import type { Lead } from './lead.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { plain } from './plain.ts';
import { nameOf } from './say-assignees.ts';
import { are, elapsed, possessive, upper } from './say-phrases.ts';
import { isKnownToWait } from './say-reminders.ts';
import { count, listed } from './words.ts';

/** Access is back: nothing must be undone, but environments must be enabled. */
export function sayAccessRestored(about: NoticeFacts): Lead {
  const { total, environments, policyNames } = about;
  return {
    tone: total > 0 ? 'warning' : 'good',
    title:
      total > 0
        ? `Access is back, now enable ${environments} (${policyNames})`
        : `Access is back (${policyNames})`,
    sentences: [
      `${upper(policyNames)} can use ${possessive(about)} key again.`,
      ...mayNotActYet(about),
      ...(total > 0
        ? [
            isKnownToWait(about)
              ? 'The environments are NOT enabled yet: giving access back does not do it. A person must enable each of them.'
              : 'Giving access back enables no environment. Whether these are enabled is not known: look at each of them.',
          ]
        : ['No environment is known to be waiting to be enabled.']),
    ],
  };
}

/** Access is back, and the environments are seen disabled only now (`incidents/closing.ts`). */
export function isLateLock({ notice }: NoticeFacts): boolean {
  return (
    notice.reason === 'worsened' &&
    notice.incidents.length > 0 &&
    notice.incidents.every(({ incident }) => incident.state === 'accessRestored')
  );
}

export function sayLateLock(about: NoticeFacts): Lead {
  return {
    tone: 'alarm',
    title: `Locked after all, enable ${about.environments} (${about.policyNames})`,
    sentences: [
      `Access is back, but Power Platform shows only now that ${about.environments} of ${about.policyNames} ${are(about)} offline.`,
      'There is nothing to undo. A person must enable each of them.',
    ],
  };
}

/** Azure applies changes of permissions and networks late, although it shows them already. */
function mayNotActYet({ notice, times }: NoticeFacts): string[] {
  const latest = notice.incidents
    .map(({ incident }) => incident.provisionalUntil)
    .filter((until) => until !== undefined)
    .sort()
    .at(-1);
  if (latest === undefined) return [];
  return [
    `It may not act before ${times.moment(latest)}: Azure applies changes of permissions within 10 minutes and of networks within 15. If enabling fails before that, try again then. Lockwatch goes on looking.`,
  ];
}

/** The end: by itself or by a person, and the environments that were not seen enabled. */
export function sayClosed(about: NoticeFacts): Lead {
  if (about.notice.incidents.every(({ incident }) => incident.state === 'dismissed')) return noLock(about);
  const unseen = about.notice.incidents
    .flatMap(({ environments }) => environments)
    .filter(({ state }) => state !== 'enabled')
    .map(({ displayName, id }) => plain(displayName, 80) || plain(id, 80) || 'one without a name');
  const long = elapsed(about.since, about);
  return {
    tone: unseen.length > 0 || about.isClosedStanding ? 'warning' : 'good',
    title: `Closed: ${about.policyNames}${long && `, after ${long}`}`,
    sentences: [
      ...byWhom(about),
      ...(about.isClosedStanding
        ? [
            'Access had NOT come back by then. Lockwatch reports only the deadlines of this cause until it has read clear once.',
          ]
        : []),
      unseen.length > 0
        ? `${count(unseen.length, 'environment')} of it ${unseen.length === 1 ? 'was' : 'were'} not seen enabled: ${listed(unseen, 5)}. Check ${unseen.length === 1 ? 'it' : 'them'}: Lockwatch will not speak of ${unseen.length === 1 ? 'it' : 'them'} again.`
        : about.total > 0
          ? `${upper(about.environments)} ${are(about)} enabled again.`
          : 'No environment was seen locked at the end.',
    ],
  };
}

function byWhom({ notice }: NoticeFacts): string[] {
  const reasons = notice.incidents.map(({ incident, because }) => {
    const { closedBy, environmentsSource, noEnvironments } = incident;
    if (!closedBy && LEFT.test(because ?? '')) return plain(because, 300);
    if (!closedBy && environmentsSource === 'inventory' && !noEnvironments)
      return 'This incident closed by itself after 7 days without a cause. An inventory shows no states, so nobody has verified the environments.';
    if (!closedBy) return 'This incident closed by itself.';
    const why = plain(closedBy.why, 300).replace(/[.\s]+$/, '');
    return `${nameOf(closedBy.by)} closed this incident${why && `: ${why}`}.`;
  });
  const distinct = [...new Set(reasons)];
  return distinct.length > 5 ? [...distinct.slice(0, 4), `And ${distinct.length - 4} more.`] : distinct;
}

/** `incidents/departure.ts`. */
const LEFT = /^Every environment of this incident has left the policy/;

/** The end of a suspicion that was never confirmed. */
function noLock(about: NoticeFacts): Lead {
  return {
    tone: 'good',
    title: `No lock after all: ${about.policyNames}`,
    sentences: [
      ...byWhom(about).filter((text) => LEFT.test(text)),
      `What looked like a lock was not confirmed, and reads clear now: ${about.cause}.`,
      'There is nothing to undo. If an environment is disabled all the same, tell Microsoft Support.',
    ],
  };
}
