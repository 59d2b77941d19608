import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

const LIFETIME_S = 86_400;

export interface Caller {
  objectId: string;
  applicationId: string;
}
export type TokenVerdict = { caller: Caller } | { code: string; message: string };

/**
 * Issues and checks the tenant's access tokens: the claims of an Entra v1 token, signed with the tenant's own
 * key.
 */
export interface Tokens {
  issue(caller: Caller, audience: string, now: number): IssuedToken;
  /** `audiences`: those the API accepts; a trailing slash is ignored. */
  check(authorization: string | undefined, audiences: readonly string[], now: number): TokenVerdict;
}

export interface IssuedToken {
  token: string;
  expiresOn: number;
  /** Its id: the claim `uti`. */
  id: string;
}

/** `isRevoked`: whether the token of this id is refused before its end. */
export function createTokens(
  tenantId: string,
  secret: string,
  isRevoked: (id: string) => boolean = () => false,
): Tokens {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
  return {
    issue(caller, audience, now) {
      const issued = Math.floor(now / 1000) - 60;
      const expiresOn = issued + LIFETIME_S;
      const id = randomUUID();
      const claims = {
        aud: audience,
        iss: `https://sts.windows.net/${tenantId}/`,
        iat: issued,
        nbf: issued,
        exp: expiresOn,
        appid: caller.applicationId,
        oid: caller.objectId,
        sub: caller.objectId,
        tid: tenantId,
        uti: id,
        ver: '1.0',
      };
      const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
      return { token: `${text}.${sign(text)}`, expiresOn, id };
    },

    check(authorization, audiences, now) {
      const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (!token)
        return {
          code: 'AuthenticationFailed',
          message: "Authentication failed. The 'Authorization' header is missing or not a bearer token.",
        };
      const [head = '', body = '', signature = '', ...rest] = token.split('.');
      const claims = decode(body);
      if (!claims || rest.length > 0 || !same(signature, sign(`${head}.${body}`)))
        return { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' };
      if (typeof claims.exp !== 'number' || claims.exp * 1000 <= now)
        return { code: 'ExpiredAuthenticationToken', message: 'The access token expiry is in the past.' };
      if (isRevoked(String(claims.uti)))
        return { code: 'InvalidAuthenticationToken', message: 'The access token has been revoked.' };
      if (!audiences.some((audience) => bare(audience) === bare(String(claims.aud))))
        return {
          code: 'InvalidAuthenticationTokenAudience',
          message: `The access token has been obtained for the wrong audience or resource '${claims.aud}'.`,
        };
      return { caller: { objectId: String(claims.oid), applicationId: String(claims.appid) } };
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not a token at all: the caller learns that it is invalid.
    return undefined;
  }
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function bare(audience: string): string {
  return audience.toLowerCase().replace(/\/+$/, '');
}
