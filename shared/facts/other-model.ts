import type { ArmSession } from '../azure/arm-client.ts';
import type { Facts } from './facts.ts';
import { readPermission } from './permission-reader.ts';
import { readVault } from './vault.ts';

/**
 * The reading with the permissions under the model that the vault does not use: what would count if the vault were switched to it.
 * In the chain's own session, which has read the vault already.
 */
export async function withOtherModel(arm: ArmSession, chain: Facts): Promise<Facts> {
  const { policy } = chain;
  if (policy.state !== 'known' || policy.value.managedHsm) return chain;
  const { vaultId, keyName, principalId, tenantId } = policy.value;
  if (vaultId === undefined || keyName === undefined || principalId === undefined) return chain;
  const vault = await readVault(arm, vaultId);
  if (vault.part.state !== 'known') return chain;
  const switched = { ...vault.part, value: { ...vault.part.value, rbac: !vault.part.value.rbac } };
  const use = { vaultId, keyName, principalId, tenantId };
  return { ...chain, otherModel: await readPermission(arm, use, { ...vault, part: switched }) };
}
