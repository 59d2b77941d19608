import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import { subscriptionIn } from './arm-rate-limit.ts';
import { azureGet, type Get } from './azure-get.ts';
import type { Deadline } from './deadline.ts';
import { type KeyVaultReads, keyVaultReads } from './key-vault.ts';
import { keyVaultOperations } from './key-vault-operations.ts';
import type { Outcome } from './outcome.ts';
import { getJson, getPages } from './pages.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type SharedAnswers, sharedAnswers } from './shared-answers.ts';

/**
 * Azure Resource Manager within one read session: each distinct GET is sent once, for any number of callers.
 */
export interface ArmSession {
  clock: Clock;
  /** `id`: an ARM id as received, even if malformed; `query` begins with 'api-version='. */
  get(id: string, query: string): Promise<Outcome<unknown>>;
  list(id: string, query: string): Promise<Outcome<unknown[]>>;
  keyVault: KeyVaultReads;
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
  const at = { ...rest, endpoint: armEndpoint, scope: armScope };
  const ask = azureGet(at);
  const operations = keyVaultOperations(at);
  return (deadline, rateLimiter) => {
    const get: Get = (target, until) => ask(target, until, rateLimiter);
    const operate = operations(deadline, rateLimiter);
    const sessionOver = (answers: SharedAnswers): ArmSession => ({
      clock: options.clock,
      get: (id, query) => answers.document(id, query, (target) => getJson(get, target, deadline)),
      list: (id, query) => answers.list(id, query, (target) => getPages(get, target, deadline)),
      keyVault: keyVaultReads(answers, operate, deadline),
    });
    const { answers, planned } = sharedAnswers(options.clock);
    return {
      ...sessionOver(answers),
      plan(ask) {
        const targets = new Set<string>();
        ask(sessionOver(planned(targets)));
        const bySubscription = Map.groupBy(targets, subscriptionIn);
        return new Map([...bySubscription].map(([subscriptionId, some]) => [subscriptionId, some.length]));
      },
    };
  };
}
