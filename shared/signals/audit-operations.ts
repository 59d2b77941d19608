/** What an operation of a vault's audit log is to a policy's access to its key. */
export type AuditMatter =
  | 'key' // changes a key
  | 'vault' // changes the vault
  | 'notification' // Key Vault says that the vault was changed; the record's caller is not who changed it
  | 'use'; // uses the key: only that it failed says anything

// "Azure Key Vault logging" lists the operation names. There is none for disabling a key: that is a KeyUpdate. Reads,
// wraps (which work with a disabled key), secrets and certificates can't take access away and tell of nobody who did.
const MATTERS: ReadonlyMap<string, AuditMatter> = new Map([
  ['keyupdate', 'key'],
  ['keydelete', 'key'],
  ['keypurge', 'key'],
  ['keyrecover', 'key'],
  ['keycreate', 'key'],
  ['keyimport', 'key'],
  ['keyrotate', 'key'],
  ['keyrestore', 'key'],
  ['vaultput', 'vault'],
  ['vaultpatch', 'vault'],
  ['vaultdelete', 'vault'],
  ['vaultrecover', 'vault'],
  ['vaultpurge', 'vault'],
  ['vaultaccesspolicychangedeventgridnotification', 'notification'],
  ['keyunwrap', 'use'],
]);

/** Undefined: an operation that concerns nobody here, as nearly all in the log. */
export function auditMatterOf(operationName: unknown): AuditMatter | undefined {
  return typeof operationName === 'string' ? MATTERS.get(operationName.toLowerCase()) : undefined;
}

/** The HTTP status of the operation, which comes as a number or as text; undefined where none is told. */
export function statusFrom(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\s*\d{3}\s*$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined;
}

/**
 * True where the vault refused the key itself: disabled, expired, deleted, no right, no way in. Not so a first request
 * without a token (401: every client begins with one), a time-out, throttling, or a fault of the service ("Azure Key
 * Vault REST API error codes").
 */
export function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![401, 408, 429].includes(status);
}
