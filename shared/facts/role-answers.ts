import * as z from 'zod';
import { optionalFlag, optionalText } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts } from '../azure/arm-id.ts';
import type { Outcome } from '../azure/outcome.ts';
import type { DenyAssignment, RoleAssignment, RoleDefinition } from './permission.ts';

/** Authorization REST, version 2022-04-01: the schemas of its answers, as far as they are needed. */
export const AUTHORIZATION_API = 'api-version=2022-04-01';

/** The only version whose deny assignments tell their effect (Authorization REST: Deny Assignments - Get). */
export const DENY_EFFECT_API = 'api-version=2024-07-01-preview';

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

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const permissions = z.array(z.object({ dataActions: texts, notDataActions: texts }));
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
  .object({ properties: z.object({ roleName: optionalText, permissions }) })
  .transform(
    ({ properties }): RoleDefinition => ({ name: properties.roleName, permissions: properties.permissions }),
  );

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
  .transform(({ id, name, properties }): DenyAssignment => {
    const { denyAssignmentName, denyAssignmentEffect, doNotApplyToChildScopes, ...rest } = properties;
    return {
      id,
      effect: denyAssignmentEffect,
      name: denyAssignmentName ?? name ?? id,
      doNotApplyToChildScopes: doNotApplyToChildScopes === true,
      ...rest,
    };
  });
