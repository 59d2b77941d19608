import type { TokenCredential } from '@azure/core-auth';
import { canReplace } from '../../../azure/refused-token.ts';
import type { Channel } from '../../notice.ts';
import { progressOf } from '../../progress.ts';
import { type Meaning, post } from '../http/http-post.ts';
import type { SendPost } from '../http/send-post.ts';
import { tokenFor } from '../http/token.ts';
import { addressOf, type Mail, type MailOptions, mailOf } from '../mail/mail.ts';
import { sendToEach } from '../mail/per-recipient.ts';

export interface GraphMailOptions extends MailOptions {
  /** "https://graph.microsoft.com", or that of another cloud. */
  endpoint: string;
  /** "https://graph.microsoft.com/.default". */
  scope: string;
  credential: TokenCredential;
  timeoutMs?: number;
  fetch?: SendPost;
}

/**
 * Sends a mail as the sender's mailbox through Microsoft Graph. It uses MIME, not JSON: only MIME can carry
 * References and In-Reply-To (Graph docs: "user: sendMail"; `internetMessageHeaders` accepts only headers
 * that begin with x-). 202 means queued. Graph does not recognise repeated requests: after a lost answer the
 * same mail, with the same Message-ID, is sent again.
 */
export function createGraphMailChannel(options: GraphMailOptions): Channel {
  const { endpoint, scope, credential, timeoutMs = 10_000, fetch, from } = options;
  const url = `${endpoint.replace(/\/+$/, '')}/v1.0/users/${encodeURIComponent(addressOf(from))}/sendMail`;
  return {
    name: 'email-graph',
    async send(notice, abort) {
      const signedIn = await tokenFor(credential, scope, abort);
      if ('failed' in signedIn) return signedIn.failed;
      const mail = mailOf(notice, options);
      const progress = progressOf(notice);
      const sendTo = async (to: string[]) =>
        post({
          url,
          headers: { authorization: `Bearer ${signedIn.token}`, 'content-type': 'text/plain' },
          body: (await mimeOf({ ...mail, to })).toString('base64'),
          abort,
          timeoutMs,
          setting: 'LOCKWATCH_EMAIL_FROM',
          fetch,
          meaning(status) {
            // The outbox tries again, with the other token.
            if (status === 401 && canReplace(credential)) void credential.replace(scope, signedIn.token);
            return meaning(status);
          },
          refusal: ({ status }) => (status === 202 ? undefined : NOT_QUEUED),
        });
      return sendToEach(mail.to, progress, "the sender's mailbox", { sendTo, isAddressRefused });
    },
  };
}

/** "user: sendMail": 202 Accepted. */
const NOT_QUEUED: Meaning = { permanent: false, why: 'it does not say that it queued the mail.' };

/** It names no recipient, so each is tried alone (php-connect-sample 13, Microsoft365R 110). */
function isAddressRefused(detail: string): boolean {
  return /\b400 ErrorInvalidRecipients\b/.test(detail);
}

function meaning(status: number): Meaning | undefined {
  if (status === 401 || status === 403)
    return {
      permanent: false,
      why: 'the app may not send as the mailbox of LOCKWATCH_EMAIL_FROM. Give its identity Mail.Send for that mailbox (Exchange Online: RBAC for Applications), which may take hours to act.',
    };
  if (status === 404)
    return { permanent: false, why: 'there is no such mailbox. Check LOCKWATCH_EMAIL_FROM.' };
  return undefined;
}

/**
 * As base64: names in other scripts would take three times as much as quoted-printable, and Graph accepts 4
 * MB.
 */
async function mimeOf(mail: Mail): Promise<Buffer> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({
    ...mail,
    textEncoding: 'base64',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  if (!Buffer.isBuffer(message)) throw new Error('The mail was made as a stream, and must be whole.');
  return message;
}
