import type { Message } from '../say/message.ts';
import { markdownText } from './card-text.ts';

/** The last line of a card, without any weight: which deployment sent it. */
export function cardEnd({ deployment }: Message): Record<string, unknown>[] {
  if (deployment === undefined) return [];
  return [
    {
      type: 'TextBlock',
      text: `Lockwatch deployment: ${markdownText(deployment)}`,
      wrap: true,
      spacing: 'medium',
      size: 'small',
      isSubtle: true,
    },
  ];
}
