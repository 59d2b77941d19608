import type { TokenCredential } from '@azure/core-auth';
import { before, type Deadline, LATE } from '../../shared/azure/deadline.ts';
import { claimsIn } from '../../shared/azure/token-claims.ts';
import type { SignedIn } from './report.ts';

/** Nobody is signed in, or the identity could not be determined. */
export class NotSignedInError extends Error {
  override readonly name = 'NotSignedInError';
}

/**
 * The signed-in identity, from the token for Resource Manager ("Access token claims reference": oid, tid,
 * idtyp, upn). The token is read, not verified: Azure verifies it. Throws `NotSignedInError`; no part of the
 * token is ever in its message.
 */
export async function signedIn(
  credential: TokenCredential,
  scope: string,
  deadline: Deadline,
): Promise<SignedIn> {
  const claims = claimsIn(await tokenOf(credential, scope, deadline));
  const { oid, tid, idtyp, upn, unique_name, preferred_username } = claims;
  if (typeof oid !== 'string' || typeof tid !== 'string')
    throw new NotSignedInError('The token names no object id. Sign in with: az login');
  const name = [upn, unique_name, preferred_username].find((text) => typeof text === 'string');
  const isPerson = idtyp === 'user' || (idtyp === undefined && name !== undefined);
  return {
    kind: isPerson ? 'person' : 'application',
    objectId: oid,
    tenantId: tid,
    ...(typeof name === 'string' ? { name } : {}),
  };
}

async function tokenOf(credential: TokenCredential, scope: string, deadline: Deadline): Promise<string> {
  try {
    const token = await before(deadline, () => credential.getToken(scope));
    if (token === LATE) throw new NotSignedInError('No token came in time. Sign in with: az login');
    if (token) return token.token;
  } catch (cause) {
    if (cause instanceof NotSignedInError) throw cause;
    // Only its name: the message of an identity library may quote the answer that it got.
    const kind = cause instanceof Error ? cause.name : 'unknown error';
    throw new NotSignedInError(`No token for ${scope} (${kind}). Sign in with: az login`, { cause });
  }
  throw new NotSignedInError(`No token for ${scope}. Sign in with: az login`);
}
