import { enableSteps } from './enable-steps.ts';
import { mergeSteps } from './merge-steps.ts';
import type { MessageEvidence, Section } from './message.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { linkTo, plain } from './plain.ts';
import { causedByTime, sayActors } from './say-actor.ts';
import { assignees } from './say-assignees.ts';
import { separateChanges } from './say-changes.ts';
import { NO_ENVIRONMENT_LISTED } from './say-key-unreachable.ts';
import { onlyMicrosoftUndoes } from './say-phrases.ts';
import { between, count, duration, exact } from './words.ts';

const SENTENCE = 600;

/**
 * The sections in reading order: how to undo it, what comes next, then the details. A section whose content is
 * not known is left out: the facts say so in a word. `said`: the sentences before them, which are not repeated.
 */
export function saySections(
  about: NoticeFacts,
  said: readonly string[],
  options: { powerPlatformApiEndpoint?: string },
): Section[] {
  const all =
    about.notice.reason === 'acknowledged'
      ? [down, assignees]
      : [remediation, next, down, since, happened, who, deadline, assignees];
  return all
    .map((section) => section(about, options))
    .filter((section) => section !== undefined)
    .map((section) => (section.id === 'happened' ? withoutSaid(section, said) : section))
    .filter(hasContent);
}

function withoutSaid(section: Section, said: readonly string[]): Section {
  const isSaid = (text: string) => {
    const fact = text.replace(/^Suspected: /, '');
    return fact.length > 20 && said.some((sentence) => sentence.endsWith(fact));
  };
  return { ...section, texts: section.texts.filter((text) => !isSaid(text)) };
}

function hasContent({ texts, policies = [], evidence = [], steps = [] }: Section): boolean {
  return [texts, policies, evidence, steps].some((part) => part.length > 0);
}

function down(about: NoticeFacts): Section {
  const { policies, total, isDrill, isOpen } = about;
  const named = policies.reduce((sum, { environments }) => sum + environments.length, 0);
  const texts = [];
  if (total > 0 && named === 0)
    texts.push('Their names could not be read just now; the number is the last that was known.');
  if (about.isWithoutEnvironments) texts.push(NO_ENVIRONMENT_LISTED);
  else if (total === 0 && named === 0 && !about.isRestored)
    texts.push('Which environments these are could not be read, and no earlier list is known.');
  if (named > 0 && !isDrill) texts.push(...listOrigin(about));
  const hasDefault = policies.some(({ environments }) =>
    environments.some(({ sku, state }) => sku.toLowerCase() === 'default' && state !== STATE_ENABLED),
  );
  if (hasDefault && !isDrill && isOpen)
    texts.push(
      'The default environment is among them. Workflows that post to Teams run there, so Teams cards may stop: rely on email.',
    );
  return { id: 'down', heading: downHeading(about), texts, policies };
}

const STATE_ENABLED = 'enabled again';
function downHeading({ notice, isSuspected, isRestored }: NoticeFacts): string {
  const own = DOWN_HEADINGS[notice.reason];
  if (own) return own;
  return isSuspected ? 'What may be locked' : isRestored ? 'What must be enabled again' : 'What is down';
}

const DOWN_HEADINGS: Partial<Record<NoticeFacts['notice']['reason'], string>> = {
  suspected: 'What may be locked',
  accessRestored: 'What must be enabled again',
  closed: 'What was affected',
  keyUnreachable: 'What is affected',
  warning: 'What is at stake',
  visibilityLost: 'What is at stake',
  visibilityRestored: 'What is watched again',
  drill: 'What this drill names',
};

