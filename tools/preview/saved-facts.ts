import * as z from 'zod';

const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'must be a date');
const texts = z.array(z.string());

function part<Value extends z.ZodType>(value: Value) {
  return z.discriminatedUnion('state', [
    z.looseObject({ state: z.literal('known'), value, readAt: time }),
    z.looseObject({ state: z.literal('gone'), detail: z.string(), readAt: time }),
    z.looseObject({ state: z.literal('unknown'), reason: z.string(), detail: z.string(), readAt: time }),
  ]);
}

const policy = z.looseObject({ id: z.string(), name: z.string(), managedHsm: z.boolean() });
const network = z.looseObject({ hasAcls: z.boolean(), ipRules: texts, virtualNetworkRules: texts });
const vault = z.looseObject({ id: z.string(), name: z.string(), rbac: z.boolean(), network });
const version = z.looseObject({ version: z.string(), enabled: z.boolean() });
const key = z.looseObject({ name: z.string(), versions: z.array(version).min(1) });
const grants = z.array(z.looseObject({ id: z.string(), scope: z.string(), actions: texts }));
const permission = z.looseObject({
  model: z.enum(['accessPolicies', 'rbac']),
  principalId: z.string(),
  grants,
  withoutActions: grants.optional(),
  denials: grants,
  allowed: texts,
  missing: texts,
  perhapsGroups: grants,
});
const environment = z.looseObject({
  id: z.string(),
  displayName: z.string(),
  sku: z.string(),
  region: z.string(),
});
const environments = z.looseObject({ environments: z.array(environment) });
const locks = part(z.array(z.looseObject({ id: z.string(), level: z.string(), scope: z.string() })));
const seen = { seenAt: time };

/** A saved answer of GET /api/facts, as far as a preview reads it (shared/facts/facts.ts, shared/triggers/history.ts). */
export const savedFacts = z.object({
  kind: z.literal('lockwatchFacts'),
  networkReading: z.enum(['trustedService', 'literal']),
  chains: z.array(
    z.looseObject({
      facts: z.looseObject({
        policyId: z.string(),
        readAt: time,
        policy: part(policy),
        vault: part(vault),
        key: part(key),
        deletedVault: part(z.looseObject({})).optional(),
        permission: part(permission),
        environments: part(environments),
        protection: z.looseObject({ policyLocks: locks, vaultLocks: locks }).optional(),
      }),
      history: z.looseObject({
        policyId: z.string(),
        policy: policy.extend(seen).optional(),
        vault: vault.extend(seen).optional(),
        key: key.extend({ ...seen, versions: z.array(version) }).optional(),
        permission: z.looseObject({ model: z.string(), principalId: z.string() }).optional(),
        network: z.looseObject({ current: network, ...seen }).optional(),
        environments: z.looseObject({ members: z.array(environment) }).optional(),
      }),
      otherModel: part(permission).optional(),
    }),
  ),
});
