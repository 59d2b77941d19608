import { isUnder, normalId, sameId } from '../azure/arm-id.ts';
import { type DataPermission, keyActionsOf } from './data-actions.ts';
import { type Denial, type Grant, KEY_ACTIONS, type KeyAction, type PermissionFact } from './facts.ts';
import type { AccessPolicyEntry } from './vault.ts';

export interface RoleAssignment {
  id: string;
  scope: string;
  principalId: string;
  principalType?: string;
  roleDefinitionId: string;
  condition?: string;
}
export interface RoleDefinition {
  name?: string;
  permissions: DataPermission[];
}
export interface KeyPrincipal {
  id: string;
  type?: string;
}
export interface DenyAssignment {
  id: string;
  name: string;
  scope: string;
  permissions: DataPermission[];
  doNotApplyToChildScopes: boolean;
  /** Told only by a newer version of the API: 'enforced' or 'audit'. */
  effect?: string;
  condition?: string;
  principals: KeyPrincipal[];
  excludePrincipals: KeyPrincipal[];
}

/** The identity, and the key that it uses. */
export interface KeyUse {
  principalId: string;
  /** The identity's own, where the policy tells it. */
  tenantId?: string;
  vaultId: string;
  keyName: string;
}

/**
 * The key actions of the identity where the vault uses access policies. Only entries for the identity itself
 * count as grants; an entry for another object id may be a group's, which Azure doesn't report here.
 */
export function byAccessPolicies(
  use: KeyUse,
  entries: readonly AccessPolicyEntry[],
  vaultTenant?: string,
): PermissionFact {
  // An entry with an application id applies to that application acting for the object, never to the object
  // alone.
  // One of another tenant than the vault's or the identity's grants nothing (Vaults REST: AccessPolicyEntry).
  const isOther = (tenant: string | undefined, than: string | undefined) =>
    tenant !== undefined && than !== undefined && !sameText(tenant, than);
  const grants = entries
    .filter(({ applicationId, tenantId }) => {
      if (applicationId !== undefined) return false;
      return !isOther(tenantId, vaultTenant) && !isOther(tenantId, use.tenantId);
    })
    .map((entry): Grant => {
      const { objectId } = entry;
      const actions = keyActionsOfEntry(entry.keys);
      return {
        by: 'accessPolicy',
        id: objectId,
        scope: use.vaultId,
        principalId: objectId,
        actions,
        viaGroup: false,
      };
    });
  const own = grants.filter(
    (grant) => grant.actions.length > 0 && sameText(grant.principalId, use.principalId),
  );
  const fact = concludePermission('accessPolicies', use, own, []);
  const perhapsGroups =
    fact.missing.length === 0
      ? []
      : grants.filter(
          (grant) =>
            !sameText(grant.principalId, use.principalId) &&
            fact.missing.some((action) => grant.actions.includes(action)),
        );
  return { ...fact, perhapsGroups };
}

/**
 * The key actions of the identity where the vault uses role assignments. `assignments`: those that reach the
 * identity, through groups included; `roles`: by `normalId` of the definition. A condition is kept, not
 * evaluated.
 */
export function byRoles(
  use: KeyUse,
  assignments: readonly RoleAssignment[],
  roles: ReadonlyMap<string, RoleDefinition>,
  denials: readonly Denial[],
): PermissionFact {
  const grants = assignments
    .filter((assignment) => reachesKey(assignment.scope, use))
    .map((assignment): Grant => {
      const { id, scope, principalId, principalType, roleDefinitionId, condition } = assignment;
      const role = roles.get(normalId(roleDefinitionId));
      return {
        by: 'roleAssignment',
        id,
        scope,
        principalId,
        principalType,
        roleName: role?.name,
        roleDefinitionId,
        actions: keyActionsOf(role?.permissions ?? []),
        viaGroup: principalType?.toLowerCase() === 'group' || !sameText(principalId, use.principalId),
        condition,
      };
    });
  return concludePermission('rbac', use, grants, denials);
}

/** At or above the vault, or at this key: a scope at another key or a secret grants nothing here. */
export function reachesKey(
  scope: string,
  { vaultId, keyName }: Pick<KeyUse, 'vaultId' | 'keyName'>,
): boolean {
  return reachesResource(scope, `${vaultId}/keys/${keyName}`);
}

