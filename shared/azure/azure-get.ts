import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { nameOfError } from '../telemetry/error-name.ts';
import { before, type Deadline, LATE } from './deadline.ts';
import type { Outcome, Refused } from './outcome.ts';
import type { UnknownReason } from './part.ts';
import { concurrencyLimiter, type RateLimiter } from './rate-limiter.ts';
import { canReplace, TOKEN_REFUSED } from './refused-token.ts';
import { throttledMs } from './retry-after.ts';

export interface GuardOptions {
  /** The service's https origin. Tokens go nowhere else. */
  endpoint: string;
  /** Other hosts of the same service, to which a next page may lead and the token may go. */
  isSameService?(url: URL): boolean;
  scope: string;
  credential: TokenCredential;
  clock: Clock;
}

export interface GetOptions extends GuardOptions {
  httpClient?: HttpClient;
  headers?: Record<string, string>;
  /** Concurrent requests, where a call passes no rate limiter of its own. */
  concurrency?: number;
}

export interface Text {
  text: string;
  header(name: string): string | undefined;
}

/** GETs a path or address of one origin. Never throws: every failure is an outcome. */
export type Get = (target: string, deadline: Deadline, rateLimiter?: RateLimiter) => Promise<Outcome<Text>>;

/** Sends a request once, with this token. Rejects where no answer arrives. */
export type Send = (url: URL, token: string, abortSignal: AbortSignal) => Promise<PipelineResponse>;

/** Sends a request to a path or address of one origin. Never throws: every failure is an outcome. */
export type Guard = (
  target: string,
  send: Send,
  deadline: Deadline,
  rateLimiter: RateLimiter,
) => Promise<Outcome<Text>>;

/** Azure Resource Manager docs, "Understand how Azure Resource Manager throttles requests": remaining requests. */
const READS_LEFT = 'x-ms-ratelimit-remaining-subscription-reads';
const CONCURRENCY = 64;
const QUICK_RETRY_MS = 150;

/** Makes the GET that everything without a client library of its own is read with. */
export function azureGet(options: GetOptions): Get {
  const guard = requestGuard(options);
  const ownRateLimiter = concurrencyLimiter(options.concurrency ?? CONCURRENCY);
  const send: Send = async (url, token, abortSignal) => {
    const client = options.httpClient ?? defaultClient();
    const headers = createHttpHeaders({ ...ACCEPTED, ...options.headers, authorization: `Bearer ${token}` });
    return client.sendRequest(createPipelineRequest({ url: url.href, headers, abortSignal }));
  };
  return (target, deadline, rateLimiter = ownRateLimiter) => guard(target, send, deadline, rateLimiter);
}

/**
 * What every request to Azure goes through, whoever sends it: the token goes to one origin, a rate limiter and
 * a deadline; one quick retry for a broken connection or a 5xx, one with another token where the token is
 * refused, and Retry-After honoured as long as the deadline allows (Azure Resource Manager docs: "Understand how
 * Azure Resource Manager throttles requests"). No outcome quotes a body or a message of the connection.
 */
export function requestGuard({ endpoint, scope, credential, clock, isSameService }: GuardOptions): Guard {
  const origin = new URL(endpoint).origin;

  return async (target, send, deadline, rateLimiter) => {
    const askedAt = clock.now();
    const url = urlAt(origin, target, isSameService);
    if (!url) {
      const because = 'names a page at another address, where the token must not go';
      return { kind: 'failed', what: 'The answer', reason: 'invalidAnswer', because, at: askedAt };
    }
    const what = `GET ${url.pathname}`;
    const failed = (reason: UnknownReason, because: string) =>
      ({ kind: 'failed', what, reason, because, at: clock.now() }) as const;
    let quickRetryLeft = true;
    let isReplaced = false;
    let leastWaitMs = QUICK_RETRY_MS;
    for (;;) {
      let token = '';
      const sendNoting: Send = (...request) => {
        token = request[1];
        return send(...request);
      };
      const tried = await before(deadline, (abort) =>
        once({ url, send: sendNoting, deadline, rateLimiter, abort }),
      );
      if (tried === LATE) return failed('timeout', 'was not answered within the time budget');
      if (tried.kind === 'answered') {
        const left = tried.value.header(READS_LEFT)?.trim() ?? '';
        if (/^\d+$/.test(left)) rateLimiter.left?.(url, Number(left));
        return { ...tried, askedAt, at: clock.now() };
      }
      if (tried.kind === 'refused') {
        if (!refusesToken(tried) || !canReplace(credential)) return { ...tried, what, at: clock.now() };
        const other = await before(deadline, () => credential.replace(scope, token));
        if (other === LATE || !other || isReplaced) return failed('forbidden', TOKEN_REFUSED);
        isReplaced = true;
        continue;
      }
      const { reason, because, status } = tried;
      // A service that throttles and asks for no wait must not be asked five times a second.
      const waitMs = tried.waitMs === undefined ? undefined : Math.max(tried.waitMs, leastWaitMs);
      if (reason === 'throttled') leastWaitMs *= 2;
      if (status === 429 && waitMs !== undefined) rateLimiter.throttled(url, clock.nowMs() + waitMs);
      const waits = waitMs !== undefined && clock.nowMs() + waitMs < deadline.atMs;
      if (!waits || (reason === 'unavailable' && !quickRetryLeft)) return failed(reason, because);
      if (reason === 'unavailable') quickRetryLeft = false;
      await clock.sleep(waitMs);
    }
  };

  async function once({ url, send, deadline, rateLimiter, abort }: Call): Promise<Tried> {
    const token = await tokenFor(credential, scope);
    if ('reason' in token) return { kind: 'notNow', ...token };
    // After the token: an identity endpoint that hangs must not hold slots that later requests need.
    const release = await rateLimiter.enter(url, deadline, abort);
    if (!release) return HELD_BACK;
    try {
      if (abort.aborted) return HELD_BACK;
      const answer = await send(url, token.token, abort).catch(codeOf);
      return read(answer, clock);
    } finally {
      release();
    }
  }
}

