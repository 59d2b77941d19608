import type { Notice } from '../../notice.ts';
import { emailContent } from '../../render/email.ts';
import { type SayOptions, say } from '../../say/say.ts';
import { type Recipients, recipientsOf } from './recipients.ts';

export interface MailOptions extends Recipients {
  from: string;
  say: SayOptions;
}

/** One mail, the same for every transport. */
export interface Mail {
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  messageId: string;
  inReplyTo: string;
  references: string[];
  headers: Record<string, string>;
}

/**
 * The mail for a notice. The ids are derived from the notice's own, so that a mail that is sent again after a
 * crash is the same mail. All mails of an incident refer to one id that no mail has, so that mail programs
 * group them (RFC 5322, 3.6.4).
 */
export function mailOf(notice: Notice, options: MailOptions): Mail {
  const id = (...parts: string[]) =>
    `<${parts.map((part) => part.replace(/[^A-Za-z0-9.-]/g, '')).join('.')}@${domainOf(options.from)}>`;
  const threads = notice.incidents.slice(0, MAX_THREADS).map(({ incident }) => id('incident', incident.id));
  return {
    from: options.from,
    to: recipientsOf(notice, options),
    ...emailContent(say(notice, options.say)),
    messageId: id(notice.messageId),
    inReplyTo: threads[0] ?? '',
    references: threads,
    // RFC 3834: no vacation replies.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

const MAX_THREADS = 10;

/** The bare address of a sender. */
export function addressOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
}

function domainOf(address: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(address)?.[1] ?? 'lockwatch.invalid';
}