/** The source of the list of environments, and its age. */
function listOrigin({ notice, times: { moment } }: NoticeFacts): string[] {
  const origins = notice.incidents.map(({ incident }) => incident);
  const oldest = origins
    .filter(({ environmentsAsOf }) => environmentsAsOf !== undefined)
    .sort((a, b) => between(b.environmentsAsOf, a.environmentsAsOf) ?? 0)[0];
  if (!oldest) return [];
  const of = moment(oldest.environmentsAsOf);
  const isInventory = origins.some(({ environmentsSource }) => environmentsSource === 'inventory');
  return isInventory
    ? [`This list is your inventory's, of ${of}. Whether each is enabled can't be read from it.`]
    : [`This list is Power Platform's own, of ${of}.`];
}

function since({
  notice,
  since: openedAt,
  causes,
  isRestored,
  restoredAt,
  times: { moment },
}: NoticeFacts): Section {
  const incidents = notice.incidents.map(({ incident }) => incident);
  const actedAt = incidents
    .map((incident) => incident.actedAt)
    .filter((at) => !Number.isNaN(Date.parse(at ?? '')))
    .sort()[0];
  const lag = between(actedAt, openedAt);
  const texts = [];
  if (actedAt !== undefined) {
    const effect = lag !== undefined && lag >= 0 ? ` Lockwatch saw its effect ${duration(lag)} later.` : '';
    const made = separateChanges(notice).length > 1 ? 'The first change was made' : 'The change was made';
    texts.push(`${causedByTime(causes)?.reported ?? made} at ${moment(actedAt)}.${effect}`);
  }
  const lockedAgain = incidents.map(({ lockedSince }) => lockedSince).find((at) => at !== undefined);
  if (lockedAgain !== undefined)
    texts.push(`Access had come back in between, and was lost again at ${moment(lockedAgain)}.`);
  if (restoredAt !== undefined && (isRestored || ENDED.has(notice.reason)))
    texts.push(`Access was back at ${moment(restoredAt)}.`);
  return { id: 'since', heading: 'Since when', texts };
}

const ENDED: ReadonlySet<string> = new Set(['accessRestored', 'closed']);

function happened({ causes, notice, isRestored, isClosedStanding, times }: NoticeFacts): Section {
  const isOver = isRestored || ENDED.has(notice.reason);
  const texts = causes.map(({ verdict, finding }) => {
    const summary = times.inText(plain(finding.summary, SENTENCE)) || finding.trigger.replaceAll('-', ' ');
    return verdict === 'suspected' ? `Suspected: ${summary}` : summary;
  });
  const evidence = new Map<string, MessageEvidence>();
  for (const { finding } of causes)
    for (const { text, readAt } of finding.evidence) {
      const shown = plain(text, SENTENCE);
      if (!evidence.has(shown)) evidence.set(shown, { text: shown, readAt: exact(readAt) });
    }
  return {
    id: 'happened',
    heading: isOver ? 'What had happened' : 'What happened',
    texts: [...(isOver && texts.length > 0 ? [isClosedStanding ? IT_STOOD : IT_WAS] : []), ...new Set(texts)],
    evidence: [...evidence.values()],
  };
}

/**
 * The summaries report an earlier reading in the present tense: below "access is back" that would be a
 * contradiction.
 */
const IT_WAS = 'It reads clear now. This is what was read while it stood:';
/** A person closed it with the cause still present: nothing read clear. */
const IT_STOOD = 'It had not read clear when the incident was closed. This is what was read last:';

function who({ notice, times }: NoticeFacts): Section {
  return { id: 'who', heading: 'Who did it', texts: sayActors(notice, times) };
}

function remediation({ notice, causes, isRestored, times }: NoticeFacts): Section | undefined {
  const steps = mergeSteps(notice.incidents.map(({ incident }) => incident));
  if (ENDED.has(notice.reason) || isRestored || steps.length === 0) return undefined;
  return {
    id: 'remediation',
    heading: 'How to undo it',
    texts: [
      onlyMicrosoftUndoes(causes)
        ? 'It is the enterprise policy itself that is gone. Nothing done to the key or its vault brings it back.'
        : 'Restore the original key: another key, or a new version of it, does not unlock them. Afterwards, re-enable each environment (see What comes next).',
    ],
    steps: steps.map(({ text, command, portal, link }) => ({
      text: times.inText(plain(text, SENTENCE)),
      command: command === undefined ? undefined : plain(command, 2000),
      portal: portal === undefined ? undefined : plain(portal, SENTENCE),
      url: linkTo(link),
    })),
  };
}

