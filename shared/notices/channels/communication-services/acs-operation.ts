import { createHash } from 'node:crypto';
import { readStart } from '../http/http-post.ts';
import { isWebPage, jsonIn } from '../http/receiver-words.ts';
import { channelRetryAfterMs } from '../http/retry-after.ts';
import { fieldOf } from '../http/vendor-failure.ts';

const API_VERSION = '2023-03-31';

/** What the service says of one mail that it took ("Get send result": NotStarted, Running, Succeeded, Failed, Canceled). */
export interface MailState {
  state: 'underway' | 'succeeded' | 'failed';
  /** Why it failed; letters and digits only. */
  code?: string;
  /** It is asked again no sooner. */
  askAgainMs?: number;
}

/**
 * The service knows neither the mail's name nor our id of it: a GUID derived from the notice's own id, and from
 * the recipient if the mail goes to that one alone.
 */
export function operationIdOf(messageId: string, recipient?: string): string {
  const of = recipient === undefined ? '' : `|${recipient.toLowerCase()}`;
  const hex = createHash('sha256').update(`lockwatch|${messageId}${of}`).digest('hex');
  // RFC 9562, 5.8: version 8 is for ids of a custom scheme.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Undefined: the text says nothing of a mail. */
export function operationIn(text: string): MailState | undefined {
  const body = jsonIn(text);
  const status = fieldOf(body, 'status');
  const code = fieldOf(fieldOf(body, 'error'), 'code');
  if (typeof status !== 'string' || isWebPage(undefined, text)) return undefined;
  if (status === 'Succeeded') return { state: 'succeeded' };
  if (status !== 'Failed' && status !== 'Canceled') return { state: 'underway' };
  return { state: 'failed', code: /^[A-Za-z0-9]{1,60}$/.test(String(code)) ? String(code) : undefined };
}

/**
 * Asks about a mail. `known` undefined: the service knows none of this id, or could not tell; `askAgainMs`: not
 * before that.
 */
export async function askOperation(
  origin: string,
  id: string,
  token: string,
  signal: AbortSignal,
): Promise<{ known?: MailState; askAgainMs?: number }> {
  try {
    const answer = await fetch(`${origin}/emails/operations/${id}?api-version=${API_VERSION}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'manual',
      signal,
    });
    const askAgainMs = channelRetryAfterMs(answer.headers.get('retry-after'), Date.now());
    const text = await readStart(answer);
    const known = answer.status === 200 ? operationIn(text) : undefined;
    return known ? { known: { ...known, askAgainMs }, askAgainMs } : { askAgainMs };
  } catch {
    return {}; // no answer: before a mail, a second one is better than none; after it, it is asked again
  }
}
