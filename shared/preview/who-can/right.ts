import type { PolicyRights } from '../../facts/rights.ts';

/** One right that an operation needs, at one place. Of several names, one is enough. */
export type Right = ControlRight | KeyRight;

/** Any one of these is enough, and of each all rights are needed. */
export interface NeedsOneOf {
  anyOf: readonly (readonly Right[])[];
  /** Why it is not known which rights are needed: there may be others. */
  unread?: string;
}
/** All of these rights, or one of several sets. Null: it can't be done, or does nothing. */
export type Needs = readonly Right[] | NeedsOneOf | null;

export function alternativesOf(needs: NonNullable<Needs>): NeedsOneOf {
  return 'anyOf' in needs ? needs : { anyOf: [needs] };
}

/** "Azure permissions" lists the actions by provider. Only role assignments give them. */
export interface ControlRight {
  plane: 'control';
  /** Whose lists show it: those around the vault or those around the policy. */
  of: 'vault' | 'policy';
  anyOf: readonly string[];
  scope: string;
  /** An assignment with a condition does not count. */
  isUnrestricted?: true;
}

/** A right in the vault itself: a data action under Azure RBAC, a key permission under access policies. */
export interface KeyRight {
  plane: 'key';
  anyOf: readonly KeyOperation[];
}

/**
 * Data actions as "Azure permissions for Security" names them, and key permissions as "Vaults REST: KeyPermissions"
 * does.
 */
export const KEY_OPERATIONS = {
  create: 'Microsoft.KeyVault/vaults/keys/create/action',
  import: 'Microsoft.KeyVault/vaults/keys/import/action',
  update: 'Microsoft.KeyVault/vaults/keys/update/action',
  delete: 'Microsoft.KeyVault/vaults/keys/delete',
  recover: 'Microsoft.KeyVault/vaults/keys/recover/action',
  purge: 'Microsoft.KeyVault/vaults/keys/purge/action',
} as const;
export type KeyOperation = keyof typeof KEY_OPERATIONS;

export function atVault(rights: RightsWithVault, ...anyOf: string[]): ControlRight {
  return { plane: 'control', of: 'vault', anyOf, scope: rights.vault.id };
}

export function atPolicy({ facts }: PolicyRights, ...anyOf: string[]): ControlRight {
  return { plane: 'control', of: 'policy', anyOf, scope: facts.policyId };
}

export function onKey(...anyOf: KeyOperation[]): KeyRight {
  return { plane: 'key', anyOf };
}

/** In words: each right that is needed, or one sentence where any of several sets is enough. */
export function needsInWords({ anyOf }: NeedsOneOf, rights: PolicyRights): string[] {
  const [first = [], ...others] = anyOf;
  const each = (needed: readonly Right[]) => needed.map((right) => rightInWords(right, rights));
  return others.length === 0 ? each(first) : [anyOf.map((one) => each(one).join(' and ')).join('; or ')];
}

export type RightsWithVault = PolicyRights & { vault: NonNullable<PolicyRights['vault']> };

export function hasVault(rights: PolicyRights): rights is RightsWithVault {
  return rights.vault !== undefined;
}

/** The action in words, for people: what the permission model of the vault calls it. */
export function rightInWords(right: Right, rights: PolicyRights): string {
  if (right.plane === 'control') return `${right.anyOf.join(' or ')} at ${right.scope}`;
  return rights.rbac === false
    ? `the key permission ${right.anyOf.join(' or ')} in an access policy of the vault`
    : `${right.anyOf.map((name) => KEY_OPERATIONS[name]).join(' or ')} at ${rights.vault?.keyId ?? 'the key'}`;
}
