import * as z from 'zod';
import { optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, sameId } from '../azure/arm-id.ts';
import { gone, known, malformed, type Outcome, saysGone, unknown, unreadable } from '../azure/outcome.ts';
import type { Part, Unknown } from '../azure/part.ts';
import type { PolicyFact } from './facts.ts';

/** The only published version ("PowerPlatform-EnterprisePolicies" scripts; Azure REST API specifications). */
const API = 'api-version=2020-10-30-preview';

/**
 * One enterprise policy. Gone only where the list of its subscription lacks it as well: a single 404 may be
 * an error of the resource provider, and it would raise an alarm for every environment.
 */
export async function readPolicy(arm: ArmSession, policyId: string): Promise<Part<PolicyFact>> {
  const outcome = await arm.get(policyId, API);
  const right = `Reader on the enterprise policy ${armIdParts(policyId).name}, or above it`;
  if (saysGone(outcome)) return confirmGone(arm, policyId, gone(outcome));
  if (outcome.kind !== 'answered') return unreadable(outcome, right);
  const what = `GET ${policyId}`;
  const parsed = parseAs(policySchema, outcome.value);
  if ('fault' in parsed) return malformed(what, parsed.fault, outcome.at);
  if (!isEncryption(parsed.value))
    return malformed(
      what,
      `its kind is ${parsed.value.kind?.slice(0, 40) ?? 'absent'}, not Encryption`,
      outcome.at,
    );
  return known(factOf(parsed.value), outcome.at);
}

/** The enterprise policies of kind Encryption in one subscription, and the parts that could not be read. */
export async function listPolicies(
  arm: ArmSession,
  subscriptionId: string,
): Promise<{ policies: PolicyFact[]; unreadable: Unknown[] }> {
  const outcome = await listOf(arm, subscriptionId);
  // No resource of a provider can exist in a subscription that is not registered for that provider: it can't
  // be created there, and the registration can't be removed while it exists ("Azure resource providers and
  // types": register, unregister).
  if (outcome.kind === 'refused' && outcome.code.toLowerCase() === 'missingsubscriptionregistration')
    return { policies: [], unreadable: [] };
  if (outcome.kind !== 'answered')
    return { policies: [], unreadable: [unreadable(outcome, listRight(subscriptionId))] };
  const policies: PolicyFact[] = [];
  const faults: Unknown[] = [];
  for (const [index, item] of outcome.value.entries()) {
    const parsed = parseAs(policySchema, item);
    if ('fault' in parsed)
      faults.push(
        malformed(
          `Item ${index + 1} of the enterprise policies of ${subscriptionId}`,
          parsed.fault,
          outcome.at,
        ),
      );
    else if (isEncryption(parsed.value)) policies.push(factOf(parsed.value));
  }
  return { policies, unreadable: faults };
}

async function confirmGone(
  arm: ArmSession,
  policyId: string,
  byId: Part<PolicyFact>,
): Promise<Part<PolicyFact>> {
  const subscriptionId = armIdParts(policyId).subscriptionId ?? '';
  const outcome = await listOf(arm, subscriptionId);
  if (outcome.kind !== 'answered') return unreadable(outcome, listRight(subscriptionId));
  const listed = outcome.value.some((item) => {
    const row = z.object({ id: z.string() }).safeParse(item);
    return row.success && sameId(row.data.id, policyId);
  });
  const detail = byId.state === 'gone' ? byId.detail : '';
  if (listed)
    return unknown('invalidAnswer', `${detail} But the list of its subscription names it.`, outcome.at);
  return {
    state: 'gone',
    detail: `${detail} The list of its subscription doesn't name it either.`,
    readAt: outcome.at,
  };
}

/** The list of the policy's subscription, raw. */
export function askPoliciesBeside(arm: ArmSession, policyId: string): Promise<Outcome<unknown[]>> {
  return listOf(arm, armIdParts(policyId).subscriptionId ?? '');
}

function listOf(arm: ArmSession, subscriptionId: string) {
  return arm.list(
    `/subscriptions/${subscriptionId}/providers/Microsoft.PowerPlatform/enterprisePolicies`,
    API,
  );
}

function listRight(subscriptionId: string): string {
  return `Reader on the subscription ${subscriptionId}`;
}

const keySchema = z.object({ name: optionalText, version: optionalText });
const policySchema = z.object({
  id: z.string().min(1),
  name: optionalText,
  kind: optionalText,
  location: optionalText,
  identity: z
    .object({
      principalId: optionalText,
      systemAssignedIdentityPrincipalId: optionalText,
      tenantId: optionalText,
    })
    .nullish(),
  properties: z
    .object({
      systemId: optionalText,
      healthStatus: z.enum(['Undetermined', 'Healthy', 'Warning', 'Unhealthy']).optional().catch(undefined),
      encryption: z
        .object({
          state: optionalText,
          keyVault: z.object({ id: optionalText, key: keySchema.nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
type PolicyAnswer = z.infer<typeof policySchema>;

function isEncryption(policy: PolicyAnswer): boolean {
  return policy.kind?.toLowerCase() === 'encryption';
}

function factOf({ id, name, location, identity, properties }: PolicyAnswer): PolicyFact {
  const encryption = properties?.encryption;
  const vaultId = encryption?.keyVault?.id;
  const version = encryption?.keyVault?.key?.version;
  return {
    id,
    name: name ?? armIdParts(id).name,
    geo: location ?? '',
    tenantId: identity?.tenantId,
    // The published specification and ARM use different names for this field.
    principalId: identity?.principalId ?? identity?.systemAssignedIdentityPrincipalId,
    systemId: properties?.systemId,
    healthStatus: properties?.healthStatus,
    encryptionState: encryption?.state,
    vaultId,
    managedHsm: liesInHsm(vaultId),
    keyName: encryption?.keyVault?.key?.name,
    keyVersion: version?.toUpperCase() === 'N/A' ? undefined : version,
  };
}

/**
 * Whether an id is that of a Managed HSM, which is another resource type than a vault and needs its own
 * rights.
 */
export function liesInHsm(vaultId: string | undefined): boolean {
  return /\/managedHSMs\//i.test(vaultId ?? '');
}