export const ACCEPTED = { accept: 'application/json', 'accept-encoding': 'gzip, deflate' };

interface Call {
  url: URL;
  send: Send;
  deadline: Deadline;
  rateLimiter: RateLimiter;
  abort: AbortSignal;
}

type Tried =
  | { kind: 'answered'; value: Text }
  | Omit<Refused, 'what' | 'at'>
  | {
      kind: 'notNow';
      reason: UnknownReason;
      because: string;
      /** Worth another attempt after this. */
      waitMs?: number;
      status?: number;
    };

const HELD_BACK: Tried = {
  kind: 'notNow',
  reason: 'throttled',
  because: 'had to wait beyond the time budget, since Azure throttles by the number of requests',
};

let sharedClient: HttpClient | undefined;

/** One client for all requests: it keeps connections alive between readings. */
export function defaultClient(): HttpClient {
  sharedClient ??= createDefaultHttpClient();
  return sharedClient;
}

function urlAt(
  origin: string,
  target: string,
  isSameService: GetOptions['isSameService'] = () => false,
): URL | undefined {
  const url = URL.parse(target, origin);
  if (url?.username !== '' || url.password !== '') return undefined;
  return url.origin === origin || isSameService(url) ? url : undefined;
}

async function tokenFor(
  credential: TokenCredential,
  scope: string,
): Promise<{ token: string } | { reason: UnknownReason; because: string }> {
  try {
    const token = await credential.getToken(scope);
    if (token) return { token: token.token };
    return { reason: 'forbidden', because: `could not be sent: the identity got no token for ${scope}` };
  } catch (error) {
    // Only the error's name: its message may quote the identity endpoint's request and response.
    const name = nameOfError(error, 'an unknown error');
    const reason = name === 'AuthenticationError' ? 'forbidden' : 'unavailable';
    return {
      reason,
      because: `could not be sent: no token for ${scope} (${name}). Check the app's identity`,
    };
  }
}

function read(response: PipelineResponse | string, clock: Clock): Tried {
  if (typeof response === 'string') {
    return { kind: 'notNow', reason: 'unavailable', because: `failed (${response})`, waitMs: QUICK_RETRY_MS };
  }
  const { status, headers } = response;
  const text = response.bodyAsText ?? '';
  if (status >= 200 && status < 300) {
    return { kind: 'answered', value: { text, header: (name) => headers.get(name) } };
  }
  const waitMs = throttledMs(status, (name) => headers.get(name), clock.nowMs());
  if (waitMs !== undefined) {
    const because = `answered ${status}: Azure throttles, and asks to wait longer than the time budget`;
    return { kind: 'notNow', reason: 'throttled', because, waitMs, status };
  }
  if (status >= 500) {
    return { kind: 'notNow', reason: 'unavailable', because: `answered ${status}`, waitMs: QUICK_RETRY_MS };
  }
  return { kind: 'refused', status, code: errorCode(text), text };
}

/** A 401 for a subscription of another tenant says nothing of the token (ARM docs: "Common error codes"). */
function refusesToken({ status, code }: Pick<Refused, 'status' | 'code'>): boolean {
  return status === 401 && !/^InvalidAuthenticationTokenTenant$/i.test(code);
}

/**
 * ARM docs, "Error response": {error: {code, message}}. Only text in the format of a code is ever repeated.
 */
function errorCode(text: string): string {
  try {
    const code: unknown = JSON.parse(text)?.error?.code;
    return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : '';
  } catch {
    return ''; // not ARM's schema, so there is no code
  }
}

/** The system's own code for a broken connection ('ECONNRESET'); a message could quote anything. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? code : 'no connection';
}
