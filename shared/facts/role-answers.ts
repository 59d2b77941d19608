import * as z from 'zod';
import { optionalFlag, optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, sameId } from '../azure/arm-id.ts';
import { malformed, type Outcome, unreadable } from '../azure/outcome.ts';
import type { Unknown } from '../azure/part.ts';
import type { DenyAssignment, RoleAssignment } from './permission.ts';
import type { RightsDenial, RoleRights } from './rights.ts';

/** Authorization REST, version 2022-04-01: the schemas of its answers, as far as they are needed. */
export const AUTHORIZATION_API = 'api-version=2022-04-01';

/** The schedules of Privileged Identity Management: Role Assignment and Role Eligibility Schedule Instances. */
export const SCHEDULES_API = 'api-version=2020-10-01';

/** The only version whose deny assignments tell their effect (Authorization REST: Deny Assignments - Get). */
const DENY_EFFECT_API = 'api-version=2024-07-01-preview';

/**
 * Every deny assignment in the vault's subscription and above it, raw ("List Azure deny assignments": without a
 * filter, a list shows those at, above and below its scope).
 */
export function askDenialsAround(arm: ArmSession, vaultId: string): Promise<Outcome<unknown[]>> {
  const { subscriptionId } = armIdParts(vaultId);
  return arm.list(
    `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/denyAssignments`,
    AUTHORIZATION_API,
  );
}

/** A deny assignment with its effect, which only its own GET tells. */
export async function withEffectOf<T extends Omit<DenyAssignment, 'permissions'>>(
  arm: ArmSession,
  denial: T,
): Promise<T> {
  if (denial.effect !== undefined) return denial;
  const outcome = await arm.get(denial.id, DENY_EFFECT_API);
  if (outcome.kind !== 'answered') return denial;
  const own = denyAssignmentSchema.safeParse(outcome.value).data;
  return own && sameId(own.id, denial.id) ? { ...denial, effect: own.effect } : denial;
}

/** `fault`: one of the rows could not be read. The others count, and prove nothing about that one. */
export type Rows<T> = { rows: T[]; at: string; fault?: Unknown } | { unreadable: Unknown };

export function rowsOf<T>(
  outcome: Outcome<unknown[]>,
  schema: z.ZodType<T>,
  what: string,
  right: string,
): Rows<T> {
  if (outcome.kind !== 'answered') return { unreadable: unreadable(outcome, right) };
  const rows: T[] = [];
  let fault: Unknown | undefined;
  for (const item of outcome.value) {
    const parsed = parseAs(schema, item);
    if ('value' in parsed) rows.push(parsed.value);
    else fault ??= malformed(what, parsed.fault, outcome.at);
  }
  return { rows, at: outcome.at, ...(fault ? { fault } : {}) };
}

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const permissions = z.array(
  z.object({ actions: texts, notActions: texts, dataActions: texts, notDataActions: texts }),
);
const principals = z
  .array(z.object({ id: z.string(), type: optionalText }))
  .nullish()
  .transform((list) => list ?? []);

export const roleAssignmentSchema = z
  .object({
    id: z.string(),
    properties: z.object({
      scope: z.string(),
      principalId: z.string(),
      principalType: optionalText,
      roleDefinitionId: z.string(),
      condition: optionalText,
    }),
  })
  .transform(({ id, properties }): RoleAssignment => ({ id, ...properties }));

export const roleDefinitionSchema = z
  .object({
    properties: z.object({
      roleName: optionalText,
      type: optionalText,
      permissions,
      assignableScopes: texts,
    }),
  })
  .transform(({ properties: { roleName, type, ...rest } }): RoleRights => {
    return { name: roleName, isCustom: type?.toLowerCase() === 'customrole', ...rest };
  });

export const denyAssignmentSchema = z
  .object({
    id: z.string(),
    name: optionalText,
    properties: z.object({
      denyAssignmentName: optionalText,
      scope: z.string(),
      permissions,
      doNotApplyToChildScopes: optionalFlag,
      denyAssignmentEffect: optionalText,
      condition: optionalText,
      principals,
      excludePrincipals: principals,
    }),
  })
  .transform(({ id, name, properties }): RightsDenial => {
    const { denyAssignmentName, denyAssignmentEffect, doNotApplyToChildScopes, ...rest } = properties;
    return {
      id,
      effect: denyAssignmentEffect,
      name: denyAssignmentName ?? name ?? id,
      doNotApplyToChildScopes: doNotApplyToChildScopes === true,
      ...rest,
    };
  });
