import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { ReplacingCredential } from './refused-token.ts';

/** A token is replaced this long before it expires; a short-lived one at half its lifetime. */
const RENEW_BEFORE_END_MS = 5 * 60_000;
/** The wait before the platform is asked again for another token than a refused one. */
const ASK_AGAIN_MS = 60_000;

/**
 * Keeps each token until shortly before it expires, and sends one request at a time for all waiting callers.
 * `ManagedIdentityCredential` calls the platform at every `getToken`, which a burst of reads must not do.
 * While the old token is still valid, a failed renewal is not an error.
 *
 * A refused token is replaced through `askPlatform`, which goes to the platform itself: the library keeps the
 * refused one in a cache of the whole process, and hands down neither `claims` nor `forceRefresh`
 * (`@azure/identity` 4.13).
 */
export function cachingCredential(
  inner: TokenCredential,
  clock: Pick<Clock, 'nowMs'>,
  askPlatform: AskPlatform = (scope) => inner.getToken(scope),
): ReplacingCredential {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<AccessToken | null>>();
  const refusedTokens = new Set<string>();
  const replacing = new Map<string, Promise<AccessToken | undefined>>();
  const notBeforeMs = new Map<string, number>();

  function keep(key: string, scope: string, token: AccessToken) {
    const life = token.expiresOnTimestamp - clock.nowMs();
    const renewAtMs = token.expiresOnTimestamp - Math.min(RENEW_BEFORE_END_MS, life / 2);
    kept.set(key, { scope, token, renewAtMs });
  }

  /** A token of the scope that nobody refused: one that is kept, or one from the platform. */
  async function another(scope: string): Promise<AccessToken | undefined> {
    const good = [...kept.values()].find((one) => one.scope === scope && clock.nowMs() < one.renewAtMs);
    if (good) return good.token;
    const underWay = replacing.get(scope);
    if (underWay) return underWay;
    if (clock.nowMs() < (notBeforeMs.get(scope) ?? 0)) return undefined;
    notBeforeMs.set(scope, clock.nowMs() + ASK_AGAIN_MS);
    const answer = askPlatform(scope).then(
      (token) => {
        if (!token || refusedTokens.has(token.token)) return undefined;
        keep(keyOf(scope), scope, token);
        return token;
      },
      // The refused token is all there is; whoever needs one says so.
      () => undefined,
    );
    replacing.set(scope, answer);
    return answer.finally(() => replacing.delete(scope));
  }

  async function ask(key: string, scopes: string | string[], options: GetTokenOptions | undefined) {
    // Without the caller's abort signal: others wait for the same answer.
    const { abortSignal: _own, ...shared } = options ?? {};
    const token = await inner.getToken(scopes, shared);
    if (token && refusedTokens.has(token.token)) return (await another(scopeOf(scopes))) ?? token;
    if (token) keep(key, scopeOf(scopes), token);
    return token;
  }

  const replace: ReplacingCredential['replace'] = async (scopes, refused) => {
    refusedTokens.add(refused);
    for (const [key, { token }] of kept) if (token.token === refused) kept.delete(key);
    return another(scopeOf(scopes));
  };

  return {
    async getToken(scopes, options) {
      const key = keyOf(scopes, options);
      const old = kept.get(key);
      // Claims come with a rejection of the token that we hold, so a new one is required.
      const mustBeNew = options?.claims !== undefined;
      if (!mustBeNew && old && clock.nowMs() < old.renewAtMs) return old.token;
      const askKey = mustBeNew ? `${key}${options.claims}` : key;
      if (mustBeNew && old) {
        const other = await replace(scopes, old.token.token);
        if (other) return other;
      }
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
    replace,
  };
}

/** Gets a token from the platform, and not from a cache of this process. */
export type AskPlatform = (scope: string) => Promise<AccessToken | null>;

interface Kept {
  scope: string;
  token: AccessToken;
  renewAtMs: number;
}

function scopeOf(scopes: string | string[]): string {
  return [scopes].flat().join(' ');
}

function keyOf(scopes: string | string[], options?: GetTokenOptions): string {
  return JSON.stringify([scopes, options?.tenantId, options?.enableCae]);
}

export interface AppIdentity {
  clientId?: string;
  /** The process's variables. */
  environment: Record<string, string | undefined>;
}

/**
 * The app's own identity: the managed identity where the platform offers one (`IDENTITY_ENDPOINT`; App
 * Service docs: "REST endpoint reference"), else the developer's sign-in (`az login`).
 */
export function appCredential(options: AppIdentity): TokenCredential {
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
