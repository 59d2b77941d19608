import { TRIGGER_IDS } from '../../../shared/triggers/finding.ts';
import { makeEnvironment, makeGrant, makeKey, makePolicy, makeVault } from './make.ts';
import type { World } from './world.ts';

/** A vault name has at most 24 characters (Key Vault: "Vault name"). */
const MAX_VAULT_NAME_LENGTH = 24;

/**
 * Adds, for each trigger, a separate policy, vault and key with two environments, all named after it: so all
 * triggers can run at the same time without affecting each other. `ep-key-disabled`, `kv-key-disabled`, …
 */
export function withDemoPolicies(world: World, now: number): World {
  const next = structuredClone(world);
  const subscriptionId = next.subscriptions[0]?.id ?? '';
  next.resourceGroups.push({ subscriptionId, name: 'rg-demo', location: 'westeurope' });
  for (const trigger of TRIGGER_IDS) {
    const name = `kv-${trigger}`.slice(0, MAX_VAULT_NAME_LENGTH);
    const place = { subscriptionId, resourceGroup: 'rg-demo', location: 'westeurope' };
    // Disabling an older version that is still in use requires an older version.
    const key = makeKey(name, `cmk-${trigger}`, now, trigger === 'key-version-disabled' ? [90, 5] : [90]);
    const vault = makeVault(place, name, now, { keys: [key] });
    const policy = makePolicy({ ...place, geo: 'europe' }, `ep-${trigger}`, { vaultId: vault.id, key });
    next.vaults.push(vault);
    next.policies.push(policy);
    next.roleAssignments.push(makeGrant(policy, vault.id, now));
    next.environments.push(
      makeEnvironment(`Demo ${trigger} Production`, 'Production', 'europe', policy),
      makeEnvironment(`Demo ${trigger} Sandbox`, 'Sandbox', 'europe', policy),
    );
  }
  return next;
}
