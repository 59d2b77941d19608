// ARM allows 2,048 characters in a resource id's URL; a longer one is not an ARM id.
const LONGEST_SCOPE = 2048;

/**
 * The ARM id that an event is about, in the one form that signals use: lower case, a slash at the front and none
 * at the end. Takes a whole URL too ("https://management.azure.com/subscriptions/…?api-version=…"). Undefined for
 * anything that isn't an ARM id.
 */
export function scopeFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_SCOPE) return undefined;
  let scope = value.trim().toLowerCase();
  if (!scope.startsWith('/')) scope = `/${scope.replace(/^https?:\/\/[^/]*\/?/, '')}`;
  if (/[?#]/.test(scope)) scope = scope.replace(/[?#].*$/s, '');
  if (scope.endsWith('/')) scope = scope.replace(/\/+$/, '');
  return ARM_ID.test(scope) ? scope : undefined;
}
const ARM_ID = /^\/(?:subscriptions|providers)\/[ -~\u00a0-\uffff]+$/;

/** What the three resource types whose deletion locks environments look like as a scope. */
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

/** The resource of this type that the scope is, or lies in: `resourceIn('…/vaults/kv/keys/k', KEY_VAULT)`. */
export function resourceIn(scope: string, type: typeof KEY_VAULT | typeof POLICY): string | undefined {
  const start = scope.indexOf(type);
  if (start < 0) return undefined;
  const end = scope.indexOf('/', start + type.length);
  return end < 0 ? scope : scope.slice(0, end);
}
export const KEY_VAULT = '/providers/microsoft.keyvault/vaults/';
export const POLICY = '/providers/microsoft.powerplatform/enterprisepolicies/';

/** Where only the vault's name is known: vault names are unique in a cloud, so the watch list can find it by that. */
export function scopeOfVaultName(name: string): string {
  return `${KEY_VAULT}${name.toLowerCase()}`;
}
export function vaultNameIn(scope: string): string | undefined {
  return scope.startsWith(KEY_VAULT) ? scope.slice(KEY_VAULT.length) : undefined;
}
