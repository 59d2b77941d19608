import { guidOf, hexOf, policyId, vaultId } from './ids.ts';
import { CRYPTO_SERVICE_ENCRYPTION_USER } from './roles.ts';
import type { Environment, Key, Policy, PowerPlatformRole, Vault, WorldRoleAssignment } from './world.ts';

export const ALL_KEY_OPERATIONS: readonly string[] = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'wrapKey',
  'unwrapKey',
];
const DAY_MS = 86_400_000;

/** A healthy key; `ages`: the age of each version in days, oldest first. */
export function makeKey(vaultName: string, name: string, now: number, ages: number[] = [200]): Key {
  return {
    name,
    birth: guidOf(`${vaultName}/${name}`),
    kty: 'RSA',
    keySize: 3072,
    versions: ages.map((days, index) => {
      const created = Math.floor((now - days * DAY_MS) / 1000);
      return {
        id: hexOf(`${vaultName}/${name}/${index + 1}`),
        enabled: true,
        created,
        updated: created,
        keyOps: [...ALL_KEY_OPERATIONS],
      };
    }),
  };
}

/**
 * A healthy vault as Power Platform requires it: soft delete and purge protection on, open to trusted
 * services.
 */
export function makeVault(
  place: { subscriptionId: string; resourceGroup: string; location: string },
  name: string,
  now: number,
  more: Partial<Vault> = {},
): Vault {
  return {
    ...place,
    id: vaultId(place.subscriptionId, place.resourceGroup, name),
    name,
    rbac: true,
    accessPolicies: [],
    network: {
      publicNetworkAccess: 'Enabled',
      defaultAction: 'Allow',
      bypass: 'AzureServices',
      ipRules: [],
    },
    softDeleteRetentionInDays: 90,
    purgeProtection: true,
    tags: {},
    keys: [],
    deletedKeys: [],
    eventSubscription: true,
    auditLog: true,
    createdAt: now - 400 * DAY_MS,
    ...more,
  };
}

export function makePolicy(
  place: { subscriptionId: string; resourceGroup: string; geo: string },
  name: string,
  key: { vaultId: string; key?: Key; name?: string; version?: string },
): Policy {
  return {
    subscriptionId: place.subscriptionId,
    resourceGroup: place.resourceGroup,
    geo: place.geo,
    id: policyId(place.subscriptionId, place.resourceGroup, name),
    name,
    kind: 'Encryption',
    systemId: systemIdOf(place.geo, name),
    principalId: guidOf(`principal ${name}`),
    health: 'Healthy',
    keyStoreId: key.vaultId,
    keyName: key.key?.name ?? key.name,
    keyVersion: key.version,
    keyBirth: key.key?.birth,
    access: { usable: true, since: 0, applied: true },
  };
}

export function systemIdOf(geo: string, name: string): string {
  return `/regions/${geo}/providers/Microsoft.PowerPlatform/enterprisePolicies/${guidOf(`system ${name}`)}`;
}

export function makeEnvironment(
  name: string,
  sku: Environment['sku'],
  geo: string,
  policy?: Policy,
  dataverse = true,
): Environment {
  const host = name.toLowerCase().replace(/[^a-z0-9]+/g, '');
  return {
    id: guidOf(`environment ${name}`),
    name,
    geo,
    sku,
    url: dataverse ? `https://${host}.crm${geo === 'europe' ? '4' : ''}.dynamics.com/` : undefined,
    link: policy && { policyId: policy.id, systemId: policy.systemId, status: 'Linked' },
    runtime: 'Enabled',
    instance: dataverse ? 'Ready' : undefined,
  };
}

/** A direct grant of Key Vault Crypto Service Encryption User. */
export function makeGrant(
  policy: Policy,
  scope: string,
  now: number,
  more: Partial<WorldRoleAssignment> = {},
): WorldRoleAssignment {
  return {
    id: guidOf(`grant ${policy.name} ${scope} ${more.roleId ?? ''}`),
    scope,
    principalId: policy.principalId,
    principalType: 'ServicePrincipal',
    roleId: CRYPTO_SERVICE_ENCRYPTION_USER,
    createdAt: now - 300 * DAY_MS,
    ...more,
  };
}

/** "Built-in role definitions": Power Platform reader. */
const POWER_PLATFORM_READER_ROLE = 'c886ad2e-27f7-4874-8381-5849b8d8a090';

/** The Power Platform reader role of an identity at a scope. */
export function readerRole(principalObjectId: string, scope: string, now: number): PowerPlatformRole {
  const id = guidOf(`power platform role ${principalObjectId} ${scope}`);
  return { id, principalObjectId, roleDefinitionId: POWER_PLATFORM_READER_ROLE, scope, createdAt: now };
}
