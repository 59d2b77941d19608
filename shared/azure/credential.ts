import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';

/** A token is replaced this long before it expires; a short-lived one at half its lifetime. */
const RENEW_BEFORE_END_MS = 5 * 60_000;

/**
 * Keeps each token until shortly before it expires, and sends one request at a time for all waiting callers.
 * `ManagedIdentityCredential` calls the platform at every `getToken`, which a burst of reads must not do.
 * While the old token is still valid, a failed renewal is not an error.
 */
export function cachingCredential(inner: TokenCredential, clock: Pick<Clock, 'nowMs'>): TokenCredential {
  const kept = new Map<string, { token: AccessToken; renewAtMs: number }>();
  const asking = new Map<string, Promise<AccessToken | null>>();

  async function ask(key: string, scopes: string | string[], options: GetTokenOptions | undefined) {
    // Without the caller's abort signal: others wait for the same answer.
    const { abortSignal: _own, ...shared } = options ?? {};
    const token = await inner.getToken(scopes, shared);
    if (token) {
      const life = token.expiresOnTimestamp - clock.nowMs();
      const renewAtMs = token.expiresOnTimestamp - Math.min(RENEW_BEFORE_END_MS, life / 2);
      kept.set(key, { token, renewAtMs });
    }
    return token;
  }

  return {
    async getToken(scopes, options) {
      const key = JSON.stringify([scopes, options?.tenantId, options?.enableCae]);
      const old = kept.get(key);
      // Claims come with a rejection of the token that we hold, so a new one is required.
      const mustBeNew = options?.claims !== undefined;
      if (!mustBeNew && old && clock.nowMs() < old.renewAtMs) return old.token;
      const askKey = mustBeNew ? `${key}${options.claims}` : key;
      let answer = asking.get(askKey);
      if (!answer) {
        answer = ask(key, scopes, options).finally(() => asking.delete(askKey));
        asking.set(askKey, answer);
      }
      try {
        return await answer;
      } catch (error) {
        if (!mustBeNew && old && clock.nowMs() < old.token.expiresOnTimestamp) return old.token;
        throw error;
      }
    },
  };
}

/**
 * The app's own identity: the managed identity where the platform offers one (`IDENTITY_ENDPOINT`; App
 * Service docs: "REST endpoint reference"), else the developer's sign-in (`az login`). `environment`: the
 * process's variables.
 */
export function appCredential(options: {
  clientId?: string;
  environment: Record<string, string | undefined>;
}): TokenCredential {
  let credential: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, tokenOptions) {
      credential ??= makeCredential(options.clientId, options.environment.IDENTITY_ENDPOINT !== undefined);
      return (await credential).getToken(scopes, tokenOptions);
    },
  };
}

/** The identity library is the largest dependency, so it is loaded when the first token is needed. */
async function makeCredential(clientId: string | undefined, managed: boolean): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  if (!managed) return new DefaultAzureCredential();
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId });
}
