// ARM allows 2,048 characters in a resource id's URL; a longer one is not an ARM id.
const MAX_SCOPE_LENGTH = 2048;

/**
 * The ARM id that an event is about, in the normal form of signals: lower case, with a leading slash and no
 * trailing one. Accepts a whole URL too ("https://management.azure.com/subscriptions/…?api-version=…").
 * Undefined for anything that isn't an ARM id.
 */
export function scopeFrom(value: unknown): string | undefined {
  const scope = usualScope(value) ?? trimmedScope(value);
  return scope !== undefined && ARM_ID.test(scope) ? scope : undefined;
}

/**
 * The same for an id in the usual spelling, with nothing to remove at either end. Its characters are not
 * checked: the check takes as long as everything else, and an irrelevant event does not need it.
 */
export function usualScope(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_SCOPE_LENGTH) return undefined;
  const end = value.at(-1) ?? '';
  if (end <= ' ' || end > '~' || end === '/' || value.includes('?') || value.includes('#')) return undefined;
  const scope = value.toLowerCase();
  return scope.startsWith('/subscriptions/') || scope.startsWith('/providers/') ? scope : undefined;
}

function trimmedScope(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_SCOPE_LENGTH) return undefined;
  let scope = value.trim().toLowerCase();
  if (!scope.startsWith('/')) scope = `/${scope.replace(/^https?:\/\/[^/]*\/?/, '')}`;
  scope = scope.replace(/[?#].*$/s, '');
  return scope.replace(/\/+$/, '');
}
const ARM_ID = /^\/(?:subscriptions|providers)\/[ -~\u00a0-\uffff]+$/;

/** The scope patterns of the three resource types whose deletion locks environments. */
export function isVaultId(scope: string): boolean {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.keyvault\/vaults\/[^/]+$/.test(
    scope,
  );
}
export function isPolicyId(scope: string): boolean {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.powerplatform\/enterprisepolicies\/[^/]+$/.test(
    scope,
  );
}
export function isResourceGroupId(scope: string): boolean {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+$/.test(scope);
}

/**
 * The resource that the scope is, or is in: for '…/vaults/kv/keys/k' the vault. For types other than vaults
 * and policies: the whole scope. Undefined where it is not a resource: a subscription, a resource group.
 */
export function resourceIn(
  scope: string,
): { type: typeof KEY_VAULT | typeof POLICY | 'other'; id: string; name: string } | undefined {
  const first = scope.indexOf(PROVIDERS);
  if (first < 0) return undefined;
  for (let at = first; at >= 0; at = scope.indexOf(PROVIDERS, at + 1)) {
    const type = scope.startsWith(KEY_VAULT, at) ? KEY_VAULT : scope.startsWith(POLICY, at) ? POLICY : '';
    if (type === '') continue;
    const start = at + type.length;
    const slash = scope.indexOf('/', start);
    const end = slash < 0 ? scope.length : slash;
    return { type, id: scope.slice(0, end), name: scope.slice(start, end) };
  }
  return { type: 'other', id: scope, name: '' };
}
const PROVIDERS = '/providers/';
export const KEY_VAULT = '/providers/microsoft.keyvault/vaults/';
export const POLICY = '/providers/microsoft.powerplatform/enterprisepolicies/';

/**
 * For sources that know only the vault's name: names are unique in a cloud, so the watch list can find the
 * vault.
 */
export function scopeOfVaultName(name: string): string {
  return `${KEY_VAULT}${name.toLowerCase()}`;
}
export function vaultNameIn(scope: string): string | undefined {
  return scope.startsWith(KEY_VAULT) ? scope.slice(KEY_VAULT.length) : undefined;
}
