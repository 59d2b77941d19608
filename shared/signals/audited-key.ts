import { textFrom } from './untrusted.ts';

/** A key, and its version where one is named; in lower case. */
export interface AuditedKey {
  keyName: string;
  keyVersion?: string;
}

const MAX_URI_LENGTH = 2048;
// "Azure Key Vault keys, secrets and certificates overview": names of letters, digits and dashes, at most
// 127; versions of 32 characters.
const KEY_PATH = /\/(?:deleted)?keys\/([0-9a-z-]{1,127})(?:\/([0-9a-z]{32}))?(?:\/|$)/i;

/**
 * The key that an audit record is about. `id` is `/keys/n`, `/keys/n/{version}`, `/deletedkeys/n` or missing;
 * if missing, the request's address is used. Undefined where neither names a key.
 */
export function auditedKey(id: unknown, requestUri: unknown): AuditedKey | undefined {
  return keyIn(id) ?? keyIn(requestUri);
}

/** The name of the vault in a data-plane address; undefined for any other address. */
export function vaultNameOf(uri: unknown): string | undefined {
  const text = textFrom(uri, MAX_URI_LENGTH);
  return text === undefined ? undefined : /^https?:\/\/([0-9a-z-]{3,24})\.vault\./i.exec(text)?.[1];
}

function keyIn(uri: unknown): AuditedKey | undefined {
  const path = textFrom(uri, MAX_URI_LENGTH)?.replace(/[?#].*$/s, '');
  const [found, name, version] = KEY_PATH.exec(path ?? '') ?? [];
  if (found === undefined || name === undefined || isRestore(path)) return undefined;
  const key: AuditedKey = { keyName: name.toLowerCase() };
  if (version !== undefined) key.keyVersion = version.toLowerCase();
  return key;
}

// Key Vault REST: Restore Key is a POST to /keys/restore, for every key name.
function isRestore(path: string | undefined): boolean {
  return /\/keys\/restore\/?$/i.test(path ?? '');
}
