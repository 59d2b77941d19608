import { markdownLink, markdownText } from './card-text.ts';
import type { Message, MessageEnvironment, MessagePolicy, MessageStep, Section, Tone } from './message.ts';
import { cut } from './plain.ts';
import { share } from './share.ts';
import { count } from './words.ts';

/** How much a card may say. `text`: characters of one text. */
export interface Limits {
  policies: number;
  environments: number;
  evidence: number;
  steps: number;
  text: number;
}
export const FULL: Limits = { policies: 40, environments: 60, evidence: 8, steps: 40, text: 700 };

type Element = Record<string, unknown>;

/** The card with no more than these limits allow. Steps and evidence wait behind a button each. */
export function cardWithin(message: Message, limits: Limits): object {
  const part = (id: Section['id']) => message.sections.filter((section) => section.id === id);
  const body = [
    ...head(message, limits),
    ...part('down').flatMap((section) => downElements(section, limits, message.environmentsUrl)),
    ...part('happened').flatMap((section) => [heading(section), ...texts(section, limits, MOST_TEXTS)]),
  ];
  const shown = [
    showCard(
      'How to undo it',
      part('undo').flatMap((section) => undoElements(section, limits)),
    ),
    showCard(
      'What comes next, and by when',
      [...part('next'), ...part('deadline')].flatMap((section) => [
        heading(section),
        ...texts(section, limits, MOST_TEXTS),
      ]),
    ),
    showCard('Evidence, since when, who', [
      ...part('happened').flatMap((section) => evidenceElements(section, limits)),
      ...[...part('since'), ...part('who')].flatMap((section) => [
        heading(section),
        ...texts(section, limits, 3),
      ]),
    ]),
  ].flat();
  const links = message.links.map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url }));
  return card(body, [...shown, ...links]);
}

/** What always fits: the headline, what to do, and the links. */
export function smallestCard(message: Message): object {
  const links = message.links.map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url }));
  return card(head(message, { policies: 0, environments: 0, evidence: 0, steps: 0, text: 150 }), links);
}

function card(body: Element[], actions: Element[]): object {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body,
    ...(actions.length > 0 ? { actions } : {}),
  };
}

const MOST_TEXTS = 6;
const COLORS: Record<Tone, string> = { alarm: 'Attention', warning: 'Warning', good: 'Good', info: 'Accent' };

function head(message: Message, limits: Limits): Element[] {
  return [
    textBlock(message.title, limits.text, { size: 'Large', weight: 'Bolder', color: COLORS[message.tone] }),
    ...message.lead.slice(0, MOST_TEXTS).map((text) => textBlock(text, limits.text)),
    {
      type: 'FactSet',
      facts: message.glance.map(({ label, value }) => ({
        title: label,
        value: markdownText(cut(value, limits.text)),
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
    ...texts(section, limits, 3),
    ...shown.flatMap((policy, index) => policyElements(policy, shares[index] ?? 0, limits, allUrl)),
    ...(rest.length > 0
      ? [line(`and ${count(rest.length, 'more policy')} with ${count(restCount, 'environment')}`)]
      : []),
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
        `Policy ${markdownLink(cut(policy.name, limits.text), policy.url)}: ${policy.count > 0 ? count(policy.count, 'environment') : 'environments not known'}`,
      ),
      spacing: 'Small',
      weight: 'Bolder',
    },
    ...environments.map((environment) => line(environmentText(environment))),
    ...(more > 0 ? [line(`and ${markdownLink(`${more.toLocaleString('en-US')} more`, allUrl)}`)] : []),
  ];
}

const NAME = 80;

function environmentText({ name, url, sku, region, state, deletedFrom }: MessageEnvironment): string {
  const details = [
    sku,
    region,
    state,
    deletedFrom === undefined ? '' : `deletion from ${deletedFrom} (estimate)`,
  ];
  return [
    markdownLink(cut(name, NAME), url),
    ...details.filter(Boolean).map((text) => markdownText(text)),
  ].join(' · ');
}

function undoElements(section: Section, limits: Limits): Element[] {
  const steps = section.steps ?? [];
  const shown = steps.slice(0, limits.steps);
  const more = steps.length - shown.length;
  return [
    ...texts(section, limits, 2),
    ...shown.flatMap((step, index) => stepElements(step, index + 1, limits)),
    ...(more > 0 ? [line(`and ${count(more, 'more step')}: see the email or the incident`)] : []),
  ];
}

/** Half a command is worse than none: where it is too long, the portal's path stands for it. */
function stepElements(step: MessageStep, number: number, limits: Limits): Element[] {
  const words = `${number}\\. ${markdownText(cut(step.text, limits.text))}`;
  return [
    { ...line(step.url ? `${words} ${markdownLink('Read more', step.url)}` : words), spacing: 'Medium' },
    ...(step.command !== undefined && step.command.length <= limits.text ? [verbatim(step.command)] : []),
    ...(step.portal === undefined
      ? []
      : [line(markdownText(cut(`Or in the portal: ${step.portal}`, limits.text)))]),
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
      line(`${markdownText(cut(text, limits.text))} (read ${markdownText(readAt)})`),
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
  return { ...line(text), weight: 'Bolder', size: 'Medium', spacing: 'Medium' };
}

function textBlock(text: string, most: number, style: Element = {}): Element {
  return { type: 'TextBlock', text: markdownText(cut(text, most)), wrap: true, ...style };
}

/** `markdown` is escaped already. */
function line(markdown: string): Element {
  return { type: 'TextBlock', text: markdown, wrap: true, spacing: 'None' };
}

/** To be copied as it is: a text run reads no Markdown (Adaptive Cards docs: Text features), so it needs no escape. */
function verbatim(text: string): Element {
  return {
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, fontType: 'Monospace' }],
    spacing: 'Small',
  };
}

function showCard(title: string, body: Element[]): Element[] {
  if (body.length === 0) return [];
  return [{ type: 'Action.ShowCard', title, card: { type: 'AdaptiveCard', version: '1.4', body } }];
}
