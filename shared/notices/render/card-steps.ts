import type { Message, MessageStep } from '../say/message.ts';
import { truncate } from '../say/plain.ts';
import { count } from '../say/words.ts';
import { type Element, heading, type Limits, line, texts, verbatim } from './card-elements.ts';
import { markdownLink, markdownText } from './card-text.ts';
import { portalLine } from './portal-line.ts';

/** The steps that are read without a tap: a network may need two before the first on the key itself. */
export const STEPS_AT_ONCE = 3;
/** A longer command is left out whole. Those with a subscription and a key version have about 250 characters. */
const MAX_COMMAND = 700;

const TOO_LONG = 'Its command is too long for a card: see the email or the incident.';

export function firstSteps(message: Message, limits: Limits): Element[] {
  const section = message.sections.find(({ id }) => id === 'remediation');
  if (!section) return [];
  const steps = (section.steps ?? []).slice(0, STEPS_AT_ONCE);
  return [heading(section), ...texts(section, limits, 2), ...stepsElements(steps, limits)];
}

/** The steps from the one after `first`, with the numbers that they have in the email. */
export function stepsElements(steps: readonly MessageStep[], limits: Limits, first = 0): Element[] {
  const shown = steps.slice(first, limits.steps);
  const more = steps.length - first - shown.length;
  return [
    ...shown.flatMap((step, index) => stepElements(step, first + index + 1, limits)),
    ...(more > 0 ? [line(`and ${count(more, 'more step')}: see the email or the incident`)] : []),
  ];
}

/** Half a command is worse than none: if it is too long, the portal's path replaces it, or the email. */
function stepElements(step: MessageStep, number: number, limits: Limits): Element[] {
  const command = (step.command?.length ?? 0) <= MAX_COMMAND ? step.command : undefined;
  const words = `${number}\\. ${markdownText(truncate(step.text, limits.text))}`;
  return [
    { ...line(step.url ? `${words} ${markdownLink('Read more', step.url)}` : words), spacing: 'medium' },
    ...(command ? [verbatim(command)] : []),
    ...(step.command && !command && !step.portal ? [line(TOO_LONG)] : []),
    ...(step.portal ? [line(markdownText(truncate(portalLine(step.portal, command), limits.text)))] : []),
  ];
}
