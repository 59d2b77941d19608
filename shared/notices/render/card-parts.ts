import type { Link, Message, MessageEnvironment, MessagePolicy, Section, Tone } from '../say/message.ts';
import { steady, truncate } from '../say/plain.ts';
import { share } from '../say/share.ts';
import { count, thousands } from '../say/words.ts';
import { type Element, heading, type Limits, line, textBlock, texts } from './card-elements.ts';
import { cardEnd } from './card-end.ts';
import { firstSteps, STEPS_AT_ONCE, stepsElements } from './card-steps.ts';
import { markdownLink, markdownText } from './card-text.ts';

/**
 * The card within these limits: what is down and the first steps at once; further steps, what comes next and the
 * evidence each behind a button.
 */
export function cardWithin(message: Message, limits: Limits): object {
  const part = (...ids: Section['id'][]) => message.sections.filter(({ id }) => ids.includes(id));
  const withHeading = (section: Section) => [heading(section), ...texts(section, limits, MAX_TEXTS)];
  const [remediation] = part('remediation');
  const steps = remediation?.steps ?? [];
  const next = part('next');
  // Once nothing is left to undo, what comes next is what a person must do.
  const isNextDue = remediation === undefined && message.tone !== 'info';
  const [nextLater] = isNextDue ? [] : next;
  const moreSteps = stepsElements(steps, limits, STEPS_AT_ONCE);
  // In a message about Lockwatch itself, what happened is the matter.
  const isAboutEnvironments = part('down').length > 0;
  const happened = part('happened').flatMap((section) => [
    ...withHeading(section),
    ...evidenceElements(section, limits),
  ]);
  const body = [
    ...policyState(message, limits),
    ...(isAboutEnvironments ? [] : happened),
    ...firstSteps(message, limits),
    ...(isNextDue ? next.flatMap(withHeading) : []),
    ...part('down').flatMap((section) => downElements(section, limits, message.environmentsUrl)),
  ];
  const stepsOfNext = next.flatMap((section) => stepsElements(section.steps ?? [], limits));
  const later = [
    ...(nextLater ? [...withHeading(nextLater), ...stepsOfNext] : []),
    ...part('deadline', 'assignee').flatMap(withHeading),
  ];
  const evidence = [...(isAboutEnvironments ? happened : []), ...part('since', 'who').flatMap(withHeading)];
  const beside = (...ids: Section['id'][]) =>
    buttons(message.links.filter(({ of }) => of && ids.includes(of)));
  const commands = isNextDue ? stepsOfNext : [];
  // Five buttons at most.
  const ownButtons = message.links.filter(
    ({ of }) => of === undefined || (of === 'next' && !nextLater && commands.length === 0),
  );
  return card(message, body, [
    ...showCard('More steps', moreSteps, beside('remediation')),
    ...showCard(nextLater?.heading ?? 'By when, and who has it', later, nextLater ? beside('next') : []),
    ...showCard('As commands', commands, beside('next')),
    ...showCard(
      'Evidence and who',
      evidence,
      moreSteps.length > 0 ? beside('who') : beside('remediation', 'who'),
    ),
    ...buttons(ownButtons),
  ]);
}

/** The part that always fits: the headline, the facts, the first steps if there is room, and the links. */
export function smallestCard(message: Message, steps: number): object {
  const limits = { policies: 0, environments: 0, evidence: 0, steps, text: 150 };
  return card(
    message,
    [...policyState(message, limits), ...firstSteps(message, limits)],
    buttons(message.links),
  );
}

function card(message: Message, body: Element[], actions: Element[]): object {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: markdownText(truncate(message.summary, 250)),
    msteams: { width: 'Full' },
    body: [...body, ...cardEnd(message)],
    ...(actions.length > 0 ? { actions } : {}),
  };
}

function buttons(links: readonly Link[]): Element[] {
  return links.map(({ short, url }) => ({ type: 'Action.OpenUrl', title: short, url }));
}

const MAX_TEXTS = 6;
/** The values' own spelling; the schema of version 1.4 accepts lower case. */
const STYLES: Record<Tone, string> = { alarm: 'attention', warning: 'warning', good: 'good', info: 'accent' };

function policyState(message: Message, limits: Limits): Element[] {
  return [
    {
      type: 'Container',
      style: STYLES[message.tone],
      bleed: true,
      items: [
        textBlock(message.title, limits.text, {
          size: 'large',
          weight: 'bolder',
          color: STYLES[message.tone],
        }),
      ],
    },
    ...message.lead.slice(0, MAX_TEXTS).map((text) => textBlock(text, limits.text)),
    {
      type: 'FactSet',
      facts: message.glance.map(({ label, value }) => ({
        title: label,
        value: markdownText(truncate(value, limits.text)),
      })),
    },
  ];
}

function downElements(section: Section, limits: Limits, allUrl: string | undefined): Element[] {
  const policies = section.policies ?? [];
  const shown = policies.slice(0, limits.policies);
  const shares = share(
    limits.environments,
    shown.map(({ environments }) => environments.length),
  );
  const rest = policies.slice(shown.length);
  const restCount = rest.reduce((sum, policy) => sum + policy.count, 0);
  return [
    heading(section),
    ...shown.flatMap((policy, index) => policyElements(policy, shares[index] ?? 0, limits, allUrl)),
    ...(rest.length > 0
      ? [line(`and ${count(rest.length, 'more policy')} with ${count(restCount, 'environment')}`)]
      : []),
    ...texts(section, limits, 3),
  ];
}

function policyElements(
  policy: MessagePolicy,
  most: number,
  limits: Limits,
  allUrl: string | undefined,
): Element[] {
  const environments = policy.environments.slice(0, most);
  const more = policy.count - environments.length;
  return [
    {
      ...line(
        `Policy ${markdownLink(steady(truncate(policy.name, limits.text)), policy.url)}: ${policy.count > 0 ? count(policy.count, 'environment') : 'environments not known'}`,
      ),
      spacing: 'small',
      weight: 'bolder',
    },
    ...environments.map((environment) => line(environmentText(environment))),
    ...(more > 0 ? [line(`and ${markdownLink(`${thousands(more)} more`, allUrl)}`)] : []),
  ];
}

const NAME = 80;

function environmentText({ name, url, sku, region, state, deletedOn }: MessageEnvironment): string {
  const details = [
    sku,
    region,
    state,
    deletedOn === undefined ? '' : `deletion from ${deletedOn}, an estimate`,
  ];
  return [
    markdownLink(steady(truncate(name, NAME)), url),
    ...details.filter(Boolean).map((text) => markdownText(text)),
  ].join(' · ');
}

function evidenceElements(section: Section, limits: Limits): Element[] {
  const evidence = section.evidence ?? [];
  if (evidence.length === 0) return [];
  const shown = evidence.slice(0, limits.evidence);
  const more = evidence.length - shown.length;
  return [
    heading({ heading: 'Evidence' }),
    ...shown.map(({ text, readAt }) =>
      line(`${markdownText(truncate(text, limits.text))} (read ${markdownText(readAt)})`),
    ),
    ...(more > 0 ? [line(`and ${count(more, 'more reading')}`)] : []),
  ];
}

function showCard(title: string, body: Element[], actions: Element[]): Element[] {
  if (body.length === 0) return [];
  const shown = { type: 'AdaptiveCard', version: '1.4', body, ...(actions.length > 0 ? { actions } : {}) };
  return [{ type: 'Action.ShowCard', title, card: shown }];
}
