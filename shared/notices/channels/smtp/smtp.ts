import type { TokenCredential } from '@azure/core-auth';
import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import type { Channel } from '../../notice.ts';
import { openParts, progressOf } from '../../progress.ts';
import { wordsOf } from '../http/receiver-words.ts';
import { tokenFor } from '../http/token.ts';
import { type Mail, type MailOptions, mailOf } from '../mail/mail.ts';
import { mailResult } from '../mail/per-recipient.ts';
import { noteRefusals, rejectedIn, smtpFailure } from './smtp-outcome.ts';

export interface EmailOptions extends MailOptions {
  /**
   * `smtp://` (STARTTLS) or `smtps://`, with user and password if the relay requires them. Never in a result.
   */
  smtpUrl: string;
  /** Sign in with a token of the app's identity (XOAUTH2) instead of a password. */
  signIn?: { credential: TokenCredential; scope: string };
  /** Allows unencrypted mail to a host other than this one. */
  allowUnencrypted?: boolean;
  /** How long the server may be silent, milliseconds. */
  timeoutMs?: number;
  loadTransport?: LoadTransport;
}

/** Makes the transport for one mail. nodemailer by default, loaded only when a mail is sent. */
export type LoadTransport = (options: SMTPTransportOptions) => Promise<MailTransport>;
export interface MailTransport {
  sendMail(
    mail: Mail & { envelope: { from: string; to: string[] }; signal: AbortSignal },
  ): Promise<{ accepted?: unknown[]; rejectedErrors?: unknown; response?: unknown }>;
  close(): void;
}

/**
 * Sends a mail through an SMTP server, which answers for each recipient (RFC 5321, 3.3). Throws at once if the address is invalid; sending never
 * throws.
 */
export function createEmailChannel(options: EmailOptions): Channel {
  const server = serverOf(options);
  const host = server.host ?? 'the mail server';
  const { loadTransport = nodemailer, signIn } = options;
  return {
    name: 'email',
    async send(notice, abort) {
      const signedIn = signIn ? await tokenFor(signIn.credential, signIn.scope, abort) : { token: undefined };
      if ('failed' in signedIn) return signedIn.failed;
      const mail = mailOf(notice, options);
      const progress = progressOf(notice);
      const open = openParts(mail.to, progress);
      try {
        const transport = await loadTransport(withToken(server, signedIn.token));
        try {
          const envelope = { from: mail.from, to: open };
          const { rejectedErrors, response } = await transport.sendMail({ ...mail, envelope, signal: abort });
          const { deferred, failure } = noteRefusals(rejectedErrors, open, progress, host);
          progress.taken.push(...openParts(open, progress).filter((to) => !deferred.includes(to)));
          return mailResult(mail.to, progress, host, { failure, answer: wordsOf(String(response ?? '')) });
        } finally {
          transport.close();
        }
      } catch (error) {
        const { failure } = noteRefusals(rejectedIn(error), open, progress, host);
        return mailResult(mail.to, progress, host, { failure: failure ?? smtpFailure(error, host) });
      }
    },
  };
}

/** Exchange Online docs: "Authenticate an IMAP, POP or SMTP connection using OAuth". */
function withToken(server: SMTPTransportOptions, token: string | undefined): SMTPTransportOptions {
  if (token === undefined) return server;
  return { ...server, auth: { type: 'OAuth2', user: server.auth?.user, accessToken: token } };
}

async function nodemailer(options: SMTPTransportOptions): Promise<MailTransport> {
  const { createTransport } = await import('nodemailer');
  return createTransport(options);
}

/**
 * The URL is parsed here: nodemailer would accept any of its own options from the query, including one that
 * disables the certificate check.
 */
function serverOf({
  smtpUrl,
  from,
  signIn,
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
    auth: credentialsOf(url, signIn ? from : undefined),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** With a token, the user of the URL is the mailbox; if the URL has no user, the sender is. */
function credentialsOf(url: URL, mailbox: string | undefined): SMTPTransportOptions['auth'] {
  const user = decoded(url.username);
  if (mailbox !== undefined) return { user: user || mailbox };
  return user ? { user, pass: decoded(url.password) } : undefined;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;

/** A password with a bare % in it is used unchanged. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
