import * as z from 'zod';
import { optionalInstant, optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { known, malformed, unknown, unreadable } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { TimeBoundFact } from './facts.ts';
import { SCHEDULES_API } from './role-answers.ts';

/**
 * The role assignments at, above and below a subscription that end by themselves (Authorization REST: Role
 * Assignment Schedule Instances - List For Scope). Azure refuses the request in a tenant without the licence
 * for Privileged Identity Management.
 */
export async function readTimeBound(arm: ArmSession, subscriptionId: string): Promise<Part<TimeBoundFact[]>> {
  const scope = `/subscriptions/${subscriptionId}`;
  const outcome = await arm.list(
    `${scope}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances`,
    SCHEDULES_API,
  );
  if (outcome.kind === 'refused' && /^AadPremiumLicenseRequired$/i.test(outcome.code))
    return unknown(
      'notSupported',
      'Azure shows which role assignments end by themselves only to a tenant with a licence for Privileged Identity Management.',
      outcome.at,
    );
  if (outcome.kind !== 'answered')
    return unreadable(
      outcome,
      `Reader on the subscription ${subscriptionId} (Microsoft.Authorization/roleAssignmentScheduleInstances/read)`,
    );
  const ending: TimeBoundFact[] = [];
  for (const item of outcome.value) {
    const parsed = parseAs(instanceSchema, item);
    if ('fault' in parsed) return malformed('A role assignment schedule', parsed.fault, outcome.at);
    const { originRoleAssignmentId, endDateTime } = parsed.value.properties;
    if (originRoleAssignmentId !== undefined && endDateTime !== undefined)
      ending.push({ assignmentId: originRoleAssignmentId, endsAt: endDateTime });
  }
  return known(ending, outcome.at);
}

const instanceSchema = z.object({
  properties: z.object({ originRoleAssignmentId: optionalText, endDateTime: optionalInstant }),
});
