import * as z from 'zod';
import { optionalText, parseAs } from '../../shared/azure/answer-schema.ts';
import { armIdParts, normalId } from '../../shared/azure/arm-id.ts';
import type { Failed, Refused } from '../../shared/azure/outcome.ts';
import { covers } from '../../shared/facts/data-actions.ts';
import { AUTHORIZATION_API, roleAssignmentSchema } from '../../shared/facts/role-answers.ts';
import type { AzureReader } from './azure-reader.ts';

/** One assignment with the permissions of its role. */
export interface Held {
  scope: string;
  principalId: string;
  principalType: string;
  role: string;
  may(kind: 'actions' | 'dataActions', action: string): boolean;
}

/**
 * The assignments at, above and below a scope; `principalId`: to this principal only, its groups included.
 */
export async function rolesAt(
  azure: AzureReader,
  scope: string,
  principalId?: string,
): Promise<{ held: Held[] } | { failed: Refused | Failed }> {
  const filter = principalId ? `&$filter=${encodeURIComponent(`assignedTo('${principalId}')`)}` : '';
  const listed = await azure.arm.list(
    `${scope}/providers/Microsoft.Authorization/roleAssignments`,
    `${AUTHORIZATION_API}${filter}`,
  );
  if (listed.kind !== 'answered') return { failed: listed };
  const assignments: z.infer<typeof roleAssignmentSchema>[] = [];
  for (const item of listed.value) {
    const parsed = parseAs(roleAssignmentSchema, item);
    // An unreadable role may be the one that grants it: without it, no right may be reported as missing.
    if ('fault' in parsed) return { failed: unexpected('A role assignment', parsed.fault, listed.at) };
    assignments.push(parsed.value);
  }
  const roles = new Map<string, Role>();
  for (const id of new Set(assignments.map(({ roleDefinitionId }) => normalId(roleDefinitionId)))) {
    const role = await readRole(azure, scope, id);
    if ('kind' in role) return { failed: role };
    roles.set(id, role);
  }
  return {
    held: assignments.map(({ scope: at, principalId: holder, principalType, roleDefinitionId }) => {
      const role = roles.get(normalId(roleDefinitionId));
      return {
        scope: at,
        principalId: holder.toLowerCase(),
        principalType: principalType ?? 'Unknown',
        role: role?.properties.roleName ?? roleDefinitionId,
        may: (kind, action) => (role?.properties.permissions ?? []).some((one) => allows(one, kind, action)),
      };
    }),
  };
}

async function readRole(
  azure: AzureReader,
  scope: string,
  roleDefinitionId: string,
): Promise<Role | Refused | Failed> {
  const { subscriptionId } = armIdParts(scope);
  const name = armIdParts(roleDefinitionId).name;
  const id = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  const outcome = await azure.arm.get(id, AUTHORIZATION_API);
  if (outcome.kind !== 'answered') return outcome;
  const parsed = parseAs(roleSchema, outcome.value);
  if (!('fault' in parsed)) return parsed.value;
  return unexpected('A role definition', parsed.fault, outcome.at);
}

function unexpected(what: string, fault: string, at: string): Failed {
  const because = `answered in another form than documented: ${fault}`;
  return { kind: 'failed', what, reason: 'invalidAnswer', because, at };
}

type Role = z.infer<typeof roleSchema>;
type Permission = Role['properties']['permissions'][number];

/**
 * An action excluded by one permission may still be granted by another of the same role ("Understand Azure
 * role definitions").
 */
function allows(permission: Permission, kind: 'actions' | 'dataActions', action: string): boolean {
  const not = kind === 'actions' ? permission.notActions : permission.notDataActions;
  const wanted = action.toLowerCase();
  return (
    permission[kind].some((pattern) => covers(pattern, wanted)) &&
    !not.some((pattern) => covers(pattern, wanted))
  );
}

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const roleSchema = z.object({
  properties: z.object({
    roleName: optionalText,
    permissions: z.array(
      z.object({ actions: texts, notActions: texts, dataActions: texts, notDataActions: texts }),
    ),
  }),
});
