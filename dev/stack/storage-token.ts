import { createHmac } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';

/**
 * A credential for the embedded storage only, for tests and tools outside the Azure simulator. Azurite's
 * basic mode checks a token's form, audience, issuer and dates, not its signature.
 */
export function localStorageCredential(): TokenCredential {
  return {
    async getToken() {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        aud: 'https://storage.azure.com',
        iss: 'https://sts.windows.net/00000000-0000-0000-0000-00000000face/',
        iat: now - 60,
        nbf: now - 60,
        exp: now + 86_400,
      };
      const head = encode({ alg: 'HS256', typ: 'JWT' });
      const body = encode(claims);
      const signature = createHmac('sha256', 'local').update(`${head}.${body}`).digest('base64url');
      return { token: `${head}.${body}.${signature}`, expiresOnTimestamp: claims.exp * 1000 };
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
