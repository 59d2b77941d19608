import { normalId, sameId } from '../../azure/arm-id.ts';
import { covers } from '../../facts/data-actions.ts';
import {
  type DenialVerdict,
  denialFor,
  type RoleAssignment,
  reachesResource,
} from '../../facts/permission.ts';
import type { PolicyRights, ResourceRights, RightsDenial, RolePermission } from '../../facts/rights.ts';
import { roleGuid } from '../../facts/role-guid.ts';
import { type ControlRight, KEY_OPERATIONS, type KeyRight, type Right } from './right.ts';

/** `afterActivation`: an eligible role, which its principal activates. `inTwoSteps`: they can give it to themselves. */
export type HowHeld = 'now' | 'afterActivation' | 'inTwoSteps';
export const HOW_HELD: readonly HowHeld[] = ['now', 'afterActivation', 'inTwoSteps'];

/** What gives a right: one assignment, or one entry of the vault's access policies. */
export interface RightSource {
  by: 'roleAssignment' | 'eligibleRole' | 'accessPolicy';
  /** The ARM id, or the entry's object id. */
  id: string;
  scope: string;
  roleName?: string;
  /** Shown and not judged: only Azure evaluates it. */
  condition?: string;
  /** An access policy that counts only where this application acts for the principal. */
  application?: string;
}

export interface Holder {
  principalId: string;
  /** Absent: an access policy does not say whether it is a person, an application or a group. */
  principalType?: string;
  how: HowHeld;
  through: RightSource[];
  /** Deny assignments that may apply: through a group, or under a condition. */
  perhapsDenied: string[];
}
export type Holders = ReadonlyMap<string, Holder>;

/** Who holds one right, without giving it to themselves first. By object id in lower case. */
export function holdersOf(rights: PolicyRights, right: Right): Holders {
  if (right.plane === 'control') return byRoles(rights[right.of], right.anyOf, 'control', right);
  if (rights.vault === undefined) return new Map();
  if (rights.rbac === false) return byAccessPolicies(rights, right);
  const actions = right.anyOf.map((name) => KEY_OPERATIONS[name]);
  return byRoles(rights.vault, actions, 'key', { scope: rights.vault.keyId });
}

function byRoles(
  resource: ResourceRights | undefined,
  anyOf: readonly string[],
  plane: Right['plane'],
  { scope, isUnrestricted }: Pick<ControlRight, 'scope' | 'isUnrestricted'>,
): Holders {
  const holders = new Map<string, Holder>();
  if (resource === undefined) return holders;
  const add = (rows: ResourceRights['assignments'], by: 'roleAssignment' | 'eligibleRole') => {
    for (const assignment of 'rows' in rows ? rows.rows : []) {
      const role = resource.roles.get(roleGuid(assignment.roleDefinitionId));
      if (role === undefined || !reachesResource(assignment.scope, scope)) continue;
      if (isUnrestricted && assignment.condition !== undefined) continue;
      const granted = anyOf.filter((action) => includesAction(role.permissions, plane, action));
      const denials = granted.map((action) =>
        denialsOf(resource, { principal: assignment, plane, action, scope }),
      );
      const open = denials.filter(({ isDenied }) => !isDenied);
      if (open.length === 0) continue;
      const source = { by, id: assignment.id, scope: assignment.scope };
      const perhaps = open.some(({ perhaps }) => perhaps.length === 0)
        ? []
        : open.flatMap((one) => one.perhaps);
      keep(holders, assignment, { ...source, ...about(assignment, role.name) }, perhaps);
    }
  };
  add(resource.assignments, 'roleAssignment');
  add(resource.eligible, 'eligibleRole');
  return holders;
}

function about({ condition }: RoleAssignment, roleName: string | undefined): Partial<RightSource> {
  return {
    ...(roleName === undefined ? {} : { roleName }),
    ...(condition === undefined ? {} : { condition }),
  };
}

