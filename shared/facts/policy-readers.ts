import * as z from 'zod';
import { optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts } from '../azure/arm-id.ts';
import { known, malformed, unreadable } from '../azure/outcome.ts';
import type { Part, Unknown } from '../azure/part.ts';
import { covers } from './data-actions.ts';
import { type RoleAssignment, reachesResource } from './permission.ts';
import type { PolicyReaderFact } from './policy-reader-fact.ts';
import { AUTHORIZATION_API, roleAssignmentSchema } from './role-answers.ts';
import { roleGuid } from './role-guid.ts';

/** "Manage your customer-managed encryption key": who re-enables an environment needs to read its policy. */
const READS_POLICIES = 'microsoft.powerplatform/enterprisepolicies/read';

/** Azure built-in roles, General: each of them reads every resource. */
const READING_ROLES: ReadonlyMap<string, string> = new Map([
  ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'Owner'],
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', 'Contributor'],
  ['acdd72a7-3385-48ef-bd42-f606fba81ae7', 'Reader'],
]);

/**
 * Every role assignment at, above and below a subscription: one list for all of its policies (Azure RBAC docs:
 * "List Azure role assignments using the REST API").
 */
export async function readAssignments(
  arm: ArmSession,
  subscriptionId: string,
): Promise<Part<RoleAssignment[]>> {
  const scope = `/subscriptions/${subscriptionId}`;
  const outcome = await arm.list(
    `${scope}/providers/Microsoft.Authorization/roleAssignments`,
    AUTHORIZATION_API,
  );
  if (outcome.kind !== 'answered')
    return unreadable(
      outcome,
      `Reader on the subscription ${subscriptionId} (Microsoft.Authorization/roleAssignments/read)`,
    );
  const assignments: RoleAssignment[] = [];
  for (const item of outcome.value) {
    const parsed = parseAs(roleAssignmentSchema, item);
    if ('fault' in parsed) return malformed('A role assignment', parsed.fault, outcome.at);
    assignments.push(parsed.value);
  }
  return known(assignments, outcome.at);
}

/**
 * The people who may read the policy, by a role assignment of a user or a group that reaches it. Only where no
 * well-known role shows one, are the other roles' definitions read. Lockwatch's own identity is a service
 * principal, and re-enables nothing.
 */
export async function readPolicyReaders(
  arm: ArmSession,
  policyId: string,
  assignments: Part<RoleAssignment[]>,
): Promise<Part<PolicyReaderFact[]>> {
  if (assignments.state !== 'known') return assignments;
  const { readAt } = assignments;
  const reaching = assignments.value.filter(
    ({ scope, principalType }) => reachesResource(scope, policyId) && !NOT_A_PERSON.test(principalType ?? ''),
  );
  const byKnownRole = reaching.filter((one) => READING_ROLES.has(roleIdOf(one)));
  if (byKnownRole.length > 0)
    return known(
      byKnownRole.map((one) => readerOf(one, READING_ROLES.get(roleIdOf(one)))),
      readAt,
    );
  const roles = await Promise.all(
    [...new Set(reaching.map(roleIdOf))].map(async (id) => [id, await readRole(arm, policyId, id)] as const),
  );
  const reading = new Map(roles.flatMap(([id, role]) => ('state' in role ? [] : [[id, role] as const])));
  const readers = reaching.flatMap((one) => {
    const role = reading.get(roleIdOf(one));
    return role?.reads ? [readerOf(one, role.name)] : [];
  });
  const fault = roles.map(([, role]) => role).find((role) => 'state' in role);
  return readers.length === 0 && fault ? fault : known(readers, readAt);
}

/** Without a type it may be a person. */
const NOT_A_PERSON = /^(?:ServicePrincipal|Device)$/i;

function readerOf(
  { id, principalId, principalType, scope }: RoleAssignment,
  roleName: string | undefined,
): PolicyReaderFact {
  return { assignmentId: id, principalId, principalType, scope, roleName };
}

function roleIdOf({ roleDefinitionId }: RoleAssignment): string {
  return roleGuid(roleDefinitionId);
}

async function readRole(
  arm: ArmSession,
  policyId: string,
  roleId: string,
): Promise<{ name?: string; reads: boolean } | Unknown> {
  const { subscriptionId } = armIdParts(policyId);
  const id = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
  const outcome = await arm.get(id, AUTHORIZATION_API);
  if (outcome.kind !== 'answered')
    return unreadable(
      outcome,
      "Reader on the policy's subscription (Microsoft.Authorization/roleDefinitions/read)",
    );
  const parsed = parseAs(roleSchema, outcome.value);
  if ('fault' in parsed) return malformed('A role definition', parsed.fault, outcome.at);
  const { roleName, permissions } = parsed.value.properties;
  const reads = permissions.some(
    ({ actions, notActions }) =>
      actions.some((action) => covers(action, READS_POLICIES)) &&
      !notActions.some((action) => covers(action, READS_POLICIES)),
  );
  return { name: roleName, reads };
}

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const roleSchema = z.object({
  properties: z.object({
    roleName: optionalText,
    permissions: z.array(z.object({ actions: texts, notActions: texts })),
  }),
});
