import { sameId } from '../../shared/azure/arm-id.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { readVault } from '../../shared/facts/vault.ts';
import { azCommand } from '../../shared/triggers/az-command.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import { grantReading } from './remediation.ts';
import type { Check } from './report.ts';
import { rolesAt } from './roles.ts';

/** More people than this who can disable or delete a key are many: our own number, not a document's. */
const FEW = 5;
const RIGHTS = [
  'Microsoft.Authorization/roleAssignments/read',
  'Microsoft.Authorization/roleDefinitions/read',
];
const KEYS = 'Microsoft.KeyVault/vaults/keys';
/** Data actions that disable a key or delete it ("Azure permissions for Security"). */
const TAKES_AWAY = [`${KEYS}/update/action`, `${KEYS}/delete`];

/**
 * The other identities that can disable or delete a vault's keys. No lock and no Azure policy prevents them.
 */
export async function keyHolders(azure: AzureReader, vaultIds: readonly string[], chains: readonly Facts[]) {
  const known = vaultIds.filter((id) =>
    chains.some(
      ({ policy, vault }) =>
        vault.state === 'known' && policy.state === 'known' && sameId(policy.value.vaultId, id),
    ),
  );
  return Promise.all(known.map((id) => ofVault(azure, id)));
}

async function ofVault(azure: AzureReader, id: string): Promise<Check> {
  const base = { about: 'keyHolders' as const, id };
  const { part, accessPolicies } = await readVault(azure.arm, id);
  if (part.state === 'known' && !part.value.rbac) {
    const holders = accessPolicies.filter(({ keys }) =>
      keys.some((permission) => ['all', 'update', 'delete', 'purge'].includes(permission)),
    );
    return { ...base, ...holdersCheck(holders.length, 'by its access policies', undefined) };
  }
  const roles = await rolesAt(azure, id);
  if ('failed' in roles) {
    const failure = failedRead(roles.failed, `Reader on the vault ${id}`);
    if (failure.state !== 'missing') return { ...base, ...failure };
    return { ...base, ...failure, rights: RIGHTS, remediation: grantReading(azure.who, id) };
  }
  const holders = roles.held.filter(({ may }) => TAKES_AWAY.some((action) => may('dataActions', action)));
  const count = new Set(holders.map(({ principalId }) => principalId)).size;
  const through = [...new Set(holders.map(({ role }) => role))].sort();
  const command = azCommand('role assignment list --include-inherited --output table', ['--scope', id]);
  return { ...base, ...holdersCheck(count, `by the roles ${through.join(', ')}`, command) };
}

function holdersCheck(
  count: number,
  by: string,
  command: string | undefined,
): Pick<Check, 'state' | 'says' | 'remediation'> {
  const says =
    count === 0
      ? 'Nobody is assigned what disables or deletes a key (owners may still assign it to themselves).'
      : `${count} principal(s) can disable or delete its keys, ${by}; a group counts as one.`;
  if (count <= FEW) return { state: 'ok', says };
  return {
    state: 'note',
    says: `${says} Few is better: nothing else keeps anybody from it.`,
    remediation: { what: 'See who they are.', command },
  };
}