/**
 * Whether what is given at a scope reaches a resource. The scope comes from a list in the resource's own subscription,
 * which includes no management groups other than those above it.
 */
export function reachesResource(scope: string, id: string): boolean {
  const isManagementGroup = /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(
    normalId(scope),
  );
  return isManagementGroup || isUnder(id, scope);
}

export type DenialVerdict = 'applies' | 'no' | 'throughGroup' | 'perhapsExcluded' | 'conditional';

/**
 * Whether a deny assignment applies to the identity's use of the key. `throughGroup`: only if the identity is
 * in one of its groups; `perhapsExcluded`: unless it is in a group that is exempt; `conditional`: only Azure
 * can evaluate its condition (Azure RBAC docs: "Understand Azure deny assignments"). One that audits denies
 * nothing; an effect that nobody has published is not evaluated either.
 */
export function denialVerdict(denial: DenyAssignment, use: KeyUse): DenialVerdict {
  if (keyActionsOf(denial.permissions).length === 0 || !reachesKey(denial.scope, use)) return 'no';
  if (denial.doNotApplyToChildScopes && !sameId(denial.scope, `${use.vaultId}/keys/${use.keyName}`))
    return 'no';
  return denialFor(denial, use.principalId);
}

/** Whether it denies this principal what it denies, wherever it does. */
export function denialFor(denial: Omit<DenyAssignment, 'permissions'>, principalId: string): DenialVerdict {
  if (names(denial.excludePrincipals, principalId)) return 'no';
  const effect = denial.effect?.toLowerCase();
  if (effect === 'audit') return 'no';
  const named = names(denial.principals, principalId) || names(denial.principals, EVERYONE);
  if (!named && !denial.principals.some(isGroup)) return 'no';
  if (denial.condition !== undefined || (effect !== undefined && effect !== 'enforced')) return 'conditional';
  if (!named) return 'throughGroup';
  return denial.excludePrincipals.some(isGroup) ? 'perhapsExcluded' : 'applies';
}

export function denialOf({ id, name, scope, permissions }: DenyAssignment): Denial {
  return { id, name, scope, actions: keyActionsOf(permissions) };
}

/** Key Vault REST, "KeyPermissions". Entries compare in lower case. */
const KEY_PERMISSION: Readonly<Record<KeyAction, string>> = {
  read: 'get',
  wrap: 'wrapkey',
  unwrap: 'unwrapkey',
};

/** The system-defined principal that represents everyone ("Understand Azure deny assignments"). */
export const EVERYONE = '00000000-0000-0000-0000-000000000000';

/** The key actions of an access policy, by its key permissions in lower case. */
export function keyActionsOfEntry(keys: readonly string[]): KeyAction[] {
  return KEY_ACTIONS.filter((action) => keys.includes(KEY_PERMISSION[action]) || keys.includes('all'));
}

/** What these grants leave of the key actions once the denials are taken off. */
export function concludePermission(
  model: PermissionFact['model'],
  use: Pick<KeyUse, 'principalId'>,
  all: readonly Grant[],
  denials: readonly Denial[],
): PermissionFact {
  const grants = all.filter(({ actions }) => actions.length > 0);
  const withoutActions = all.filter(({ actions }) => actions.length === 0);
  const granted = new Set(grants.flatMap(({ actions }) => actions));
  const denied = new Set(denials.flatMap(({ actions }) => actions));
  const allowed = KEY_ACTIONS.filter((action) => granted.has(action) && !denied.has(action));
  const missing = KEY_ACTIONS.filter((action) => !allowed.includes(action));
  return {
    model,
    principalId: use.principalId,
    grants,
    ...(withoutActions.length === 0 ? {} : { withoutActions }),
    denials: [...denials],
    allowed,
    missing,
    perhapsGroups: [],
  };
}

function names(principals: readonly KeyPrincipal[], id: string): boolean {
  return principals.some((principal) => sameText(principal.id, id));
}

function isGroup(principal: KeyPrincipal): boolean {
  return principal.type?.toLowerCase() === 'group';
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