/**
 * An entry for another tenant than the vault's grants nothing, and one with an application id applies to that
 * application on the principal's behalf alone (Vaults REST: AccessPolicyEntry). Deny assignments are of Azure RBAC,
 * which such a vault does not ask.
 */
function byAccessPolicies({ accessPolicies, facts, vault }: PolicyRights, { anyOf }: KeyRight): Holders {
  const holders = new Map<string, Holder>();
  const tenant = facts.vault.state === 'known' ? facts.vault.value.tenantId : undefined;
  for (const { objectId, applicationId, tenantId, keys } of accessPolicies) {
    const isOther = tenantId !== undefined && tenant !== undefined && normalId(tenantId) !== normalId(tenant);
    if (isOther || !(keys.includes('all') || anyOf.some((name) => keys.includes(name)))) continue;
    const source: RightSource = {
      by: 'accessPolicy',
      id: objectId,
      scope: vault?.id ?? '',
      ...(applicationId === undefined ? {} : { application: applicationId }),
    };
    keep(holders, { principalId: objectId }, source, []);
  }
  return holders;
}

function keep(
  holders: Map<string, Holder>,
  { principalId, principalType }: Pick<RoleAssignment, 'principalId' | 'principalType'>,
  source: RightSource,
  perhapsDenied: readonly string[],
): void {
  const how: HowHeld = source.by === 'eligibleRole' ? 'afterActivation' : 'now';
  const id = principalId.toLowerCase();
  const before = holders.get(id);
  const type = before?.principalType ?? principalType;
  const isFreer = before === undefined || HOW_HELD.indexOf(how) < HOW_HELD.indexOf(before.how);
  holders.set(id, {
    principalId: id,
    ...(type === undefined ? {} : { principalType: type }),
    how: isFreer ? how : before.how,
    through: [...(before?.through ?? []), source],
    perhapsDenied: [...new Set([...(before?.perhapsDenied ?? []), ...perhapsDenied])],
  });
}

/** An action that one permission set excludes may still be in another ("Understand Azure role definitions"). */
function includesAction(
  permissions: readonly RolePermission[],
  plane: Right['plane'],
  action: string,
): boolean {
  const wanted = action.toLowerCase();
  return permissions.some(({ actions, notActions, dataActions, notDataActions }) => {
    const [some, but] = plane === 'control' ? [actions, notActions] : [dataActions, notDataActions];
    return some.some((one) => covers(one, wanted)) && !but.some((one) => covers(one, wanted));
  });
}

interface Asked {
  principal: Pick<RoleAssignment, 'principalId' | 'principalType'>;
  plane: Right['plane'];
  action: string;
  scope: string;
}

/** Whether a deny assignment certainly takes the action away, and which may. */
export function denialsOf(
  { denials }: ResourceRights,
  asked: Asked,
): { isDenied: boolean; perhaps: string[] } {
  const reaching = ('rows' in denials ? denials.rows : []).filter((denial) => isAbout(denial, asked));
  const verdicts = reaching.map((denial) => ({
    name: denial.name,
    verdict: verdictOn(denial, asked.principal),
  }));
  return {
    isDenied: verdicts.some(({ verdict }) => verdict === 'applies'),
    perhaps: verdicts.flatMap(({ name, verdict }) =>
      verdict === 'no' || verdict === 'applies' ? [] : [name],
    ),
  };
}

/** A group that is denied may have members whom the denial exempts. */
function verdictOn(denial: RightsDenial, { principalId, principalType }: Asked['principal']): DenialVerdict {
  const verdict = denialFor(denial, principalId);
  const isGroup = principalType?.toLowerCase() === 'group';
  return verdict === 'applies' && isGroup && denial.excludePrincipals.length > 0
    ? 'perhapsExcluded'
    : verdict;
}

function isAbout({ scope, doNotApplyToChildScopes, permissions }: RightsDenial, asked: Asked): boolean {
  const reaches = doNotApplyToChildScopes ? sameId(scope, asked.scope) : reachesResource(scope, asked.scope);
  return reaches && includesAction(permissions, asked.plane, asked.action);
}
