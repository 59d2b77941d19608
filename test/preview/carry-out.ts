import { perform } from '../../dev/azure-simulator/scenarios/register.ts';
import { BUILT_IN_ROLES } from '../../dev/azure-simulator/world/roles.ts';
import {
  currentVersion,
  findKey,
  findVault,
  type KeyVersion,
  type Vault,
  type World,
} from '../../dev/azure-simulator/world/world.ts';
import { armIdParts, isUnder, sameId } from '../../shared/azure/arm-id.ts';
import type { PlannedAccessPolicy, PlannedOperation } from '../../shared/preview/change.ts';

/** The name of an assignment that a change makes; Azure's own is a GUID that nobody knows before. */
const madeNow = (n: number) => `made-by-a-change-${n}`;

type OperationOf<Kind extends PlannedOperation['what']> = Extract<PlannedOperation, { what: Kind }>;

/**
 * What the simulator's Azure makes of one operation: the world after it. Deletions are the simulator's own scenarios,
 * so they heed its locks and throw `ScenarioRefusedError`. The given world stays as it is.
 */
export function carryOut(world: World, operation: PlannedOperation, now: number): World {
  switch (operation.what) {
    case 'vaultDeleted': {
      const vault = findVault(world, operation.vaultId);
      if (!vault) return world;
      const isPurged = operation.purges === true && !vault.purgeProtection;
      return perform(world, isPurged ? 'vault-purged' : 'vault-deleted', { vault: vault.id }, now).world;
    }
    case 'keyDeleted': {
      const vault = findVault(world, operation.vaultId);
      const key = findKey(vault, operation.keyName);
      if (!vault || !key) return world;
      const isPurged = operation.purges === true && !vault.purgeProtection;
      const asked = { vault: vault.id, key: key.name };
      return perform(world, isPurged ? 'key-purged' : 'key-deleted', asked, now).world;
    }
    case 'resourceGroupDeleted': {
      const vault = world.vaults.find(({ id }) => isUnder(id, operation.id));
      return vault ? perform(world, 'resource-group-deleted', { vault: vault.id }, now).world : world;
    }
    case 'policyDeleted': {
      const policy = world.policies.find(({ id }) => sameId(id, operation.policyId));
      return policy ? perform(world, 'policy-deleted', { policy: policy.id }, now).world : world;
    }
    default: {
      const draft = structuredClone(world);
      change(draft, operation);
      return draft;
    }
  }
}

function change(draft: World, operation: PlannedOperation): void {
  switch (operation.what) {
    case 'vaultSet': {
      const vault = findVault(draft, operation.vaultId);
      if (vault) setVault(draft, vault, operation.set);
      return;
    }
    case 'perimeterSet': {
      const vault = findVault(draft, operation.vaultId);
      if (!vault || operation.access === 'Learning') return;
      const isIn = vault.network.publicNetworkAccess === 'SecuredByPerimeter';
      if (operation.access === 'Enforced') vault.network.publicNetworkAccess = 'SecuredByPerimeter';
      else if (isIn) vault.network.publicNetworkAccess = 'Enabled';
      return;
    }
    case 'keySet':
      setKey(draft, operation);
      return;
    case 'accessPolicySet': {
      const vault = findVault(draft, operation.vaultId);
      if (!vault) return;
      const { objectId, keys } = entryOf(operation.entry);
      const before = vault.accessPolicies.find((entry) => entry.objectId === objectId);
      if (before) before.keys = keys;
      else vault.accessPolicies.push({ objectId, keys });
      return;
    }
    case 'accessPolicyRemoved': {
      const vault = findVault(draft, operation.vaultId);
      if (vault)
        vault.accessPolicies = vault.accessPolicies.filter(({ objectId }) => objectId !== operation.objectId);
      return;
    }
    case 'roleAssignmentRemoved': {
      const { name } = armIdParts(operation.id);
      draft.roleAssignments = draft.roleAssignments.filter(({ id }) => id !== name);
      return;
    }
    case 'roleAssignmentAdded':
      addAssignment(draft, operation);
      return;
    case 'roleDefinitionSet': {
      const role = draft.roleDefinitions.find(({ id }) => id === operation.roleId);
      const [permission] = operation.permissions;
      if (!role) return;
      role.dataActions = [...(permission?.dataActions ?? [])];
      role.notDataActions = [...(permission?.notDataActions ?? [])];
      return;
    }
    case 'denyAssignmentAdded':
      for (const principalId of operation.principalIds)
        draft.denyAssignments.push({
          id: madeNow(draft.denyAssignments.length),
          name: madeNow(0),
          scope: operation.scope,
          principalId,
          dataActions: [...(operation.permissions[0]?.dataActions ?? [])],
        });
      return;
    case 'denyAssignmentRemoved': {
      const { name } = armIdParts(operation.id);
      draft.denyAssignments = draft.denyAssignments.filter(({ id }) => id !== name);
      return;
    }
    case 'lockRemoved': {
      const { id } = operation;
      draft.locks = draft.locks.filter(
        (lock) => !sameId(`${lock.scope}/providers/Microsoft.Authorization/locks/${lock.name}`, id),
      );
      return;
    }
    case 'policySet': {
      const policy = draft.policies.find(({ id }) => sameId(id, operation.policyId));
      const { keyVersion } = operation.set;
      if (policy && keyVersion !== undefined) policy.keyVersion = keyVersion ?? undefined;
      return;
    }
    default:
      throw new Error(`The simulator does not know how to make ${operation.what}.`);
  }
}

