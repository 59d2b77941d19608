import type { ArmSession } from '../azure/arm-client.ts';
import type { Facts } from './facts.ts';
import { readPermission } from './permission-reader.ts';
import { readVault } from './vault.ts';

/**
 * The permissions under the model that the vault does not use: what would count if the vault were switched to it.
 * In the chain's own session, which has read the vault already.
 */
export async function readOtherModel(
  arm: ArmSession,
  { policy }: Pick<Facts, 'policy'>,
): Promise<Facts['otherModel']> {
  if (policy.state !== 'known' || policy.value.managedHsm) return undefined;
  const { vaultId, keyName, principalId, tenantId } = policy.value;
  if (vaultId === undefined || keyName === undefined || principalId === undefined) return undefined;
  const vault = await readVault(arm, vaultId);
  if (vault.part.state !== 'known') return undefined;
  const switched = { ...vault.part, value: { ...vault.part.value, rbac: !vault.part.value.rbac } };
  return readPermission(arm, { vaultId, keyName, principalId, tenantId }, { ...vault, part: switched });
}
