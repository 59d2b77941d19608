import type { AccessToken } from '@azure/core-auth';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { parseAs } from './answer-schema.ts';
import { type AppIdentity, type AskPlatform, appCredential, cachingCredential } from './credential.ts';
import type { ReplacingCredential } from './refused-token.ts';

/** Nobody waits longer for it: the request that it is for has a time budget of its own. */
const TIMEOUT_MS = 5000;

/** The app's identity with all that is needed of it: kept tokens, and another one for a refused one. */
export function appIdentity(identity: AppIdentity, clock: Pick<Clock, 'nowMs'>): ReplacingCredential {
  return cachingCredential(appCredential(identity), clock, identityEndpoint(identity));
}

/**
 * Asks the platform's identity endpoint itself (App Service docs, "Managed identities": "REST endpoint
 * reference"). Undefined where the platform has none: a developer's sign-in has no cache to get past.
 */
export function identityEndpoint({ clientId, environment }: AppIdentity): AskPlatform | undefined {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = environment;
  if (endpoint === undefined || header === undefined) return undefined;
  return async (scope) => {
    const url = new URL(endpoint);
    url.searchParams.set('api-version', '2019-08-01');
    url.searchParams.set('resource', scope.replace(/\/\.default$/, ''));
    if (clientId !== undefined) url.searchParams.set('client_id', clientId);
    const answer = await fetch(url, {
      headers: { 'x-identity-header': header },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      return null;
    }
    return tokenIn(await answer.json());
  };
}

/** The token of an answer; null where it is not of the documented form. */
export function tokenIn(body: unknown): AccessToken | null {
  const parsed = parseAs(answerSchema, body);
  if ('fault' in parsed) return null;
  return { token: parsed.value.access_token, expiresOnTimestamp: parsed.value.expires_on * 1000 };
}

/** Seconds since the epoch, as text; no later than a date can be, since a token without an end is never renewed. */
const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_on: z.coerce.number().positive().max(8.64e12),
});
