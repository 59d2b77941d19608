import { ScenarioRefusedError } from '../scenarios/scenario.ts';
import type { World, WorldPerson } from '../world/world.ts';
import { dataActionOf, mayDo, type Needed } from './may-do.ts';
import { SCENARIO_RIGHTS, type ScenarioSubject } from './scenario-rights.ts';

/** Throws `ScenarioRefusedError` (403, with Azure's code and words) where the person may not do it. */
export function refusePerson(
  world: World,
  scenario: string,
  subject: ScenarioSubject,
  person: WorldPerson,
): void {
  const needs = SCENARIO_RIGHTS[scenario]?.(subject, world) ?? [];
  for (const anyOf of needs) {
    const [first] = anyOf;
    if (first === undefined || anyOf.some((one) => mayDo(world, person.objectId, one))) continue;
    throw refusal(world, first, person);
  }
}

/**
 * Resource Manager's words; Key Vault's under Azure RBAC (inner code ForbiddenByRbac) and under access policies
 * (ForbiddenByPolicy): "Azure Key Vault REST API error codes", HTTP 403.
 */
function refusal(
  { tenantId }: World,
  needed: Needed,
  { objectId, applicationId, upn, name }: WorldPerson,
): ScenarioRefusedError {
  const caller = `appid=${applicationId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/`;
  const refused = (code: string, message: string) =>
    new ScenarioRefusedError(403, message, { field: 'as', code });
  if (!('key' in needed))
    return refused(
      'AuthorizationFailed',
      `The client '${upn ?? name}' with object id '${objectId}' does not have authorization to perform action '${needed.action}' over scope '${needed.scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  const { key, vault, keyName } = needed;
  if (!vault.rbac)
    return refused(
      'ForbiddenByPolicy',
      `The user, group or application '${caller}' does not have keys ${key} permission on key vault '${vault.name};location=${vault.location}'.`,
    );
  return refused(
    'ForbiddenByRbac',
    `Caller is not authorized to perform action on resource. Caller: ${caller} Action: '${dataActionOf(key)}' Resource: '${vault.id}/keys/${keyName}' DecisionReason: 'DeniedWithNoValidRBAC'`,
  );
}
