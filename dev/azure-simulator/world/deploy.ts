import { sameId } from '../../../shared/azure/arm-id.ts';
import type { DeployedGrant, Deployment } from '../../expected-deployment/deployment.ts';
import { guidOf } from './ids.ts';
import { GRANTED_ROLES } from './roles.ts';
import type { World, WorldRoleAssignment } from './world.ts';

/**
 * Deploys into a world: its roles, grants, event subscriptions and diagnostic settings become exactly those
 * of the deployment. The given world is not changed.
 */
export function deployInto(world: World, deployment: Deployment, now: number): World {
  const next = structuredClone(world);
  next.deployed = structuredClone(deployment);
  next.roleDefinitions.push(
    ...structuredClone([...GRANTED_ROLES]).filter(({ id }) =>
      next.roleDefinitions.every((known) => known.id !== id),
    ),
    ...deployment.roles.map(({ scope, ...role }) => ({ ...role, custom: true })),
  );
  for (const { id, roleId } of deployment.grants)
    if (!next.roleDefinitions.some((role) => role.id === roleId))
      throw new Error(`The deployment grants ${id} by a role that this tenant does not know: ${roleId}.`);
  next.roleAssignments.push(...deployment.grants.map((grant) => assignmentOf(next, grant, now)));
  for (const vault of next.vaults) {
    vault.eventSubscription = deployment.sources.some(({ sourceId }) => sameId(sourceId, vault.id));
    vault.auditLog = deployment.auditSettings.some(({ vaultId }) => sameId(vaultId, vault.id));
  }
  return next;
}

/** The app's own role assignments at one subscription, as they were deployed. */
export function appGrantsAt(world: World, subscriptionId: string, now: number): WorldRoleAssignment[] {
  return world.deployed.grants
    .filter(({ to, scope }) => to.kind === 'app' && sameId(scope, `/subscriptions/${subscriptionId}`))
    .map((grant) => assignmentOf(world, grant, now));
}

/** The object id of a topic's system-assigned identity. */
export function topicPrincipal(topicId: string): string {
  return guidOf(`identity ${topicId}`);
}

function assignmentOf(
  world: World,
  { id, scope, to, roleId }: DeployedGrant,
  now: number,
): WorldRoleAssignment {
  return { id, scope, roleId, createdAt: now, ...granteeOf(world, to) };
}

function granteeOf(
  world: World,
  to: DeployedGrant['to'],
): Pick<WorldRoleAssignment, 'principalId' | 'principalType'> {
  switch (to.kind) {
    case 'app':
      return { principalId: world.app.objectId, principalType: 'ServicePrincipal' };
    case 'topic':
      return { principalId: topicPrincipal(to.topicId), principalType: 'ServicePrincipal' };
    case 'principal':
      return { principalId: to.objectId, principalType: 'User' };
  }
}
