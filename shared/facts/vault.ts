import * as z from 'zod';
import { optionalFlag, optionalInstant, optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, sameId } from '../azure/arm-id.ts';
import { gone, known, malformed, saysGone, unreadable } from '../azure/outcome.ts';
import type { Part, Unknown } from '../azure/part.ts';
import type { DeletedVaultFact, NetworkFact, VaultFact } from './facts.ts';

/** One entry of a vault's access policies, with the key permissions in lower case. */
export interface AccessPolicyEntry {
  objectId: string;
  /** A compound identity: the entry applies only to this application acting on the object's behalf. */
  applicationId?: string;
  tenantId?: string;
  keys: string[];
}
export interface VaultReading {
  part: Part<VaultFact>;
  /** Empty unless the vault is known. */
  accessPolicies: AccessPolicyEntry[];
  /** An entry could not be read. It may be the identity's, so that no permission is proven to be missing. */
  accessPolicyFault?: Unknown;
}

/**
 * One vault, through the control plane: its own firewall doesn't block that (Key Vault REST: Vaults - Get).
 */
export async function readVault(arm: ArmSession, vaultId: string): Promise<VaultReading> {
  const outcome = await arm.keyVault.vault(vaultId);
  const nothing = (part: Part<VaultFact>): VaultReading => ({ part, accessPolicies: [] });
  if (saysGone(outcome)) return nothing(gone(outcome));
  if (outcome.kind !== 'answered')
    return nothing(unreadable(outcome, `Reader on the vault ${armIdParts(vaultId).name}, or above it`));
  const parsed = parseAs(vaultSchema, outcome.value);
  if ('fault' in parsed) return nothing(malformed(`GET ${vaultId}`, parsed.fault, outcome.at));
  const reading: VaultReading = {
    part: known(factOf(parsed.value, vaultId), outcome.at),
    accessPolicies: [],
  };
  for (const item of parsed.value.properties.accessPolicies ?? []) {
    const entry = parseAs(accessPolicySchema, item);
    if ('value' in entry) reading.accessPolicies.push(entry.value);
    else reading.accessPolicyFault ??= malformed('An access policy of the vault', entry.fault, outcome.at);
  }
  return reading;
}

/**
 * The soft-deleted state of a vault that is gone (Key Vault REST: Vaults - Get Deleted, which requires the
 * region; where that isn't known, List Deleted). Gone where none has that exact id: then nothing can be
 * recovered.
 */
export async function readDeletedVault(
  arm: ArmSession,
  vaultId: string,
  location: string | undefined,
): Promise<Part<DeletedVaultFact>> {
  const { subscriptionId = '', name } = armIdParts(vaultId);
  const right = `Reader on the subscription ${subscriptionId} (Microsoft.KeyVault/locations/deletedVaults/read)`;
  if (location === undefined) {
    const listed = await arm.keyVault.deletedVaults(subscriptionId);
    if (listed.kind !== 'answered') return unreadable(listed, right);
    const twin = listed.value.find((item) =>
      sameId(twinSchema.safeParse(item).data?.properties.vaultId, vaultId),
    );
    if (twin === undefined) return none(`No deleted vault of the subscription was ${name}.`, listed.at);
    return twinOf(twin, vaultId, listed.at);
  }
  // "West Europe" and "westeurope" are the same region.
  const region = location.replaceAll(' ', '').toLowerCase();
  const outcome = await arm.keyVault.deletedVault(subscriptionId, region, name);
  if (saysGone(outcome)) return gone(outcome);
  if (outcome.kind !== 'answered') return unreadable(outcome, right);
  return twinOf(outcome.value, vaultId, outcome.at);
}

function twinOf(body: unknown, vaultId: string, at: string): Part<DeletedVaultFact> {
  const parsed = parseAs(twinSchema, body);
  if ('fault' in parsed) return malformed('The deleted vault', parsed.fault, at);
  const {
    vaultId: original,
    deletionDate,
    scheduledPurgeDate,
    purgeProtectionEnabled,
  } = parsed.value.properties;
  if (original !== undefined && !sameId(original, vaultId))
    return none(`The deleted vault of this name was another one (${original}).`, at);
  return known({ deletedAt: deletionDate, scheduledPurgeDate, purgeProtection: purgeProtectionEnabled }, at);
}

function none(detail: string, readAt: string): Part<never> {
  return { state: 'gone', detail, readAt };
}

/** A rule that can't be read is left out: no rule proves anything about Power Platform's access. */
const ruleOf = (field: 'value' | 'id') =>
  z
    .array(z.unknown())
    .nullish()
    .transform((rules) =>
      (rules ?? []).flatMap((rule) => z.object({ [field]: z.string() }).safeParse(rule).data?.[field] ?? []),
    );

const accessPolicySchema = z
  .object({
    objectId: z.string(),
    applicationId: optionalText,
    tenantId: optionalText,
    permissions: z.object({ keys: z.array(z.string()).nullish() }).nullish(),
  })
  .transform(
    ({ permissions, ...entry }): AccessPolicyEntry => ({
      ...entry,
      keys: (permissions?.keys ?? []).map((permission) => permission.toLowerCase()),
    }),
  );

const vaultSchema = z.object({
  id: optionalText,
  name: optionalText,
  location: z.string().min(1),
  properties: z.object({
    tenantId: optionalText,
    enableRbacAuthorization: optionalFlag,
    enableSoftDelete: optionalFlag,
    softDeleteRetentionInDays: z.number().nullish(),
    enablePurgeProtection: optionalFlag,
    publicNetworkAccess: optionalText,
    networkAcls: z
      .object({
        bypass: optionalText,
        defaultAction: optionalText,
        ipRules: ruleOf('value'),
        virtualNetworkRules: ruleOf('id'),
      })
      .nullish(),
    accessPolicies: z.array(z.unknown()).nullish(),
  }),
});

const twinSchema = z.object({
  properties: z.object({
    vaultId: optionalText,
    deletionDate: optionalInstant,
    scheduledPurgeDate: optionalInstant,
    purgeProtectionEnabled: optionalFlag,
  }),
});

function factOf(vault: z.infer<typeof vaultSchema>, vaultId: string): VaultFact {
  const { properties } = vault;
  const id = vault.id ?? vaultId;
  return {
    id,
    name: vault.name ?? armIdParts(id).name,
    location: vault.location,
    tenantId: properties.tenantId,
    rbac: properties.enableRbacAuthorization === true,
    softDelete: properties.enableSoftDelete,
    softDeleteRetentionInDays: properties.softDeleteRetentionInDays ?? undefined,
    purgeProtection: properties.enablePurgeProtection,
    network: networkOf(properties),
  };
}

function networkOf(properties: z.infer<typeof vaultSchema>['properties']): NetworkFact {
  const acls = properties.networkAcls;
  return {
    publicNetworkAccess: properties.publicNetworkAccess,
    hasAcls: acls !== undefined && acls !== null,
    defaultAction: acls?.defaultAction,
    bypass: acls?.bypass,
    ipRules: acls?.ipRules ?? [],
    virtualNetworkRules: acls?.virtualNetworkRules ?? [],
  };
}
