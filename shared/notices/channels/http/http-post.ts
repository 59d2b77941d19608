import { nameOfError } from '../../../telemetry/error-name.ts';
import type { SendResult } from '../../notice.ts';
import { isWebPage, jsonIn, wordsOf } from './receiver-words.ts';
import { channelRetryAfterMs } from './retry-after.ts';
import { type ReceivedAnswer, type SendPost, sendPost } from './send-post.ts';

export interface HttpPost {
  /** May contain a secret: no result contains more of it than the host. */
  url: string;
  headers: Record<string, string>;
  body: string;
  abort: AbortSignal;
  /** The timeout of one request, in milliseconds. */
  timeoutMs: number;
  /** The setting for an admin to check if the address or the credentials are rejected. */
  setting: string;
  /** Secrets in the body, which a receiver may quote. */
  secrets?: readonly string[];
  fetch?: SendPost;
  /** The meaning of an answer for this service, if it differs from HTTP. Undefined: as in HTTP. */
  meaning?: (status: number, code: string | undefined) => Meaning | undefined;
  /**
   * Why a 2xx is no acceptance. Undefined: this service's answer says that it took the message. Absent: any
   * 2xx that is no web page says so.
   */
  refusal?: (answer: HttpAnswer) => Meaning | undefined;
}

export interface Meaning {
  permanent: boolean;
  why: string;
}

/** The beginning of an answer, as far as it is read. */
export interface HttpAnswer {
  status: number;
  text: string;
  /** Undefined: it is no JSON, or longer than what is read. */
  json: unknown;
}

/**
 * Sends one POST and interprets its answer for a notice: sent is what the receiver itself says it took; a
 * failure that an admin can fix or that may pass is tried again; one that would recur is permanent. Never
 * throws, follows no redirect, reads no long answer, and reports no more of the address than the host.
 */
export async function post(request: HttpPost): Promise<SendResult> {
  const { url, headers, body, abort, timeoutMs, fetch: send = sendPost } = request;
  const { host } = new URL(url);
  try {
    const response = await send(url, {
      method: 'POST',
      headers,
      body,
      // A redirect would send the notice to an address that nobody configured.
      redirect: 'manual',
      signal: AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]),
    });
    return answered(request, {
      host,
      status: response.status,
      contentType: response.headers.get('content-type'),
      text: await readStart(response),
      retryAfter: response.headers.get('retry-after'),
      secrets: secretsOf(request),
    });
  } catch (error) {
    return { outcome: 'failed', permanent: false, detail: `${host}: ${failureOf(error)}` };
  }
}

interface RawAnswer {
  host: string;
  status: number;
  contentType?: string | null;
  text?: string;
  /** From the body, if somebody else has read it. */
  code?: string;
  retryAfter?: string | null;
  secrets?: readonly string[];
}

/** The meaning of an answer. Also for answers that a vendor's library received. */
export function answered(
  { setting, meaning, refusal }: Pick<HttpPost, 'setting' | 'meaning' | 'refusal'>,
  { host, status, contentType, text = '', code: given, retryAfter, secrets }: RawAnswer,
): SendResult {
  const said = wordsOf(text, secrets);
  const answer = `${status}${said ? ` “${said}”` : ', without words'}`;
  const failed = (code: string | undefined, { permanent, why }: Meaning): SendResult => ({
    outcome: 'failed',
    permanent,
    detail: `${host} answered ${status}${code ? ` ${code}` : ''}: ${why}${said && said !== code ? ` It said: “${said}”` : ''}`,
    retryAfterMs: channelRetryAfterMs(retryAfter, Date.now()),
    answer,
  });
  const isOk = status >= 200 && status < 300;
  if (isOk && isWebPage(contentType, text)) return failed(undefined, WEB_PAGE);
  const refused = isOk ? refusal?.({ status, text, json: jsonIn(text) }) : undefined;
  if (refused) return failed(undefined, refused);
  if (isOk) return { outcome: 'sent', detail: `Accepted by ${host} (${status}).`, answer };
  const code = /^[A-Za-z0-9._]{1,60}$/.test(given ?? '') ? given : codeIn(text);
  return failed(code, meaning?.(status, code) ?? meaningOf(status, setting));
}

/** A sign-in or proxy page, or a receiver that is asleep: none of them took the message. */
const WEB_PAGE: Meaning = {
  permanent: false,
  why: 'a web page came back instead of an answer, so the message was not taken. A proxy or a sign-in may be in front of it.',
};

/** The code in a JSON body, or the word that is the whole body. */
function codeIn(text: string): string | undefined {
  return (
    /"code"\s*:\s*"([A-Za-z0-9._]{1,60})"/.exec(text)?.[1] ?? /^\s*([a-z]+(?:_[a-z]+)+)\s*$/.exec(text)?.[1]
  );
}

/** What a receiver may quote of the request: parts of the address and of the sign-in. */
function secretsOf({ url, headers, secrets = [] }: HttpPost): string[] {
  const { pathname, searchParams } = new URL(url);
  const signIn = Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' ? value.split(' ') : [],
  );
  const parts = pathname.split('/').filter((part) => part.length >= 16);
  return [...secrets, ...searchParams.values(), ...parts, ...signIn];
}

function meaningOf(status: number, setting: string): Meaning {
  if (status === 400 || status === 413 || status === 422)
    return { permanent: true, why: 'it refuses this message, and would refuse it again.' };
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return { permanent: false, why: `the address or the sign-in is wrong or was revoked. Check ${setting}.` };
  if (status >= 300 && status < 400)
    return { permanent: false, why: `it redirects, which is not followed. Check ${setting}.` };
  if (status === 408 || status === 429 || status >= 500)
    return { permanent: false, why: 'it is busy or down for now.' };
  return { permanent: false, why: 'it does not take the message.' };
}

/** Why a request got no answer. The error's own text may contain the address; its name and code don't. */
export function failureOf(error: unknown): string {
  const name = nameOfError(error);
  if (name === 'TimeoutError') return 'no answer in time.';
  if (name === 'AbortError') return 'given up before an answer came.';
  const codes = [error, error instanceof Error ? error.cause : undefined].map((one) =>
    one instanceof Error && 'code' in one ? String(one.code) : '',
  );
  const code = codes.find((one) => /^[A-Z][A-Z0-9_]{1,40}$/.test(one));
  const why = WORDS.find(([pattern]) => code !== undefined && pattern.test(code))?.[1];
  return why === undefined ? `the request failed (${code ?? name}).` : `${why} (${code}).`;
}

/** Node.js docs: Errors (Common system errors) and TLS (X509 certificate error codes). */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the request failed: its name could not be resolved'],
  [/^ECONNREFUSED$/, 'the request failed: nothing answers at that address'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the request failed: the connection was cut'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'the request failed: no connection in time'],
  [/CERT|SIGNATURE|^ERR_TLS_|^ERR_SSL_/, 'the request failed: its certificate is not trusted'],
];

/** Empty where the connection fails after the status: then only the status is known. */
export async function readStart(response: Pick<ReceivedAnswer, 'body'>): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= MAX_CHARACTERS_READ) break;
    }
  } catch {
    return ''; // what has come so far may be cut in the middle of a word
  }
  return text.slice(0, MAX_CHARACTERS_READ);
}

/** Longer than any answer that says whether a message was taken. */
export const MAX_CHARACTERS_READ = 65_536;
