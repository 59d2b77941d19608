import type { Message } from '../say/message.ts';
import { plain, truncate } from '../say/plain.ts';
import { emailHtml } from './email-html.ts';
import { emailText } from './email-text.ts';

/**
 * One email in both of its forms, with the same content. The subject is one line of at most 150 characters;
 * it begins with the policy, so that a mailbox sorted by subject groups related mails.
 */
export function emailContent(message: Message): { subject: string; text: string; html: string } {
  const topic = message.topic ? ` ${message.topic}` : '';
  return {
    subject: truncate(plain(`[Lockwatch${topic}] ${message.title}`, 400), 150),
    text: emailText(message),
    html: emailHtml(message),
  };
}
