import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, normalId } from '../azure/arm-id.ts';
import { unknown } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { Facts } from './facts.ts';
import { type ListedLocks, readLocks } from './locks.ts';
import { type RoleAssignment, reachesResource } from './permission.ts';
import type { PolicyRights, ResourceRights, RightsDenial, RoleRights } from './rights.ts';
import {
  AUTHORIZATION_API,
  askDenialsAround,
  denyAssignmentSchema,
  type Rows,
  roleAssignmentSchema,
  roleDefinitionSchema,
  rowsOf,
  SCHEDULES_API,
  withEffectOf,
} from './role-answers.ts';
import { roleGuid } from './role-guid.ts';
import { readVault } from './vault.ts';

/** What earlier readings showed, for a vault that is gone. */
export interface RightsHints {
  vaultId?: string;
  keyName?: string;
  rbac?: boolean;
}

/** Every list of one subscription: at, above and below it, without a filter. */
interface ListedRights {
  assignments: Rows<RoleAssignment>;
  eligible: Rows<RoleAssignment>;
  denials: Rows<RightsDenial>;
  locks: Part<ListedLocks>;
}

/**
 * Reads the rights of all principals around policies. One reader belongs to one read session: it reads and parses the
 * lists of each subscription once, and each role once, however many policies share them.
 */
export function rightsReader(arm: ArmSession) {
  const lists = new Map<string, Promise<ListedRights>>();
  const roles = new Map<string, Promise<RoleRights | undefined>>();

  const listsOf = (subscriptionId: string) => {
    const known = lists.get(subscriptionId) ?? readLists(arm, subscriptionId);
    lists.set(subscriptionId, known);
    return known;
  };

  const roleOf = (subscriptionId: string, guid: string) => {
    const key = `${subscriptionId}/${guid}`;
    const known = roles.get(key) ?? readRole(arm, subscriptionId, guid);
    roles.set(key, known);
    return known;
  };

  async function around(id: string): Promise<ResourceRights> {
    const subscriptionId = normalId(armIdParts(id).subscriptionId ?? '');
    const listed = await listsOf(subscriptionId);
    const reaching = <T extends { scope: string }>(rows: Rows<T>): Rows<T> =>
      'rows' in rows ? { ...rows, rows: rows.rows.filter(({ scope }) => reachesResource(scope, id)) } : rows;
    const assignments = reaching(listed.assignments);
    const eligible = reaching(listed.eligible);
    const denials = reaching(listed.denials);
    const guids = [...new Set([assignments, eligible].flatMap(roleIdsIn))];
    const [read, effects] = await Promise.all([
      Promise.all(guids.map(async (guid) => [guid, await roleOf(subscriptionId, guid)] as const)),
      'rows' in denials ? Promise.all(denials.rows.map((one) => withEffectOf(arm, one))) : [],
    ]);
    return {
      id,
      assignments,
      eligible,
      denials: 'rows' in denials ? { ...denials, rows: effects } : denials,
      roles: new Map(read.flatMap(([guid, role]) => (role ? [[guid, role] as const] : []))),
      unreadRoles: read.flatMap(([guid, role]) => (role ? [] : [guid])),
      locks: listed.locks,
    };
  }

  return async (facts: Facts, hints: RightsHints): Promise<PolicyRights> => {
    const policy = facts.policy.state === 'known' ? facts.policy.value : undefined;
    const vaultId = policy?.vaultId ?? hints.vaultId;
    const keyName = policy?.keyName ?? hints.keyName;
    const own = await around(facts.policyId);
    if (vaultId === undefined || keyName === undefined || policy?.managedHsm)
      return { facts, accessPolicies: [], policy: own };
    const keyId = `${vaultId}/keys/${keyName}`;
    const [vault, read] = await Promise.all([around(keyId), readVault(arm, vaultId)]);
    const rbac = read.part.state === 'known' ? read.part.value.rbac : hints.rbac;
    return {
      facts,
      ...(rbac === undefined ? {} : { rbac }),
      accessPolicies: read.accessPolicies,
      vault: { ...vault, id: vaultId, keyId },
      policy: own,
    };
  };
}

function roleIdsIn(rows: Rows<RoleAssignment>): string[] {
  return 'rows' in rows ? rows.rows.map(({ roleDefinitionId }) => roleGuid(roleDefinitionId)) : [];
}

async function readLists(arm: ArmSession, subscriptionId: string): Promise<ListedRights> {
  const scope = `/subscriptions/${subscriptionId}`;
  const provider = `${scope}/providers/Microsoft.Authorization`;
  const right = `Reader on the subscription ${subscriptionId}`;
  const [assignments, eligible, denials, locks] = await Promise.all([
    arm.list(`${provider}/roleAssignments`, AUTHORIZATION_API),
    arm.list(`${provider}/roleEligibilityScheduleInstances`, SCHEDULES_API),
    askDenialsAround(arm, scope),
    readLocks(arm, subscriptionId),
  ]);
  return {
    assignments: rowsOf(assignments, roleAssignmentSchema, 'A role assignment', right),
    eligible:
      eligible.kind === 'refused' && /^AadPremiumLicenseRequired$/i.test(eligible.code)
        ? { unreadable: unknown('notSupported', NO_LICENCE, eligible.at) }
        : rowsOf(
            eligible,
            // Its instances have the fields of a role assignment (Authorization REST, 2020-10-01).
            roleAssignmentSchema,
            'A role eligibility',
            `${right} (Microsoft.Authorization/roleEligibilityScheduleInstances/read)`,
          ),
    denials: rowsOf(denials, denyAssignmentSchema, 'A deny assignment', right),
    locks,
  };
}

const NO_LICENCE =
  'Azure shows eligible roles only to a tenant with a licence for Privileged Identity Management.';

async function readRole(
  arm: ArmSession,
  subscriptionId: string,
  guid: string,
): Promise<RoleRights | undefined> {
  const id = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
  const outcome = await arm.get(id, AUTHORIZATION_API);
  return outcome.kind === 'answered' ? roleDefinitionSchema.safeParse(outcome.value).data : undefined;
}
