import type { EmailClient, EmailMessage, EmailSendOptionalParams } from '@azure/communication-email';
import type { TokenCredential } from '@azure/core-auth';
import { refusedTokenPolicy } from '../../../azure/refused-token.ts';
import type { Channel, Notice, SendFailure, SendResult } from '../../notice.ts';
import { isBegun, openParts, progressOf } from '../../progress.ts';
import { boundedAnswerPolicy } from '../http/bounded-answer.ts';
import type { Meaning } from '../http/http-post.ts';
import { tokenFor } from '../http/token.ts';
import { vendorFailure } from '../http/vendor-failure.ts';
import { addressOf, type Mail, type MailOptions, mailOf } from '../mail/mail.ts';
import { mailResult, whyOf } from '../mail/per-recipient.ts';
import { askOperation, type MailState, operationIdOf, operationIn } from './acs-operation.ts';

export interface AcsMailOptions extends MailOptions {
  endpoint: string;
  credential: TokenCredential;
  timeoutMs?: number;
}

/** The service's own spelling, with two slashes. */
const SCOPE = 'https://communication.azure.com//.default';

/**
 * Sends a mail through Azure Communication Services, which takes it first and says minutes later whether it
 * could be sent; until then the result is `accepted`. The operation id is derived from the notice's id: before
 * a mail is submitted, the service is asked whether an earlier try with that id was taken although its answer
 * was lost. A mail that is refused or fails as a whole is sent to each recipient alone, so that one address
 * costs the others nothing.
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
      const { token } = signedIn;
      const mail = mailOf(notice, options);
      return sendMail(notice, mail, host, {
        // A question that hangs must leave time to send.
        ask: (id) => askOperation(origin, id, token, shorter(abortSignal, timeoutMs)),
        async submit(to, operationId) {
          const client = await clientFor(origin, credential);
          return submit(client, { ...mail, to }, host, { operationId, abortSignal });
        },
      });
    },
  };
}

function shorter(abort: AbortSignal, timeoutMs: number): AbortSignal {
  return AbortSignal.any([abort, AbortSignal.timeout(Math.ceil(timeoutMs / 3))]);
}

interface Service {
  ask(id: string): ReturnType<typeof askOperation>;
  submit(to: string[], operationId: string): Promise<MailState | SendFailure>;
}

async function sendMail(notice: Notice, { to }: Mail, host: string, service: Service): Promise<SendResult> {
  const progress = progressOf(notice);
  const wholeId = operationIdOf(notice.messageId);
  let askAgainMs: number | undefined;
  let failure: SendFailure | undefined;

  /** False: the mail is to be sent to each recipient alone, or later. */
  const note = (id: string, recipients: string[], done: MailState | SendFailure): boolean => {
    progress.underway = progress.underway.filter((one) => one.id !== id);
    if ('outcome' in done) {
      failure = done;
      const isRefused = isBadRequest(done) && id !== wholeId;
      if (isRefused) progress.refused.push(...recipients.map((one) => ({ to: one, why: whyOf(done) })));
      return isRefused;
    }
    if (done.askAgainMs !== undefined) askAgainMs = Math.max(askAgainMs ?? 0, done.askAgainMs);
    if (done.state === 'underway') progress.underway.push({ id, to: recipients });
    else if (done.state === 'succeeded') progress.taken.push(...recipients);
    else if (recipients.length === 1 || done.code === ALL_SUPPRESSED)
      progress.refused.push(
        ...recipients.map((one) => ({ to: one, why: `could not be sent: ${done.code ?? 'Failed'}` })),
      );
    return done.state !== 'failed';
  };
  const hand = async (recipients: string[], id: string) =>
    note(id, recipients, (await service.ask(id)).known ?? (await service.submit(recipients, id)));

  if (isBegun(progress))
    for (const { id, to: recipients } of progress.underway) {
      const { known, askAgainMs: notBefore } = await service.ask(id);
      if (known) note(id, recipients, known);
      else if (notBefore !== undefined) askAgainMs = Math.max(askAgainMs ?? 0, notBefore);
    }
  else {
    await hand(to, wholeId);
    if (failure !== undefined && !(isBadRequest(failure) && to.length > 1)) return failure;
  }
  for (const recipient of openParts(to, progress)) {
    failure = undefined;
    const isDone = await hand([recipient], operationIdOf(notice.messageId, recipient));
    if (!isDone && failure !== undefined) break;
  }
  return mailResult(to, progress, host, { failure, askAgainMs });
}

/** The whole mail may have been refused for one address (azure-sdk-for-net 56805). */
function isBadRequest({ permanent, detail }: SendFailure): boolean {
  return permanent && / answered 400\b/.test(detail);
}

/** Each of them: the service drops only the suppressed ones where there are others (azure-sdk-for-js 27148). */
const ALL_SUPPRESSED = 'EmailDroppedAllRecipientsSuppressed';

/** Loaded with the first mail. The library would sleep through any Retry-After; the outbox waits instead. */
async function clientFor(origin: string, credential: TokenCredential): Promise<EmailClient> {
  const { EmailClient } = await import('@azure/communication-email');
  return new EmailClient(origin, credential, {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [
      { policy: refusedTokenPolicy(credential, SCOPE), position: 'perRetry' },
      { policy: boundedAnswerPolicy(), position: 'perRetry' },
    ],
  });
}

async function submit(
  client: EmailClient,
  mail: Mail,
  host: string,
  options: EmailSendOptionalParams,
): Promise<MailState | SendFailure> {
  const first = await submitWith(client, messageOf(mail, threadingOf(mail)), host, options);
  // The headers that the service accepts are not published. A mail outside its thread is better than none.
  const isRefused = 'outcome' in first && first.permanent && !/InvalidEmailAddress/.test(first.detail);
  return isRefused ? submitWith(client, messageOf(mail, {}), host, options) : first;
}

async function submitWith(
  client: EmailClient,
  message: EmailMessage,
  host: string,
  options: EmailSendOptionalParams,
): Promise<MailState | SendFailure> {
  let known: MailState | undefined;
  try {
    await client.beginSend(message, {
      ...options,
      onResponse({ request, status, bodyAsText }) {
        const said = operationIn(bodyAsText ?? '');
        if (request.method === 'POST' && status < 300) known = said;
        if (request.method === 'GET' && status === 200) known = said ?? known;
      },
    });
  } catch (error) {
    // If the service has the mail, the result of the library's own question after it changes nothing.
    if (!known) return failureIn(vendorFailure(error, { host, setting: 'LOCKWATCH_ACS_ENDPOINT', meaning }));
  }
  return known ?? NO_OPERATION(host);
}

function failureIn(result: SendResult): SendFailure {
  return result.outcome === 'failed' ? result : { ...result, outcome: 'failed', permanent: false };
}

function NO_OPERATION(host: string): SendFailure {
  return {
    outcome: 'failed',
    permanent: false,
    detail: `${host} does not say that it took the mail. Check LOCKWATCH_ACS_ENDPOINT.`,
  };
}

function messageOf(mail: Mail, headers: Record<string, string>): EmailMessage {
  return {
    senderAddress: addressOf(mail.from),
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
