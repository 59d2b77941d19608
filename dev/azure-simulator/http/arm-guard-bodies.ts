import { assignmentId } from '../scenarios/permissions.ts';
import type { Lock, World, WorldRoleAssignment } from '../world/world.ts';
import { conditionOf } from './arm-bodies.ts';

/** Management Locks REST: List At Subscription Level. */
export function lockBody({ name, scope, level, notes }: Lock): object {
  return {
    id: `${scope}/providers/Microsoft.Authorization/locks/${name}`,
    name,
    type: 'Microsoft.Authorization/locks',
    properties: { level, notes },
  };
}

/** Authorization REST: Role Assignment Schedule Instances - List For Scope. */
export function scheduleInstanceBody(world: World, assignment: WorldRoleAssignment): object {
  const { id, scope, principalId, principalType, createdAt, endsAt } = assignment;
  const provider = `${scope}/providers/Microsoft.Authorization`;
  return {
    id: `${provider}/roleAssignmentScheduleInstances/${id}`,
    name: id,
    type: 'Microsoft.Authorization/roleAssignmentScheduleInstances',
    properties: {
      scope,
      roleDefinitionId: `${world.managementGroupId}/providers/Microsoft.Authorization/roleDefinitions/${assignment.roleId}`,
      principalId,
      principalType,
      originRoleAssignmentId: assignmentId(assignment),
      status: 'Provisioned',
      startDateTime: new Date(createdAt).toISOString(),
      ...(endsAt === undefined ? {} : { endDateTime: new Date(endsAt).toISOString() }),
      ...conditionOf(assignment),
      assignmentType: 'Assigned',
      memberType: 'Direct',
      createdOn: new Date(createdAt).toISOString(),
    },
  };
}

/** Authorization REST: Role Eligibility Schedule Instances - List For Scope. */
export function eligibilityBody(world: World, assignment: WorldRoleAssignment): object {
  const { id, scope, principalId, principalType, createdAt } = assignment;
  const provider = `${scope}/providers/Microsoft.Authorization`;
  return {
    id: `${provider}/roleEligibilityScheduleInstances/${id}`,
    name: id,
    type: 'Microsoft.Authorization/roleEligibilityScheduleInstances',
    properties: {
      scope,
      roleDefinitionId: `${world.managementGroupId}/providers/Microsoft.Authorization/roleDefinitions/${assignment.roleId}`,
      principalId,
      principalType,
      roleEligibilityScheduleId: `${provider}/roleEligibilitySchedules/${id}`,
      status: 'Provisioned',
      startDateTime: new Date(createdAt).toISOString(),
      ...conditionOf(assignment),
      memberType: 'Direct',
      createdOn: new Date(createdAt).toISOString(),
    },
  };
}
