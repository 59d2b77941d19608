import type { Vault, World, WorldDenyAssignment, WorldRoleAssignment } from '../world/world.ts';

// The simulator decides by itself what a person may do, as Azure does: nothing of the product is used here, so that
// the product's own list can be compared with it.

/** One action at a scope; `assigns`: the role of the assignment that is made or removed. */
export interface NeededAction {
  action: string;
  scope: string;
  assigns?: string;
  /** An assignment under a condition is not enough ("Provide access to Key Vault with Azure RBAC"). */
  isUnrestricted?: boolean;
}
/** One operation on a key in the vault itself. */
export interface NeededKeyOperation {
  key: KeyVerb;
  vault: Vault;
  keyName: string;
}
export type Needed = NeededAction | NeededKeyOperation;

/** "Azure permissions for Security": data actions of Microsoft.KeyVault. An access policy names them without `/action`. */
const DATA_ACTIONS = {
  create: 'keys/create/action',
  delete: 'keys/delete',
  purge: 'keys/purge/action',
  recover: 'keys/recover/action',
  rotate: 'keys/rotate/action',
  update: 'keys/update/action',
} as const;
export type KeyVerb = keyof typeof DATA_ACTIONS;

export function dataActionOf(verb: KeyVerb): string {
  return `Microsoft.KeyVault/vaults/${DATA_ACTIONS[verb]}`;
}

/** Whether the principal may do it now, by its own rights and those of its groups. */
export function mayDo(world: World, principalId: string, needed: Needed): boolean {
  const ids = idsOf(world, principalId);
  if (!('key' in needed)) return mayByRole(world, ids, 'actions', needed);
  const { key, vault, keyName } = needed;
  if (vault.rbac) {
    const scope = `${vault.id}/keys/${keyName}`;
    return mayByRole(world, ids, 'dataActions', { action: dataActionOf(key), scope });
  }
  return vault.accessPolicies.some(
    ({ objectId, keys }) =>
      ids.includes(objectId.toLowerCase()) && keys.some((held) => [key, 'all'].includes(held.toLowerCase())),
  );
}

function mayByRole(
  world: World,
  ids: readonly string[],
  plane: 'actions' | 'dataActions',
  needed: NeededAction,
): boolean {
  const { action, scope } = needed;
  const but = plane === 'actions' ? 'notActions' : 'notDataActions';
  const isGranted = world.roleAssignments.some((assignment) => {
    if (!ids.includes(assignment.principalId.toLowerCase())) return false;
    if (!isAtOrAbove(world, assignment.scope, scope) || !meetsCondition(assignment, needed)) return false;
    const role = world.roleDefinitions.find(({ id }) => id === assignment.roleId);
    return role !== undefined && matches(role[plane], action) && !matches(role[but], action);
  });
  return isGranted && !world.denyAssignments.some((denial) => denies(world, denial, ids, plane, needed));
}

/** The assignments by which the principal has a data action there, its groups' included. */
export function assignmentsGiving(
  world: World,
  principalId: string,
  dataAction: string,
  target: string,
): WorldRoleAssignment[] {
  const ids = idsOf(world, principalId);
  return world.roleAssignments.filter(({ principalId: held, scope, roleId }) => {
    const role = world.roleDefinitions.find(({ id }) => id === roleId);
    const isGiven =
      role && matches(role.dataActions, dataAction) && !matches(role.notDataActions, dataAction);
    return isGiven === true && ids.includes(held.toLowerCase()) && isAtOrAbove(world, scope, target);
  });
}

/** "Examples to delegate Azure role assignment management with conditions": only these roles may be given or taken. */
function meetsCondition(
  { condition }: WorldRoleAssignment,
  { assigns, action, isUnrestricted }: NeededAction,
) {
  if (condition === undefined) return true;
  if (isUnrestricted) return false;
  if (!/^Microsoft\.Authorization\/roleAssignments\//i.test(action)) return true;
  return assigns !== undefined && condition.roleIds.includes(assigns);
}

const EVERYONE = '00000000-0000-0000-0000-000000000000';

function denies(
  world: World,
  denial: WorldDenyAssignment,
  ids: readonly string[],
  plane: 'actions' | 'dataActions',
  { action, scope }: NeededAction,
): boolean {
  const { principalId, excluded = [] } = denial;
  if (excluded.some((one) => ids.includes(one.toLowerCase()))) return false;
  if (principalId !== EVERYONE && !ids.includes(principalId.toLowerCase())) return false;
  return isAtOrAbove(world, denial.scope, scope) && matches(denial[plane] ?? [], action);
}

/** The principal itself and its groups. */
function idsOf({ groups }: World, principalId: string): string[] {
  const own = principalId.toLowerCase();
  const isMember = (members: readonly string[]) => members.some((member) => member.toLowerCase() === own);
  return [own, ...groups.filter(({ members }) => isMember(members)).map(({ id }) => id.toLowerCase())];
}

function isAtOrAbove({ managementGroupId }: World, scope: string, target: string): boolean {
  const above = scope.toLowerCase().replace(/\/+$/, '');
  const below = target.toLowerCase().replace(/\/+$/, '');
  if (above === '' || above === below) return true;
  if (above === managementGroupId.toLowerCase()) return below.startsWith('/subscriptions/');
  return below.startsWith(`${above}/`);
}

function matches(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
  });
}
