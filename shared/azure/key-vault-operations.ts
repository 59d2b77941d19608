import { createKeyVaultManagement, type KeyVaultManagementContext } from '@azure/arm-keyvault/api';
import {
  createEmptyPipeline,
  type HttpClient,
  type PipelinePolicy,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { nameOfError } from '../telemetry/error-name.ts';
import {
  ACCEPTED,
  defaultClient,
  type Get,
  type Guard,
  type GuardOptions,
  requestGuard,
  type Text,
} from './azure-get.ts';
import type { Deadline } from './deadline.ts';
import type { Failed, Outcome } from './outcome.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** The version of Key Vault's control plane whose answers our schemas know. */
export const KEY_VAULT_VERSION = '2026-02-01';

/** Calls one operation of `@azure/arm-keyvault`; what it returns is not used. */
export type KeyVaultOperation = (context: KeyVaultManagementContext, options: OnResponse) => Promise<unknown>;

interface OnResponse {
  onResponse(response: PipelineResponse): void;
}

/** Makes the GET whose first page is that operation's. `first`: the path that this page is asked for by. */
export type Operate = (subscriptionId: string, operation: KeyVaultOperation, first: string) => Get;

/**
 * Operations of `@azure/arm-keyvault` behind the guards of every other request, and with our own reading of
 * their bodies: the library by itself follows a `nextLink` to another host with the token, throws a TypeError
 * on a body that it does not expect, and quotes whole bodies in its errors (5.0.0, `pagingHelpers.js` and
 * `models.js`).
 */
export function keyVaultOperations(
  options: GuardOptions & { httpClient?: HttpClient },
): (deadline: Deadline, rateLimiter: RateLimiter) => Operate {
  const { endpoint, credential, clock } = options;
  const guard = requestGuard(options);
  return (deadline, rateLimiter) => {
    // Nothing else is in it: the default pipeline would try again, follow redirects and log addresses.
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(guardPolicy(guard, deadline, rateLimiter));
    return (subscriptionId, operation, first) => {
      const context = createKeyVaultManagement(credential, subscriptionId, {
        endpoint,
        pipeline,
        httpClient: options.httpClient ?? defaultClient(),
        apiVersion: KEY_VAULT_VERSION,
      });
      return (target) => {
        const address = URL.parse(target, endpoint)?.href ?? target;
        const call: (options: OnResponse) => PromiseLike<unknown> = (responses) =>
          target === first ? operation(context, responses) : context.pathUnchecked(address).get(responses);
        return outcomeOf(call, clock);
      };
    };
  };
}

/** The token is put in here, behind the guards, and not by a policy of its own. */
function guardPolicy(guard: Guard, deadline: Deadline, rateLimiter: RateLimiter): PipelinePolicy {
  return {
    name: 'lockwatchRequestGuard',
    async sendRequest(request, next) {
      let response: PipelineResponse | undefined;
      const outcome = await guard(
        request.url,
        async (_url, token, abortSignal) => {
          for (const [name, value] of Object.entries(ACCEPTED)) request.headers.set(name, value);
          request.headers.set('authorization', `Bearer ${token}`);
          request.abortSignal = abortSignal;
          response = await next(request);
          return response;
        },
        deadline,
        rateLimiter,
      );
      if (outcome.kind === 'answered' && response) return response;
      throw new NotAnsweredError(outcome);
    },
  };
}

/** Carries the outcome of a request through the library, which knows only answers and errors. */
class NotAnsweredError extends Error {
  override name = 'NotAnsweredError';
  readonly outcome: Outcome<Text>;
  constructor(outcome: Outcome<Text>) {
    super(`The request ended as ${outcome.kind}.`);
    this.outcome = outcome;
  }
}

/**
 * The raw body of one operation's answer. What the library makes of a body that has arrived is of no interest,
 * whether that is an object or an error.
 */
async function outcomeOf(
  call: (options: OnResponse) => PromiseLike<unknown>,
  clock: GuardOptions['clock'],
): Promise<Outcome<Text>> {
  const askedAt = clock.now();
  let answered: Outcome<Text> | undefined;
  const onResponse = ({ bodyAsText, headers }: PipelineResponse) => {
    const value: Text = { text: bodyAsText ?? '', header: (name) => headers.get(name) };
    answered = { kind: 'answered', value, askedAt, at: clock.now() };
  };
  try {
    await call({ onResponse });
  } catch (error) {
    if (error instanceof NotAnsweredError) return error.outcome;
    if (!answered) return notSent(error, clock.now());
  }
  return answered ?? notSent(undefined, clock.now());
}

/** Only the error's name: its message may quote anything. */
function notSent(error: unknown, at: string): Failed {
  const name = nameOfError(error, 'no answer');
  const because = `could not be asked by its client library (${name})`;
  return { kind: 'failed', what: 'Key Vault', reason: 'invalidAnswer', because, at };
}
