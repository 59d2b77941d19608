import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { subscriptionIn } from './arm-rate-limit.ts';
import { azureGet, type Get } from './azure-get.ts';
import type { Deadline } from './deadline.ts';
import type { Failed, Outcome } from './outcome.ts';
import { getJson, getPages } from './pages.ts';
import type { RateLimiter } from './rate-limiter.ts';

/**
 * Azure Resource Manager within one read session: each distinct GET is sent once, for any number of callers.
 */
export interface ArmSession {
  clock: Clock;
  /** `id`: an ARM id as received, even if malformed; `query` begins with 'api-version='. */
  get(id: string, query: string): Promise<Outcome<unknown>>;
  list(id: string, query: string): Promise<Outcome<unknown[]>>;
}

export interface ReservedArmSession extends ArmSession {
  /**
   * How many requests, by subscription, `ask` would send in addition to those of this session so far. Sends
   * none.
   */
  plan(ask: (arm: ArmSession) => void): Map<string, number>;
}

export interface ArmOptions {
  armEndpoint: string;
  armScope: string;
  credential: TokenCredential;
  clock: Clock;
  httpClient?: HttpClient;
}

/** Begins a read session whose requests go through this rate limiter. */
export type BeginArm = (deadline: Deadline, rateLimiter: RateLimiter) => ReservedArmSession;

/** Reads Azure Resource Manager; no request is sent until a read session asks. */
export function armClient(options: ArmOptions): BeginArm {
  const { armEndpoint, armScope, ...rest } = options;
  const ask = azureGet({ ...rest, endpoint: armEndpoint, scope: armScope });
  return (deadline, rateLimiter) => {
    const get: Get = (target, until) => ask(target, until, rateLimiter);
    const documents = new Map<string, Promise<Outcome<unknown>>>();
    const lists = new Map<string, Promise<Outcome<unknown[]>>>();
    const target = (id: string, query: string) => `${armPath(id)}?${query}`;
    return {
      clock: options.clock,
      async get(id, query) {
        if (armPath(id) === undefined) return notAnId(options.clock.now());
        return once(documents, target(id, query), (address) => getJson(get, address, deadline));
      },
      async list(id, query) {
        if (armPath(id) === undefined) return notAnId(options.clock.now());
        return once(lists, target(id, query), (address) => getPages(get, address, deadline));
      },
      plan(ask) {
        const targets = new Set<string>();
        const note = (memory: Map<string, unknown>) => (id: string, query: string) => {
          const key = target(id, query).toLowerCase();
          if (armPath(id) !== undefined && !memory.has(key)) targets.add(key);
          return new Promise<never>(() => {});
        };
        ask({ clock: options.clock, get: note(documents), list: note(lists) });
        const bySubscription = Map.groupBy(targets, subscriptionIn);
        return new Map([...bySubscription].map(([subscriptionId, some]) => [subscriptionId, some.length]));
      },
    };
  };
}

/**
 * The path of an ARM id. Undefined where it is not one: ids are untrusted, and must not lead to another
 * address or another resource ('..', '?', '//').
 */
export function armPath(id: string): string | undefined {
  const segments = id.trim().replace(/\/+$/, '').split('/');
  if (segments.shift() !== '' || segments.length === 0 || id.length > 2048) return undefined;
  const isName = (segment: string) =>
    segment !== '' &&
    segment !== '.' &&
    segment !== '..' &&
    segment.isWellFormed() &&
    !FORBIDDEN.test(segment);
  return segments.every(isName) ? `/${segments.map(encodeURIComponent).join('/')}` : undefined;
}

/** Azure docs, "Naming rules": no resource name holds any of these. */
const FORBIDDEN = /[\p{Cc}\\?#%&<>]/u;

function once<T>(
  memory: Map<string, Promise<T>>,
  target: string,
  ask: (target: string) => Promise<T>,
): Promise<T> {
  const key = target.toLowerCase();
  let answer = memory.get(key);
  if (!answer) {
    answer = ask(target);
    memory.set(key, answer);
  }
  return answer;
}

function notAnId(at: string): Failed {
  const because = 'would have to be asked by an ARM id that is none';
  return { kind: 'failed', what: 'Azure Resource Manager', reason: 'invalidAnswer', because, at };
}
