import { deletedVaultId } from '../scenarios/deletions.ts';
import { assignmentId } from '../scenarios/permissions.ts';
import {
  currentVersion,
  type DeletedVault,
  type Key,
  type KeyVersion,
  type Policy,
  type Vault,
  type World,
  type WorldDenyAssignment,
  type WorldRoleAssignment,
  type WorldRoleDefinition,
} from '../world/world.ts';

/** Key Vault REST: Vaults - Get. */
export function vaultBody(vault: Vault, tenantId: string): object {
  const { publicNetworkAccess, defaultAction, bypass, ipRules } = vault.network;
  const anyRule = defaultAction !== 'Allow' || bypass !== 'AzureServices' || ipRules.length > 0;
  return {
    id: vault.id,
    name: vault.name,
    type: 'Microsoft.KeyVault/vaults',
    location: vault.location,
    tags: vault.tags,
    systemData: {
      createdBy: 'dana.whitfield@contoso.example',
      createdByType: 'User',
      createdAt: iso(vault.createdAt),
      lastModifiedBy: 'dana.whitfield@contoso.example',
      lastModifiedByType: 'User',
      lastModifiedAt: iso(vault.createdAt),
    },
    properties: {
      sku: { family: 'A', name: 'premium' },
      tenantId: vault.tenantId ?? tenantId,
      // A vault whose firewall was never changed has no ACLs at all.
      ...(anyRule
        ? {
            networkAcls: {
              bypass,
              defaultAction,
              ipRules: ipRules.map((value) => ({ value })),
              virtualNetworkRules: [],
            },
          }
        : {}),
      accessPolicies: vault.accessPolicies.map((entry) => ({
        tenantId,
        objectId: entry.objectId,
        permissions: { keys: entry.keys, secrets: [], certificates: [] },
      })),
      enabledForDeployment: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: vault.softDeleteRetentionInDays,
      enableRbacAuthorization: vault.rbac,
      ...(vault.purgeProtection ? { enablePurgeProtection: true } : {}),
      vaultUri: `https://${vault.name}.vault.azure.net/`,
      provisioningState: 'Succeeded',
      publicNetworkAccess,
    },
  };
}

/** Key Vault REST: Vaults - Get Deleted. */
export function deletedVaultBody({ vault, deletedAt, purgeAt }: DeletedVault): object {
  return {
    id: deletedVaultId(vault),
    name: vault.name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties: {
      vaultId: vault.id,
      location: vault.location,
      tags: vault.tags,
      deletionDate: iso(deletedAt),
      scheduledPurgeDate: iso(purgeAt),
      ...(vault.purgeProtection ? { purgeProtectionEnabled: true } : {}),
    },
  };
}

/** Key Vault REST: Keys - Get. Returns the current version. */
export function keyBody(vault: Vault, key: Key): object {
  return {
    id: `${vault.id}/keys/${key.name}`,
    name: key.name,
    type: 'Microsoft.KeyVault/vaults/keys',
    location: vault.location,
    properties: keyProperties(vault, key, currentVersion(key), 'full'),
  };
}

/** Key Vault REST: Keys - Get Version, and an item of Keys - List Versions. */
export function keyVersionBody(
  vault: Vault,
  key: Key,
  version: KeyVersion,
  detail: 'summary' | 'full',
): object {
  return {
    id: `${vault.id}/keys/${key.name}/versions/${version.id}`,
    name: version.id,
    type: 'Microsoft.KeyVault/vaults/keys/versions',
    location: vault.location,
    properties: keyProperties(vault, key, version, detail),
  };
}

