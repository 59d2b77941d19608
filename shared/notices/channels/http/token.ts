import type { TokenCredential } from '@azure/core-auth';
import { nameOfError } from '../../../telemetry/error-name.ts';
import type { SendResult } from '../../notice.ts';

/**
 * A token of the app's identity, or the failure. The identity library's own text may contain sensitive data.
 */
export async function tokenFor(
  credential: TokenCredential,
  scope: string,
  abort: AbortSignal,
): Promise<{ token: string } | { failed: SendResult }> {
  try {
    const token = await credential.getToken(scope, { abortSignal: abort });
    if (token) return { token: token.token };
    return noToken(scope, 'none was given');
  } catch (error) {
    if (abort.aborted) return noToken(scope, 'given up before one came');
    return noToken(scope, nameOfError(error));
  }
}

/** No token, so nothing was sent. `audience`: the host that it is for; `why`: no text of a library. */
export function withoutToken(audience: string, why: string): SendResult {
  return {
    outcome: 'failed',
    permanent: false,
    detail: `No token of the app's identity for ${audience} (${why}). Check that the app has its managed identity.`,
  };
}

function noToken(scope: string, why: string): { failed: SendResult } {
  return { failed: withoutToken(URL.canParse(scope) ? new URL(scope).host : 'it', why) };
}
