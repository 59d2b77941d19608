import type { AccessToken, TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/**
 * A credential that learns that a service refused its token before the token's end (azure-sdk-for-js 22722
 * and 23224).
 */
export interface ReplacingCredential extends TokenCredential {
  /** Another token than the refused one. Undefined where none is to be had now. */
  replace(scopes: string | string[], refused: string): Promise<AccessToken | undefined>;
}

export function canReplace(credential: TokenCredential): credential is ReplacingCredential {
  return 'replace' in credential;
}

/** The end of a sentence that begins with the request. */
export const TOKEN_REFUSED =
  "answered 401: Azure refused the app's token, although it has not expired. Lockwatch asks for another one in a minute";

/**
 * For the client libraries that put in their token themselves, in position `perRetry`: a request whose token is
 * refused is sent once more with another token.
 */
export function refusedTokenPolicy(credential: TokenCredential, scope: string): PipelinePolicy {
  return {
    name: 'lockwatchRefusedToken',
    async sendRequest(request, next) {
      const answer = await next(request);
      const refused = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
      if (answer.status !== 401 || refused === undefined || !canReplace(credential)) return answer;
      const other = await credential.replace(scope, refused);
      if (!other) return answer;
      request.headers.set('authorization', `Bearer ${other.token}`);
      return next(request);
    },
  };
}
