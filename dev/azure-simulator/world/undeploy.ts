import { isUnder } from '../../../shared/azure/arm-id.ts';
import { guidOf } from './ids.ts';
import type { World } from './world.ts';

/**
 * Somebody deletes a system topic of Lockwatch, or the resource group that holds topics. Their event subscriptions and
 * identities go with them. Role assignments that the identities hold elsewhere stay ("Troubleshoot Azure RBAC", section
 * "Role assignments with identity not found").
 */
export function deleteTopics(world: World, topicOrGroupId: string): World {
  const next = structuredClone(world);
  const gone = next.deployed.sources.filter(({ topicId }) => isUnder(topicId, topicOrGroupId));
  next.deployed.sources = next.deployed.sources.filter((source) => !gone.includes(source));
  next.topicsDeleted.push(...gone.map(({ topicId }) => topicId));
  for (const vault of next.vaults)
    if (gone.some(({ sourceId }) => isUnder(sourceId, vault.id))) vault.eventSubscription = false;
  return next;
}

/** Somebody deletes the app's identity. The next deployment makes another one under the same name. */
export function deleteAppIdentity(world: World): World {
  const next = structuredClone(world);
  next.app.objectId = guidOf(`identity after ${next.app.objectId}`);
  return next;
}
