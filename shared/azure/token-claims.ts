/**
 * The claims of an access token ("Access token claims reference"); empty where it is not a readable token.
 * The token is read, not verified: Azure verifies it.
 */
export function claimsIn(token: string): Record<string, unknown> {
  try {
    const body = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const claims: unknown = JSON.parse(body);
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {}; // not a readable token: the caller reports that, or does without
  }
}
