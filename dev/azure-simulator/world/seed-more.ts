import type { SimulatorConfig } from '../config.ts';
import { guidOf } from './ids.ts';
import { makeEnvironment, makeGrant, makeKey, makePolicy, makeVault } from './make.ts';
import type { World } from './world.ts';

/** Adds the resources that a run requests beyond Contoso's own: a third subscription, many environments. */
export function withMore(
  world: World,
  { thirdSubscription, manyEnvironments }: Pick<SimulatorConfig, 'thirdSubscription' | 'manyEnvironments'>,
  now: number,
): World {
  const next = structuredClone(world);
  if (thirdSubscription) addThirdSubscription(next, thirdSubscription, now);
  if (manyEnvironments) addEnvironments(next, manyEnvironments);
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

function addEnvironments(world: World, { policy: name, count }: { policy: string; count: number }): void {
  const policy = world.policies.find((candidate) => candidate.name === name);
  if (!policy) throw new Error(`manyEnvironments.policy: there is no policy '${name}' in this tenant.`);
  for (let n = 1; n <= count; n += 1)
    world.environments.push(makeEnvironment(`Team ${n}`, 'Production', 'europe', policy));
}
