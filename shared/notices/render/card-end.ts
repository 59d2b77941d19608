import { HELP, type Message } from '../say/message.ts';
import { markdownLink, markdownText } from './card-text.ts';

/** The last line of a card, in small print: which deployment sent it, and what the documents say of it. */
export function cardEnd({ deployment, helpUrl }: Message): Record<string, unknown>[] {
  const parts = [
    ...(helpUrl === undefined ? [] : [markdownLink(HELP, helpUrl)]),
    ...(deployment === undefined ? [] : [`Lockwatch deployment: ${markdownText(deployment)}`]),
  ];
  if (parts.length === 0) return [];
  return [
    {
      type: 'TextBlock',
      text: parts.join(' · '),
      wrap: true,
      spacing: 'medium',
      size: 'small',
      isSubtle: true,
    },
  ];
}
