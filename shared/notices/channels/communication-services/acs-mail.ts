import { createHash } from 'node:crypto';
import type { EmailClient, EmailMessage, EmailSendOptionalParams } from '@azure/communication-email';
import type { TokenCredential } from '@azure/core-auth';
import { refusedTokenPolicy } from '../../../azure/refused-token.ts';
import type { Channel, SendResult } from '../../notice.ts';
import type { Meaning } from '../http/http-post.ts';
import { tokenFor } from '../http/token.ts';
import { fieldOf, vendorFailure } from '../http/vendor-failure.ts';
import { type Mail, type MailOptions, mailOf } from '../mail/mail.ts';

export interface AcsMailOptions extends MailOptions {
  endpoint: string;
  credential: TokenCredential;
  timeoutMs?: number;
}

/** The service's own spelling, with two slashes. */
const SCOPE = 'https://communication.azure.com//.default';
const API_VERSION = '2023-03-31';

/**
 * Sends a mail through Azure Communication Services. The operation id is derived from the notice's id: before
 * a mail is submitted, the service is asked whether an earlier try with that id succeeded although its answer
 * was lost. That is one query and, by the library, one poll for each mail; the service allows two (service
 * limits: Email). A mail that is not delivered by then counts as sent; delivery takes minutes and is not
 * awaited.
 */
export function createAcsMailChannel(options: AcsMailOptions): Channel {
  const { credential, timeoutMs = 10_000 } = options;
  if (!URL.canParse(options.endpoint)) throw new Error('LOCKWATCH_ACS_ENDPOINT is not a URL.');
  const { origin, host } = new URL(options.endpoint);
  return {
    name: 'email-acs',
    async send(notice, abort) {
      const abortSignal = AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]);
      const signedIn = await tokenFor(credential, SCOPE, abortSignal);
      if ('failed' in signedIn) return signedIn.failed;
      const operationId = operationIdOf(notice.messageId);
      // A query that hangs must leave time to send.
      const look = AbortSignal.any([abortSignal, AbortSignal.timeout(Math.ceil(timeoutMs / 3))]);
      const earlier = await stateOf(origin, operationId, signedIn.token, look);
      if (earlier) return resultOf(host, earlier, 'by an earlier try');
      const mail = mailOf(notice, options);
      const client = await clientFor(origin, credential);
      const send = (headers: Record<string, string>) =>
        hand(client, messageOf(mail, headers), host, { operationId, abortSignal });
      const first = await send(threadingOf(mail));
      // The headers that the service accepts are not published. A mail outside its thread is better than
      // none.
      const isRefused = !first.taken && first.result.outcome === 'failed' && first.result.permanent;
      return isRefused ? (await send({})).result : first.result;
    },
  };
}

/** The service knows neither the mail's name nor our id of it: a GUID derived from the notice's own id. */
function operationIdOf(messageId: string): string {
  const hex = createHash('sha256').update(`lockwatch|${messageId}`).digest('hex');
  // RFC 9562, 5.8: version 8 is for ids of a custom scheme.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

interface State {
  status: string;
  code?: string;
}

/**
 * The result of an earlier try. Undefined if there was none, or if it can't be determined: then the mail is
 * sent.
 */
async function stateOf(
  origin: string,
  operationId: string,
  token: string,
  signal: AbortSignal,
): Promise<State | undefined> {
  try {
    const answer = await fetch(`${origin}/emails/operations/${operationId}?api-version=${API_VERSION}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'manual',
      signal,
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      return undefined;
    }
    return stateIn(await answer.json());
  } catch {
    return undefined; // a second mail is better than none
  }
}

function stateIn(body: unknown): State | undefined {
  const status = fieldOf(body, 'status');
  const code = fieldOf(fieldOf(body, 'error'), 'code');
  if (typeof status !== 'string') return undefined;
  return { status, code: typeof code === 'string' ? code : undefined };
}

function resultOf(host: string, { status, code }: State, when: string): SendResult {
  if (status !== 'Failed' && status !== 'Canceled')
    return { outcome: 'sent', detail: `Accepted by ${host} ${when}; it does not wait for delivery.` };
  const named = /^[A-Za-z0-9]{1,60}$/.test(code ?? '') ? ` (${code})` : '';
  return {
    outcome: 'failed',
    permanent: true,
    detail: `${host} took the mail and could not send it${named}.`,
  };
}

/** Loaded with the first mail. The library would sleep through any Retry-After; the outbox waits instead. */
async function clientFor(origin: string, credential: TokenCredential): Promise<EmailClient> {
  const { EmailClient } = await import('@azure/communication-email');
  return new EmailClient(origin, credential, {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: refusedTokenPolicy(credential, SCOPE), position: 'perRetry' }],
  });
}

function messageOf(mail: Mail, headers: Record<string, string>): EmailMessage {
  return {
    senderAddress: /<([^<>]+)>\s*$/.exec(mail.from)?.[1] ?? mail.from,
    content: { subject: mail.subject, plainText: mail.text, html: mail.html },
    recipients: { to: mail.to.map((address) => ({ address })) },
    headers: { ...mail.headers, ...headers },
    // Engagement tracking replaces each link with one that leads elsewhere.
    disableUserEngagementTracking: true,
  };
}

function threadingOf({ inReplyTo, references }: Mail): Record<string, string> {
  return inReplyTo ? { 'In-Reply-To': inReplyTo, References: references.join(' ') } : {};
}

async function hand(
  client: EmailClient,
  message: EmailMessage,
  host: string,
  options: EmailSendOptionalParams,
): Promise<{ taken: boolean; result: SendResult }> {
  let state: State | undefined;
  try {
    await client.beginSend(message, {
      ...options,
      onResponse({ request, status, parsedBody }) {
        if (request.method === 'POST' && status < 300) state = stateIn(parsedBody) ?? { status: 'Running' };
        if (request.method === 'GET' && status === 200) state = stateIn(parsedBody) ?? state;
      },
    });
  } catch (error) {
    const about = { host, setting: 'LOCKWATCH_ACS_ENDPOINT', meaning };
    if (!state) return { taken: false, result: vendorFailure(error, about) };
    // The service has the mail, whatever the result of the later poll. The state includes a failure that it
    // reported.
  }
  return { taken: true, result: resultOf(host, state ?? { status: 'Running' }, 'just now') };
}

function meaning(status: number, code: string | undefined): Meaning | undefined {
  if (status === 401 || status === 403)
    return {
      permanent: false,
      why: 'the app may not send. Give its identity the role Communication and Email Service Owner on the resource of LOCKWATCH_ACS_ENDPOINT.',
    };
  if (status === 404 || code === 'DomainNotLinked')
    return {
      permanent: false,
      why: 'the domain of LOCKWATCH_EMAIL_FROM is not linked to it, or the resource is gone. Check LOCKWATCH_ACS_ENDPOINT and LOCKWATCH_EMAIL_FROM.',
    };
  return undefined;
}
