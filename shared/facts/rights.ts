import type { Part } from '../azure/part.ts';
import type { DataPermission } from './data-actions.ts';
import type { Facts } from './facts.ts';
import type { ListedLocks } from './locks.ts';
import type { DenyAssignment, RoleAssignment, RoleDefinition } from './permission.ts';
import type { Rows } from './role-answers.ts';
import type { AccessPolicyEntry } from './vault.ts';

/** One permission set of a role or a deny assignment, in both planes. */
export interface RolePermission extends DataPermission {
  actions: readonly string[];
  notActions: readonly string[];
}
export interface RoleRights extends RoleDefinition {
  isCustom: boolean;
  permissions: RolePermission[];
  assignableScopes: string[];
}
export interface RightsDenial extends DenyAssignment {
  permissions: RolePermission[];
}

/** What reaches one resource, of all principals. */
export interface ResourceRights {
  id: string;
  assignments: Rows<RoleAssignment>;
  /** Those that become an assignment once their principal activates them (Privileged Identity Management). */
  eligible: Rows<RoleAssignment>;
  denials: Rows<RightsDenial>;
  /** By GUID in lower case. One that is missing could not be read. */
  roles: ReadonlyMap<string, RoleRights>;
  /** Roles that could not be read, with the reason. */
  unreadRoles: readonly string[];
  locks: Part<ListedLocks>;
}

/**
 * What permissions are computed from, around one policy: read when somebody asks, and stored nowhere. It names
 * principals.
 */
export interface PolicyRights {
  facts: Facts;
  /** How many environments are linked to the policy, as far as that is known. */
  linkedEnvironments?: number;
  /** As the vault says, or as it last said. Absent: nobody knows which permission model counts. */
  rbac?: boolean;
  accessPolicies: readonly AccessPolicyEntry[];
  /** Absent where it is not known which vault and key the policy uses. */
  vault?: ResourceRights & { keyId: string };
  policy: ResourceRights;
}
