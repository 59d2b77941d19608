import { sameId } from '../../../shared/azure/arm-id.ts';
import type { WorldRoleAssignment } from './world.ts';

/** Azure refuses the deployment: its code, and its own words. */
class DeploymentRefusedError extends Error {
  override readonly name = 'DeploymentRefusedError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/**
 * Puts one role assignment, as a deployment does: the same again changes nothing. Throws what Azure answers where the
 * name is another principal's, and where the same right has another name. Role assignments outlive their principal
 * ("Troubleshoot Azure RBAC", sections "Role assignments with identity not found" and "ARM template role assignment
 * returns BadRequest status"; the words: Azure/bicep#8774, OfficeDev/microsoft-teams-apps-company-communicator#569).
 */
export function putRoleAssignment(
  assignments: readonly WorldRoleAssignment[],
  wanted: WorldRoleAssignment,
): WorldRoleAssignment[] {
  const named = assignments.find(({ id, scope }) => id === wanted.id && sameId(scope, wanted.scope));
  if (named && named.principalId !== wanted.principalId)
    throw new DeploymentRefusedError(
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    );
  const isSame = (one: WorldRoleAssignment) =>
    one.principalId === wanted.principalId && one.roleId === wanted.roleId && sameId(one.scope, wanted.scope);
  if (!named && assignments.some(isSame))
    throw new DeploymentRefusedError('RoleAssignmentExists', 'The role assignment already exists.');
  return named
    ? assignments.map((one) => (one === named ? { ...named, roleId: wanted.roleId } : one))
    : [...assignments, wanted];
}
