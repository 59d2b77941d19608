import { sameId } from '../../../shared/azure/arm-id.ts';
import { resourceGroupId } from '../world/ids.ts';
import type { DeletedVault, Vault, World } from '../world/world.ts';
import { heedLocks } from './heed-locks.ts';
import {
  armEvent,
  DATA_PLANE,
  liveKey,
  liveVault,
  type Scenario,
  ScenarioRefusedError,
  type Target,
} from './scenario.ts';

const DAY_MS = 86_400_000;

/** Deleting, recovering and purging keys, vaults and a vault's resource group. */
export const DELETION_SCENARIOS: Scenario[] = [
  {
    name: 'key-deleted',
    line: 'Deletes the key (soft delete).',
    raises: null,
    silent: DATA_PLANE,
    perform(_draft, { target }) {
      const { vault, key } = liveKey(target);
      vault.keys = vault.keys.filter((candidate) => candidate !== key);
      vault.deletedKeys.push(key);
      return { events: [], silent: DATA_PLANE, audit: [keyScenario('KeyDelete', vault, `keys/${key.name}`)] };
    },
  },
  {
    name: 'undo-key-deleted',
    line: 'Recovers the deleted key with all its versions.',
    raises: null,
    silent: DATA_PLANE,
    perform(_draft, { target }) {
      const vault = liveVault(target);
      const key = deletedKey(vault, target);
      vault.deletedKeys = vault.deletedKeys.filter((candidate) => candidate !== key);
      vault.keys.push(key);
      return {
        events: [],
        silent: DATA_PLANE,
        audit: [keyScenario('KeyRecover', vault, `deletedkeys/${key.name}`)],
      };
    },
  },
  {
    name: 'key-purged',
    line: 'The deleted key is gone for good (it is deleted first where it still lives).',
    raises: null,
    silent: DATA_PLANE,
    perform(_draft, { target }) {
      const vault = liveVault(target);
      const key = target.key ?? deletedKey(vault, target);
      vault.keys = vault.keys.filter((candidate) => candidate !== key);
      vault.deletedKeys = vault.deletedKeys.filter((candidate) => candidate !== key);
      return {
        events: [],
        silent: DATA_PLANE,
        audit: [keyScenario('KeyPurge', vault, `deletedkeys/${key.name}`)],
        note: 'Purge protection lets nobody do this before the retention ends; here it ends at once.',
      };
    },
  },
  {
    name: 'vault-deleted',
    line: 'Deletes the vault (soft delete). Its role assignments and its own event subscriptions are lost.',
    raises: 'Microsoft.KeyVault/vaults/delete',
    perform(draft, { target, now }) {
      const vault = liveVault(target);
      softDelete(draft, vault, now);
      return {
        events: [armEvent('Delete', 'Microsoft.KeyVault/vaults/delete', vault.id)],
        audit: [{ operation: 'VaultDelete', vaultId: vault.id, status: 200 }],
      };
    },
  },
  {
    name: 'undo-vault-deleted',
    line: 'Recovers the vault. Under RBAC the grants do not come back: then grant-permissions.',
    raises: 'Microsoft.KeyVault/vaults/write',
    perform(draft, { target }) {
      const { vault } = deletedVault(draft, target);
      recover(draft, vault);
      return {
        events: [armEvent('Write', 'Microsoft.KeyVault/vaults/write', vault.id)],
        audit: [{ operation: 'VaultRecover', vaultId: vault.id, status: 200 }],
        note: vault.rbac ? 'The vault is back without its role assignments.' : undefined,
      };
    },
  },
  {
    name: 'vault-purged',
    line: 'The deleted vault is gone for good (it is deleted first where it still lives).',
    raises:
      'Microsoft.KeyVault/locations/deletedVaults/purge/action, or nothing where the retention’s end does it',
    perform(draft, { target, now }) {
      if (!target.vaultDeleted) softDelete(draft, liveVault(target), now);
      const { vault } = deletedVault(draft, target);
      draft.deletedVaults = draft.deletedVaults.filter((entry) => entry.vault !== vault);
      if (vault.purgeProtection)
        return {
          events: [],
          audit: [],
          unattended: true,
          silent: 'the end of the retention purges it: nobody acts, so there is no event',
          note: 'Purge protection lets nobody purge it earlier; here the retention ends at once.',
        };
      const operation = 'Microsoft.KeyVault/locations/deletedVaults/purge/action';
      return {
        events: [armEvent('Action', operation, deletedVaultId(vault))],
        audit: [{ operation: 'VaultPurge', vaultId: vault.id, status: 200 }],
      };
    },
  },
  {
    name: 'resource-group-deleted',
    line: 'Deletes the resource group of the vault, and with it every vault in it (soft delete).',
    raises:
      'Microsoft.Resources/subscriptions/resourceGroups/delete (of the children: not published, so nothing)',
    perform(draft, { target, now }) {
      const { subscriptionId, resourceGroup } = liveVault(target);
      const id = resourceGroupId(subscriptionId, resourceGroup);
      const children = draft.vaults.filter((vault) => isIn(vault, subscriptionId, resourceGroup));
      for (const vault of children) softDelete(draft, vault, now);
      draft.resourceGroups = draft.resourceGroups.filter(
        (group) => !sameId(resourceGroupId(group.subscriptionId, group.name), id),
      );
      return {
        events: [armEvent('Delete', 'Microsoft.Resources/subscriptions/resourceGroups/delete', id)],
        audit: children.map((vault) => ({ operation: 'VaultDelete', vaultId: vault.id, status: 200 })),
      };
    },
  },
  {
    name: 'undo-resource-group-deleted',
    line: 'Makes the resource group again and recovers its vaults, without their role assignments.',
    raises: 'Microsoft.Resources/subscriptions/resourceGroups/write, Microsoft.KeyVault/vaults/write',
    perform(draft, { target }) {
      const { subscriptionId, resourceGroup, location } = deletedVault(draft, target).vault;
      draft.resourceGroups.push({ subscriptionId, name: resourceGroup, location });
      const children = draft.deletedVaults
        .map((entry) => entry.vault)
        .filter((vault) => isIn(vault, subscriptionId, resourceGroup));
      for (const vault of children) recover(draft, vault);
      const group = resourceGroupId(subscriptionId, resourceGroup);
      return {
        events: [
          armEvent('Write', 'Microsoft.Resources/subscriptions/resourceGroups/write', group),
          ...children.map((vault) => armEvent('Write', 'Microsoft.KeyVault/vaults/write', vault.id)),
        ],
        audit: children.map((vault) => ({ operation: 'VaultRecover', vaultId: vault.id, status: 200 })),
      };
    },
  },
];

