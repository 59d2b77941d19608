import type {
  Link,
  Message,
  MessageEnvironment,
  MessagePolicy,
  MessageStep,
  Section,
  Tone,
} from '../say/message.ts';
import { steady, truncate } from '../say/plain.ts';
import { share } from '../say/share.ts';
import { count } from '../say/words.ts';
import { cardEnd } from './card-end.ts';
import { markdownLink, markdownText } from './card-text.ts';
import { portalLine } from './portal-line.ts';

/** The limits of a card's content. `text`: characters of one text. */
export interface Limits {
  policies: number;
  environments: number;
  evidence: number;
  steps: number;
  text: number;
}
export const FULL: Limits = { policies: 40, environments: 60, evidence: 8, steps: 40, text: 700 };

type Element = Record<string, unknown>;

/** The card within these limits. Steps and evidence are each behind a button. */
export function cardWithin(message: Message, limits: Limits): object {
  const part = (...ids: Section['id'][]) => message.sections.filter(({ id }) => ids.includes(id));
  const withHeading = (section: Section) => [heading(section), ...texts(section, limits, MAX_TEXTS)];
  const happened = part('happened').flatMap((section) => {
    const unsaid = section.texts.filter((text) => !isInLead(message, text));
    return unsaid.length > 0 ? withHeading({ ...section, texts: unsaid }) : [];
  });
  // A past incident needs less detail at a glance.
  const isOver = part('since').length > 0 && part('remediation').length === 0;
  const body = [
    ...policyState(message, limits),
    ...part('down').flatMap((section) => downElements(section, limits, message.environmentsUrl)),
    ...(isOver ? [] : happened),
  ];
  const remediation = part('remediation').flatMap((section) => remediationElements(section, limits));
  const next = part('next', 'deadline', 'assignee').flatMap((section) => [
    ...withHeading(section),
    ...stepsElements(section.steps ?? [], limits),
  ]);
  const evidence = [
    ...(isOver ? happened : []),
    ...part('happened').flatMap((section) => evidenceElements(section, limits)),
    ...part('since', 'who').flatMap(withHeading),
  ];
  const beside = (...ids: Section['id'][]) =>
    buttons(message.links.filter(({ of }) => of && ids.includes(of)));
  const remediationHeading = part('remediation')[0]?.heading ?? '';
  return card(message, body, [
    ...showCard(remediationHeading, remediation, beside('remediation')),
    ...showCard(part('next')[0]?.heading.split(',')[0] ?? 'By when, and who has it', next, beside('next')),
    ...showCard(
      'Evidence and who',
      evidence,
      remediation.length > 0 ? beside('who') : beside('remediation', 'who'),
    ),
    ...buttons(message.links.filter(({ of }) => of === undefined || (of === 'next' && next.length === 0))),
  ]);
}

function isInLead({ lead }: Message, text: string): boolean {
  const plainText = text.replace(/^Suspected: /, '');
  return lead.some((sentence) => sentence.includes(plainText));
}

/** The part that always fits: the headline, the first steps, and the links. */
export function smallestCard(message: Message): object {
  const limits = { policies: 0, environments: 0, evidence: 0, steps: 0, text: 150 };
  return card(message, policyState(message, limits), buttons(message.links));
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
    ...(more > 0 ? [line(`and ${markdownLink(`${more.toLocaleString('en-US')} more`, allUrl)}`)] : []),
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

function remediationElements(section: Section, limits: Limits): Element[] {
  return [...texts(section, limits, 2), ...stepsElements(section.steps ?? [], limits)];
}

function stepsElements(steps: readonly MessageStep[], limits: Limits): Element[] {
  const shown = steps.slice(0, limits.steps);
  const more = steps.length - shown.length;
  return [
    ...shown.flatMap((step, index) => stepElements(step, index + 1, limits)),
    ...(more > 0 ? [line(`and ${count(more, 'more step')}: see the email or the incident`)] : []),
  ];
}

/** Half a command is worse than none: if it is too long, the portal's path replaces it. */
function stepElements(step: MessageStep, number: number, limits: Limits): Element[] {
  const command = (step.command?.length ?? 0) <= limits.text ? step.command : undefined;
  const words = `${number}\\. ${markdownText(truncate(step.text, limits.text))}`;
  return [
    { ...line(step.url ? `${words} ${markdownLink('Read more', step.url)}` : words), spacing: 'medium' },
    ...(command ? [verbatim(command)] : []),
    ...(step.portal ? [line(markdownText(truncate(portalLine(step.portal, command), limits.text)))] : []),
  ];
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

function texts(section: Section, limits: Limits, most: number): Element[] {
  const shown = section.texts.slice(0, most).map((text) => textBlock(text, limits.text));
  const more = section.texts.length - shown.length;
  return more > 0 ? [...shown, line(`and ${more} more`)] : shown;
}

function heading({ heading: text }: Pick<Section, 'heading'>): Element {
  return { ...line(text), weight: 'bolder', size: 'medium', spacing: 'medium' };
}

function textBlock(text: string, most: number, style: Element = {}): Element {
  return { type: 'TextBlock', text: markdownText(truncate(text, most)), wrap: true, ...style };
}

/** `markdown` is escaped already. */
function line(markdown: string): Element {
  return { type: 'TextBlock', text: markdown, wrap: true, spacing: 'none' };
}

/** Copied unchanged: a text run reads no Markdown (Adaptive Cards docs: Text features). */
function verbatim(text: string): Element {
  return {
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, fontType: 'monospace' }],
    spacing: 'small',
  };
}

function showCard(title: string, body: Element[], actions: Element[]): Element[] {
  if (body.length === 0) return [];
  const shown = { type: 'AdaptiveCard', version: '1.4', body, ...(actions.length > 0 ? { actions } : {}) };
  return [{ type: 'Action.ShowCard', title, card: shown }];
}
