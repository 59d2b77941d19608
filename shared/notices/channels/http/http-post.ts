import type { SendResult } from '../../notice.ts';
import { channelRetryAfterMs } from './retry-after.ts';

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
  fetch?: typeof fetch;
  /** The meaning of an answer for this service, if it differs from HTTP. Undefined: as in HTTP. */
  meaning?: (status: number, code: string | undefined) => Meaning | undefined;
}

export interface Meaning {
  permanent: boolean;
  why: string;
}

/**
 * Sends one POST and interprets its answer for a notice: 2xx is sent; a failure that an admin can fix or that
 * may pass is tried again; one that would recur is permanent. Never throws, follows no redirect, reads no
 * long answer, and reports no more of the address than the host.
 */
export async function post(request: HttpPost): Promise<SendResult> {
  const { url, headers, body, abort, timeoutMs, fetch: send = fetch } = request;
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
    if (response.ok) {
      await response.body?.cancel();
      return { outcome: 'sent', detail: `Accepted by ${host} (${response.status}).` };
    }
    return refusalOf({
      host,
      status: response.status,
      code: await errorCode(response),
      retryAfter: response.headers.get('retry-after'),
      ...request,
    });
  } catch (error) {
    return { outcome: 'failed', permanent: false, detail: `${host}: ${failureOf(error)}` };
  }
}

/** The meaning of an answer other than 2xx. Also for answers that a vendor's library received. */
export function refusalOf(answer: {
  host: string;
  status: number;
  /** The code in the error body: letters and digits only; any other content is not safe in a log. */
  code?: string;
  retryAfter?: string | null;
  setting: string;
  meaning?: HttpPost['meaning'];
}): SendResult {
  const { host, status, setting } = answer;
  const code = /^[A-Za-z0-9._]{1,60}$/.test(answer.code ?? '') ? answer.code : undefined;
  const { permanent, why } = answer.meaning?.(status, code) ?? meaningOf(status, setting);
  return {
    outcome: 'failed',
    permanent,
    detail: `${host} answered ${status}${code ? ` ${code}` : ''}: ${why}`,
    retryAfterMs: channelRetryAfterMs(answer.retryAfter, Date.now()),
  };
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
  const name = error instanceof Error ? error.name : 'unknown';
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

/** The rest of the body is not safe in a log. */
async function errorCode(response: Response): Promise<string | undefined> {
  try {
    const start = await firstBytes(response);
    return /"code"\s*:\s*"([A-Za-z0-9._]{1,60})"/.exec(start)?.[1];
  } catch {
    return undefined; // the status is sufficient; a connection that failed after it adds nothing
  }
}

async function firstBytes(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MAX_BYTES_READ) break;
  }
  return text.slice(0, MAX_BYTES_READ);
}

const MAX_BYTES_READ = 4096;