function setVault(draft: World, vault: Vault, set: OperationOf<'vaultSet'>['set']): void {
  const { publicNetworkAccess, defaultAction, bypass, rbac, tenantId, accessPolicies } = set;
  const { network } = vault;
  vault.network = {
    ...network,
    publicNetworkAccess: publicNetworkAccess ?? network.publicNetworkAccess,
    defaultAction: defaultAction ?? network.defaultAction,
    bypass: bypass ?? network.bypass,
  };
  if (rbac !== undefined) vault.rbac = rbac;
  if (tenantId === draft.tenantId) delete vault.tenantId;
  else if (tenantId !== undefined) vault.tenantId = tenantId;
  if (accessPolicies !== undefined) vault.accessPolicies = accessPolicies.map(entryOf);
}

function entryOf({ objectId = '', keys }: PlannedAccessPolicy) {
  return { objectId, keys: [...keys] };
}

function setKey(draft: World, { vaultId, keyName, version, set }: OperationOf<'keySet'>): void {
  const key = findKey(findVault(draft, vaultId), keyName);
  const found: KeyVersion | undefined =
    key && (version === undefined ? currentVersion(key) : key.versions.find(({ id }) => id === version));
  if (!found) return;
  if (set.enabled !== undefined) found.enabled = set.enabled;
  if (set.keyOps !== undefined) found.keyOps = [...set.keyOps];
  if (set.expires !== undefined) found.exp = secondsOf(set.expires);
  if (set.notBefore !== undefined) found.nbf = secondsOf(set.notBefore);
}

function secondsOf(date: string | null): number | undefined {
  return date === null ? undefined : Date.parse(date) / 1000;
}

function addAssignment(draft: World, operation: OperationOf<'roleAssignmentAdded'>): void {
  const { scope, principalId, principalType, role } = operation;
  if (scope === undefined || principalId === undefined || role === undefined)
    throw new Error('Azure makes no assignment whose scope, principal or role is not known.');
  const known = [...draft.roleDefinitions, ...BUILT_IN_ROLES];
  const roleId = known.find(({ id, name }) => id === role || name === role)?.id;
  if (roleId === undefined) throw new Error(`There is no role ${role}.`);
  draft.roleAssignments.push({
    id: madeNow(draft.roleAssignments.length),
    scope,
    principalId,
    principalType: principalType as 'ServicePrincipal' | 'Group' | 'User',
    roleId,
    createdAt: 0,
  });
}
