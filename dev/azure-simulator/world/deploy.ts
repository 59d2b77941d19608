import { sameId } from '../../../shared/azure/arm-id.ts';
import type { DeployedGrant, Deployment } from '../../expected-deployment/deployment.ts';
import { PRINCIPAL } from '../../expected-deployment/role-assignment.ts';
import { guidOf } from './ids.ts';
import { putRoleAssignment } from './role-assignments.ts';
import { GRANTED_ROLES } from './roles.ts';
import type { World, WorldRoleAssignment, WorldRoleDefinition } from './world.ts';

/**
 * Deploys into a world, for the first time or again: its roles, event subscriptions and diagnostic settings become those
 * of the deployment, and its grants are added. What Azure keeps (assignments of an identity that is gone) stays. The
 * given world is not changed. Throws `DeploymentRefusedError` where Azure would refuse.
 */
export function deployInto(world: World, deployment: Deployment, now: number): World {
  const next = structuredClone(world);
  next.deployed = structuredClone(deployment);
  const own = deployment.roles.map(({ scope, ...role }): WorldRoleDefinition => ({ ...role, custom: true }));
  const isOwn = ({ id }: WorldRoleDefinition) => own.some((role) => role.id === id);
  const others = next.roleDefinitions.filter((role) => !isOwn(role));
  const missing = structuredClone([...GRANTED_ROLES]).filter(({ id }) =>
    others.every((known) => known.id !== id),
  );
  next.roleDefinitions = [...others, ...missing, ...own];
  for (const { id, roleId } of deployment.grants)
    if (!next.roleDefinitions.some((role) => role.id === roleId))
      throw new Error(`The deployment grants ${id} by a role that this tenant does not know: ${roleId}.`);
  for (const grant of deployment.grants)
    next.roleAssignments = putRoleAssignment(next.roleAssignments, assignmentOf(next, grant, now));
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

/** The object id of a topic's system-assigned identity: another one each time that the topic is made. */
export function topicPrincipal({ topicsDeleted }: Pick<World, 'topicsDeleted'>, topicId: string): string {
  const times = topicsDeleted.filter((id) => sameId(id, topicId)).length;
  return guidOf(times === 0 ? `identity ${topicId}` : `identity ${times} ${topicId}`);
}

function assignmentOf(
  world: World,
  { id, scope, to, roleId }: DeployedGrant,
  now: number,
): WorldRoleAssignment {
  const grantee = granteeOf(world, to);
  const name = id.includes(PRINCIPAL) ? guidOf(id.replaceAll(PRINCIPAL, grantee.principalId)) : id;
  return { id: name, scope, roleId, createdAt: now, ...grantee };
}

function granteeOf(
  world: World,
  to: DeployedGrant['to'],
): Pick<WorldRoleAssignment, 'principalId' | 'principalType'> {
  switch (to.kind) {
    case 'app':
      return { principalId: world.app.objectId, principalType: 'ServicePrincipal' };
    case 'topic':
      return { principalId: topicPrincipal(world, to.topicId), principalType: 'ServicePrincipal' };
    case 'principal':
      return { principalId: to.objectId, principalType: 'User' };
  }
}