export function deletedVaultId(vault: Vault): string {
  return `/subscriptions/${vault.subscriptionId}/providers/Microsoft.KeyVault/locations/${vault.location}/deletedVaults/${vault.name}`;
}

/**
 * Role assignments at and below the vault are deleted with it and not recovered (Key Vault: "Recovery
 * overview").
 */
function softDelete(draft: World, vault: Vault, now: number): void {
  heedLocks(draft, vault.id);
  draft.vaults = draft.vaults.filter((candidate) => candidate !== vault);
  vault.eventSubscription = false;
  draft.deletedVaults.push({
    vault,
    deletedAt: now,
    purgeAt: now + vault.softDeleteRetentionInDays * DAY_MS,
  });
  const under = `${vault.id.toLowerCase()}/`;
  draft.roleAssignments = draft.roleAssignments.filter(
    (assignment) => !`${assignment.scope.toLowerCase()}/`.startsWith(under),
  );
}

function recover(draft: World, vault: Vault): void {
  const group = resourceGroupId(vault.subscriptionId, vault.resourceGroup);
  if (!draft.resourceGroups.some((entry) => sameId(resourceGroupId(entry.subscriptionId, entry.name), group)))
    throw new ScenarioRefusedError(
      409,
      `The resource group ${vault.resourceGroup} is gone: undo-resource-group-deleted first.`,
      {
        field: 'vault',
      },
    );
  draft.deletedVaults = draft.deletedVaults.filter((entry) => entry.vault !== vault);
  draft.vaults.push(vault);
}

function deletedVault(draft: World, target: Target): DeletedVault {
  const found = draft.deletedVaults.find(
    (entry) => entry.vault === target.vault || sameId(entry.vault.id, target.vault?.id),
  );
  if (!found)
    throw new ScenarioRefusedError(409, 'The vault is not deleted, or it is purged.', { field: 'vault' });
  return found;
}

function deletedKey(vault: Vault, target: Target): Vault['keys'][number] {
  const found = vault.deletedKeys.find((key) => key.name.toLowerCase() === target.keyName?.toLowerCase());
  if (!found)
    throw new ScenarioRefusedError(
      409,
      `The vault ${vault.name} holds no deleted key '${target.keyName ?? ''}'.`,
      {
        field: 'key',
        choices: vault.deletedKeys.map((key) => key.name),
      },
    );
  return found;
}

function isIn(vault: Vault, subscriptionId: string, resourceGroup: string): boolean {
  return vault.subscriptionId === subscriptionId && vault.resourceGroup === resourceGroup;
}

function keyScenario(operation: string, vault: Vault, path: string) {
  return { operation, vaultId: vault.id, path, status: 200 };
}