/** Power Platform ARM API: Enterprise Policies - Get. */
export function policyBody(policy: Policy, tenantId: string): object {
  const encrypts = policy.kind === 'Encryption';
  return {
    id: policy.id,
    name: policy.name,
    type: 'Microsoft.PowerPlatform/enterprisePolicies',
    kind: policy.kind,
    location: policy.geo,
    tags: {},
    ...(encrypts ? { identity: { type: 'SystemAssigned', principalId: policy.principalId, tenantId } } : {}),
    properties: {
      systemId: policy.systemId,
      healthStatus: policy.health,
      ...(encrypts
        ? {
            encryption: {
              state: 'Enabled',
              keyVault: {
                id: policy.keyStoreId,
                key: { name: policy.keyName, ...(policy.keyVersion ? { version: policy.keyVersion } : {}) },
              },
            },
          }
        : { networkInjection: { virtualNetworks: [] } }),
    },
  };
}

/** Azure RBAC REST: Role Assignments - List For Scope. */
export function roleAssignmentBody(world: World, assignment: WorldRoleAssignment): object {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(assignment.scope)?.[0] ?? '';
  return {
    id: assignmentId(assignment),
    name: assignment.id,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${assignment.roleId}`,
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      ...conditionOf(assignment),
      createdOn: iso(assignment.createdAt),
      updatedOn: iso(assignment.createdAt),
      createdBy: world.people[0]?.objectId,
      updatedBy: world.people[0]?.objectId,
    },
  };
}

/** "Azure role assignment condition format and syntax", version 2.0. */
export function conditionOf({ condition }: WorldRoleAssignment): object {
  return condition === undefined ? {} : { condition: condition.text, conditionVersion: '2.0' };
}

/** Azure RBAC REST: Role Definitions - Get. */
export function roleDefinitionBody(world: World, role: WorldRoleDefinition, scope: string): object {
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
    name: role.id,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: {
      roleName: role.name,
      type: role.custom ? 'CustomRole' : 'BuiltInRole',
      description: role.description,
      assignableScopes: [role.custom ? world.managementGroupId : '/'],
      permissions: [
        {
          actions: role.actions,
          notActions: role.notActions,
          dataActions: role.dataActions,
          notDataActions: role.notDataActions,
        },
      ],
    },
  };
}

/** Azure RBAC REST: Deny Assignments - List For Scope. */
export function denyAssignmentBody(denial: WorldDenyAssignment): object {
  return {
    id: `${denial.scope}/providers/Microsoft.Authorization/denyAssignments/${denial.id}`,
    name: denial.id,
    type: 'Microsoft.Authorization/denyAssignments',
    properties: {
      denyAssignmentName: denial.name,
      description: 'Created by the Azure simulator.',
      permissions: [
        {
          actions: denial.actions ?? [],
          notActions: [],
          dataActions: denial.dataActions,
          notDataActions: [],
        },
      ],
      scope: denial.scope,
      doNotApplyToChildScopes: false,
      principals: [{ id: denial.principalId, type: denial.principalType ?? 'ServicePrincipal' }],
      excludePrincipals: (denial.excluded ?? []).map((id) => ({ id, type: 'User' })),
      isSystemProtected: false,
    },
  };
}

function keyProperties(vault: Vault, key: Key, version: KeyVersion, detail: 'summary' | 'full'): object {
  const address = `https://${vault.name}.vault.azure.net:443/keys/${key.name}`;
  return {
    attributes: {
      enabled: version.enabled,
      created: version.created,
      updated: version.updated,
      ...(version.nbf === undefined ? {} : { nbf: version.nbf }),
      ...(version.exp === undefined ? {} : { exp: version.exp }),
      recoveryLevel: vault.purgeProtection ? 'Recoverable' : 'Recoverable+Purgeable',
      exportable: false,
    },
    ...(detail === 'full' ? { kty: key.kty, keySize: key.keySize, keyOps: version.keyOps } : {}),
    ...(detail === 'full' && key.rotation ? { rotationPolicy: rotationBody(key.rotation) } : {}),
    keyUri: address,
    keyUriWithVersion: `${address}/${version.id}`,
  };
}

/** Omitted where it is empty (Key Vault REST: Keys - Get). */
function rotationBody({ timeAfterCreate, expiryTime }: NonNullable<Key['rotation']>): object {
  return {
    attributes: { expiryTime },
    lifetimeActions: [{ action: { type: 'rotate' }, trigger: { timeAfterCreate } }],
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
