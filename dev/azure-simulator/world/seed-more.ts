import type { SimulatorConfig } from '../config.ts';
import { guidOf } from './ids.ts';
import { makeEnvironment, makeGrant, makeKey, makePolicy, makeVault } from './make.ts';
import type { World } from './world.ts';

/** The vault that many policies share. */
export const SHARED_VAULT = 'kv-contoso-shared';

/**
 * Adds the resources that a run requests beyond Contoso's own: a third subscription, a vault that many policies
 * share, many environments.
 */
export function withMore(
  world: World,
  more: Pick<SimulatorConfig, 'thirdSubscription' | 'sharedVault' | 'manyEnvironments' | 'unregistered'>,
  now: number,
): World {
  const { thirdSubscription, sharedVault, manyEnvironments, unregistered } = more;
  const next = structuredClone(world);
  if (thirdSubscription) addThirdSubscription(next, thirdSubscription, now);
  if (sharedVault) addSharedVault(next, sharedVault, now);
  if (manyEnvironments) addEnvironments(next, manyEnvironments);
  if (unregistered) for (const one of next.subscriptions) one.unregistered = unregistered;
  return next;
}

function addThirdSubscription(world: World, policies: number, now: number): void {
  const subscriptionId = guidOf('subscription asia');
  const place = { subscriptionId, resourceGroup: 'rg-keys-asia', location: 'southeastasia' };
  world.subscriptions.push({ id: subscriptionId, name: 'Contoso Asia', watched: true, state: 'Enabled' });
  world.resourceGroups.push({ subscriptionId, name: place.resourceGroup, location: place.location });
  for (let n = 1; n <= policies; n += 1) {
    const vaultName = `kv-contoso-asia-${n}`;
    const key = makeKey(vaultName, `cmk-asia-${n}`, now);
    const vault = makeVault(place, vaultName, now, { keys: [key] });
    const policy = makePolicy({ ...place, geo: 'asia' }, `ep-asia-${n}`, { vaultId: vault.id, key });
    world.vaults.push(vault);
    world.policies.push(policy);
    world.roleAssignments.push(makeGrant(policy, vault.id, now));
    world.environments.push(makeEnvironment(`Asia ${n}`, 'Production', 'asia', policy));
  }
}

function addSharedVault(
  world: World,
  { policies, environments }: { policies: number; environments: number },
  now: number,
): void {
  const subscriptionId = guidOf('subscription shared');
  const place = { subscriptionId, resourceGroup: 'rg-keys-shared', location: 'westeurope' };
  world.subscriptions.push({ id: subscriptionId, name: 'Contoso Shared', watched: true, state: 'Enabled' });
  world.resourceGroups.push({ subscriptionId, name: place.resourceGroup, location: place.location });
  const key = makeKey(SHARED_VAULT, 'cmk-shared', now);
  const vault = makeVault(place, SHARED_VAULT, now, { keys: [key] });
  world.vaults.push(vault);
  for (let n = 1; n <= policies; n += 1) {
    const policy = makePolicy({ ...place, geo: 'europe' }, `ep-shared-${n}`, { vaultId: vault.id, key });
    world.policies.push(policy);
    world.roleAssignments.push(makeGrant(policy, vault.id, now));
    for (let m = n; m <= environments; m += policies)
      world.environments.push(makeEnvironment(`Shared ${m}`, 'Production', 'europe', policy));
  }
}

function addEnvironments(world: World, { policy: name, count }: { policy: string; count: number }): void {
  const policy = world.policies.find((candidate) => candidate.name === name);
  if (!policy) throw new Error(`manyEnvironments.policy: there is no policy '${name}' in this tenant.`);
  for (let n = 1; n <= count; n += 1)
    world.environments.push(makeEnvironment(`Team ${n}`, 'Production', 'europe', policy));
}
