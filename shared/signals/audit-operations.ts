/** The effect of an operation in a vault's audit log on a policy's access to its key. */
export type AuditMatter =
  | 'key' // changes a key
  | 'vault' // changes the vault
  | 'notification' // Key Vault reports a change to the vault; its caller is not the person who made it
  | 'use'; // uses the key: relevant only where it failed

// "Azure Key Vault logging" lists the operation names. There is none for disabling a key: that is a
// KeyUpdate. Reads, wraps (which work with a disabled key), secrets and certificates can't remove access and
// identify nobody who did.
const MATTER_BY_NAME = {
  KeyUpdate: 'key',
  KeyDelete: 'key',
  KeyPurge: 'key',
  KeyRecover: 'key',
  KeyCreate: 'key',
  KeyImport: 'key',
  KeyRotate: 'key',
  KeyRotateIfDue: 'key',
  KeyRotationPolicySet: 'key',
  KeyRestore: 'key',
  VaultPut: 'vault',
  VaultPatch: 'vault',
  VaultDelete: 'vault',
  VaultRecover: 'vault',
  VaultPurge: 'vault',
  VaultAccessPolicyChangedEventGridNotification: 'notification',
  KeyUnwrap: 'use',
} as const satisfies Record<string, AuditMatter>;
export type AuditOperation = keyof typeof MATTER_BY_NAME;

/** Each name under itself, so that a name that the log doesn't have does not compile. */
export const AUDIT_OPERATION = Object.fromEntries(
  Object.keys(MATTER_BY_NAME).map((name) => [name, name]),
) as { readonly [Name in AuditOperation]: Name };

const MATTERS: ReadonlyMap<string, AuditMatter> = new Map(
  Object.entries(MATTER_BY_NAME).map(([name, matter]) => [name.toLowerCase(), matter]),
);

/** Undefined: an operation that is irrelevant here, as nearly all in the log are. */
export function auditMatterOf(operationName: unknown): AuditMatter | undefined {
  return typeof operationName === 'string' ? MATTERS.get(operationName.toLowerCase()) : undefined;
}

/** The HTTP status of the operation, which comes as a number or as text; undefined where missing. */
export function statusFrom(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\s*\d{3}\s*$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined;
}

/**
 * True where the vault refused the key itself: disabled, expired, deleted, no right, no network access. False
 * for a time-out, throttling, or a fault of the service ("Azure Key Vault REST API error codes"). A 401
 * counts only where the caller is named: every client begins with a request without a token.
 */
export function isRefusal(status: number | undefined, isCallerNamed: () => boolean): boolean {
  if (status === 401) return isCallerNamed();
  return status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status);
}

export function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
