import { createHash } from 'node:crypto';

/** The same name always gives the same GUID, so that ids in docs, tests and bookmarks remain valid. */
export function guidOf(name: string): string {
  const hex = hexOf(name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** 32 hexadecimal digits: the format of a key version (Key Vault: "Objects, identifiers, and versioning"). */
export function hexOf(name: string): string {
  return createHash('sha256').update(`contoso ${name}`).digest('hex').slice(0, 32);
}

export function resourceGroupId(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
}

export function vaultId(subscriptionId: string, resourceGroup: string, name: string): string {
  return `${resourceGroupId(subscriptionId, resourceGroup)}/providers/Microsoft.KeyVault/vaults/${name}`;
}

export function policyId(subscriptionId: string, resourceGroup: string, name: string): string {
  return `${resourceGroupId(subscriptionId, resourceGroup)}/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`;
}
