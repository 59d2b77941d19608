import { isUnder, sameId } from '../../../shared/azure/arm-id.ts';
import { guidOf, resourceGroupId, vaultId } from '../world/ids.ts';
import type { Vault, World } from '../world/world.ts';
import { lockOn } from './heed-locks.ts';
import { armEvent, liveVault, type Scenario, ScenarioRefusedError, type Target } from './scenario.ts';

const MOVE = 'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action';
const VAULT_WRITE = 'Microsoft.KeyVault/vaults/write';
const NEW_GROUP = 'rg-moved';

/**
 * A vault at another place, and one of another tenant ("Move an Azure Key Vault to another subscription"; the
 * refusal of the identity: Key Vault error AKV10032, azure-docs issues 102149 and 55914).
 */
export const VAULT_PLACE_SCENARIOS: Scenario[] = [
  {
    name: 'vault-moved',
    line: 'Moves the vault to another resource group. Keys and access policies stay; the policy names the old place.',
    raises: MOVE,
    perform(draft, { target }) {
      const vault = liveVault(target);
      if (vault.movedFrom)
        throw new ScenarioRefusedError(
          409,
          `The vault ${vault.name} was moved already: undo-vault-moved first.`,
          {
            field: 'vault',
          },
        );
      return move(draft, vault, NEW_GROUP);
    },
  },
  {
    name: 'undo-vault-moved',
    line: 'Moves the vault back to where its policy looks for it.',
    raises: MOVE,
    perform(draft, { target }) {
      const from = target.vault?.movedFrom ?? target.policy?.keyStoreId;
      const vault = draft.vaults.find(({ movedFrom }) => movedFrom !== undefined && sameId(movedFrom, from));
      if (!vault) throw new ScenarioRefusedError(409, 'The vault was not moved.', { field: 'vault' });
      return move(draft, vault, vault.movedFrom?.split('/')[4] ?? '');
    },
  },
  ...(['tenant-changed', 'undo-tenant-changed'] as const).map((name): Scenario => {
    const isChange = name === 'tenant-changed';
    return {
      name,
      line: isChange
        ? 'Gives the vault another tenant: it refuses every identity of this one, whatever was granted.'
        : 'Gives the vault its own tenant again.',
      raises: VAULT_WRITE,
      perform(_draft, { target }) {
        const vault = liveVault(target);
        if (isChange) vault.tenantId = guidOf('tenant fabrikam');
        else delete vault.tenantId;
        return written(target);
      },
    };
  }),
];

/** Role assignments at the vault itself move with it; those that it inherited from its group do not. */
function move(draft: World, vault: Vault, group: string) {
  const from = resourceGroupId(vault.subscriptionId, vault.resourceGroup);
  const lock = lockOn(draft, vault.id);
  if (lock?.level === 'ReadOnly')
    throw new ScenarioRefusedError(
      409,
      `ScopeLocked: '${lock.scope}' has a read-only lock, which refuses moves.`,
    );
  const old = vault.id;
  const to = resourceGroupId(vault.subscriptionId, group);
  if (!draft.resourceGroups.some((one) => sameId(resourceGroupId(one.subscriptionId, one.name), to)))
    draft.resourceGroups.push({
      subscriptionId: vault.subscriptionId,
      name: group,
      location: vault.location,
    });
  vault.id = vaultId(vault.subscriptionId, group, vault.name);
  vault.resourceGroup = group;
  if (vault.movedFrom && sameId(vault.movedFrom, vault.id)) delete vault.movedFrom;
  else vault.movedFrom ??= old;
  for (const assignment of draft.roleAssignments)
    if (isUnder(assignment.scope, old)) assignment.scope = `${vault.id}${assignment.scope.slice(old.length)}`;
  return {
    events: [armEvent('Action', MOVE, from)],
    audit: [],
    note: 'Whether Power Platform follows a vault to its new place is not published; here it does not.',
  };
}

function written(target: Target) {
  const { id } = liveVault(target);
  return {
    events: [armEvent('Write', VAULT_WRITE, id)],
    audit: [{ operation: 'VaultPatch', vaultId: id, status: 200 }],
  };
}