/** Power Platform docs: "Lock environments by revoking key vault access", the part on unlocking. */
function next(
  { notice, total, isRestored, isWithoutEnvironments }: NoticeFacts,
  { powerPlatformApiEndpoint }: { powerPlatformApiEndpoint?: string },
): Section | undefined {
  if (isWithoutEnvironments) return undefined;
  if (notice.reason === 'closed' || notice.reason === 'visibilityRestored') return undefined;
  if (isRestored && total === 0) return undefined;
  const steps = isRestored ? enableSteps(notice, powerPlatformApiEndpoint) : [];
  return {
    id: 'next',
    heading: isRestored ? 'What to do now, for each environment' : 'What comes next',
    texts: [
      `${isRestored ? '' : 'When access is back, re-enable each environment: none comes back by itself. '}Power Platform admin center → Manage → Environments → the environment → the card "Environment disabled" → Re-enable environment. It takes up to 5 minutes, is a preview, and needs read access to the enterprise policy.`,
      'If this is not offered, open a request with Microsoft Support (Power Platform admin center → Support → New support request), and name the environment and the enterprise policy.',
      ...(steps.length > 0 ? ['The commands of the next steps do the same for all of them at once.'] : []),
    ],
    ...(steps.length > 0 ? { steps } : {}),
  };
}

/** The date itself is in the facts: here is what it rests on. */
function deadline(about: NoticeFacts): Section | undefined {
  const { notice, recoverBy, isRestored } = about;
  if (!hasDeadline(about)) return undefined;
  const isOver = (between(notice.at, recoverBy?.at) ?? 1) <= 0;
  const because = recoverBy?.because ?? '';
  const guesses = notice.incidents
    .flatMap(({ environments }) => environments)
    .filter(({ deletionIsGuess, state }) => deletionIsGuess && state !== 'enabled').length;
  const texts = [
    recoverBy === undefined ? 'Act as if it were soon.' : '',
    isOver && notice.reason !== 'deadline' ? 'Act at once all the same, and ask Microsoft Support.' : '',
    isRestored && !isOver
      ? 'Time went on while access was missing. Do not count on more: enable the environments before that date.'
      : '',
    PUBLISHED_TERM.test(because) ? '' : because,
    `${TERMS}${recoverBy?.isEstimate === false ? '.' : ', which is an estimate on the safe side.'}`,
    guesses > 0 && !because.includes(SHORTEST_TERM)
      ? `For ${count(guesses, 'environment')} of another kind no term is published, so 7 days are taken.`
      : '',
  ];
  return { id: 'deadline', heading: 'By when', texts: texts.filter((text) => text !== '') };
}

/** Power Platform docs: "Lock environments by revoking key vault access". */
const TERMS =
  'Locked sandbox environments are deleted after 7 days, production environments after 30 days. When that time begins is not published: Lockwatch counts from when it saw the lock';
/** The texts of `incidents/recover-by.ts`; the first is part of `TERMS`. */
const PUBLISHED_TERM = /^Locked (?:sandbox|production) environments are deleted after/;
const SHORTEST_TERM = 'the shortest known term';

/** False where nothing is lost by a date: it is over, nothing waits to be enabled, or nothing is affected. */
export function hasDeadline({ notice, isRestored, total, isWithoutEnvironments }: NoticeFacts): boolean {
  if (isWithoutEnvironments || WITHOUT_DEADLINE.has(notice.reason)) return false;
  return !(isRestored && total === 0);
}

const WITHOUT_DEADLINE: ReadonlySet<string> = new Set(['closed', 'visibilityRestored']);
