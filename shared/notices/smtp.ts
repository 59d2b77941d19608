import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import { emailContent } from './email.ts';
import type { Channel, Notice } from './notice.ts';
import { type SayOptions, say } from './say.ts';
import { smtpFailure } from './smtp-outcome.ts';

export interface EmailOptions {
  /** `smtp://` (STARTTLS) or `smtps://`, with user and password where the relay wants them. Never in a result. */
  smtpUrl: string;
  from: string;
  to: string[];
  say: SayOptions;
  /** Lets mail go unencrypted to a host other than this one. */
  allowUnencrypted?: boolean;
  /** How long the server may be silent, milliseconds. */
  timeoutMs?: number;
  loadTransport?: LoadTransport;
}

/** Makes the transport for one mail. nodemailer by default, loaded only when a mail is sent. */
export type LoadTransport = (options: SMTPTransportOptions) => Promise<MailTransport>;
export interface MailTransport {
  sendMail(mail: Mail): Promise<{ accepted?: unknown[]; rejected?: unknown[] }>;
  close(): void;
}
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
  signal: AbortSignal;
}

/** Sends a mail through an SMTP server. Throws at once where the address is none; sending never throws. */
export function createEmailChannel(options: EmailOptions): Channel {
  const server = serverOf(options);
  const { loadTransport = nodemailer } = options;
  return {
    name: 'email',
    async send(notice, abort) {
      try {
        const transport = await loadTransport(server);
        try {
          const { accepted = [], rejected = [] } = await transport.sendMail({
            ...mailOf(notice, options),
            signal: abort,
          });
          const refused = rejected.length === 0 ? '' : `, refused for ${rejected.length} more`;
          return { outcome: 'sent', detail: `Accepted by ${server.host} for ${accepted.length}${refused}.` };
        } finally {
          transport.close();
        }
      } catch (error) {
        return smtpFailure(error, server.host ?? 'the mail server');
      }
    },
  };
}

async function nodemailer(options: SMTPTransportOptions): Promise<MailTransport> {
  const { createTransport } = await import('nodemailer');
  return createTransport(options);
}

/**
 * The URL is taken apart here: nodemailer would take any of its own options from the query, also one that turns the
 * check of certificates off.
 */
function serverOf({
  smtpUrl,
  allowUnencrypted = false,
  timeoutMs = 10_000,
}: EmailOptions): SMTPTransportOptions {
  const url = URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined;
  if (!url?.hostname || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:'))
    throw new Error('The mail server is not an smtp:// or smtps:// URL (its value is not shown).');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const mayBePlain = allowUnencrypted || LOOPBACK.test(host);
  return {
    host,
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    requireTLS: !secure && !mayBePlain,
    opportunisticTLS: !secure && mayBePlain,
    auth: url.username ? { user: decoded(url.username), pass: decoded(url.password) } : undefined,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;

/** A password with a bare % in it is taken as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * The ids are made from the notice's own, so that a mail that is sent again after a crash is the same mail. All mails of
 * an incident answer to one id that no mail has: mail programs then show them together (RFC 5322, 3.6.4).
 */
function mailOf(notice: Notice, { from, to, say: options }: EmailOptions): Omit<Mail, 'signal'> {
  const id = (...parts: string[]) =>
    `<${parts.map((part) => part.replace(/[^A-Za-z0-9.-]/g, '')).join('.')}@${domainOf(from)}>`;
  const threads = notice.incidents.slice(0, MOST_THREADS).map(({ incident }) => id('incident', incident.id));
  return {
    from,
    to,
    ...emailContent(say(notice, options)),
    messageId: id(notice.messageId),
    inReplyTo: threads[0] ?? '',
    references: threads,
    // RFC 3834: no vacation replies.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

const MOST_THREADS = 10;

function domainOf(address: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(address)?.[1] ?? 'lockwatch.invalid';
}
