import * as z from 'zod';
import type { Change, ReducedPlan } from './change.ts';
import { isGroupName } from './plan-files/json-values.ts';
import { PlanFileError } from './plan-files/plan-file-error.ts';

const text = (most: number) => z.string().min(1).max(most);
const armId = text(1024).refine(
  (value) => /^\/(?:subscriptions|providers)\/[^\s?#%&<>\\]+$/i.test(value),
  'must be an ARM id',
);
const guid = text(200).refine(
  (value) => /^[\p{L}\p{N} ._/()-]+$/u.test(value),
  'must be a GUID, an id or a name',
);
const name = text(127).refine(
  (value) => /^[0-9a-z-]+$/i.test(value),
  'must be a name of letters, digits and hyphens',
);
const groupName = text(90).refine((value) => isGroupName(value), 'must be the name of a resource group');
const date = z.iso.datetime();
const words = z.array(text(100)).max(200);
const flag = z.boolean();

const permissions = z.array(z.strictObject({ dataActions: words, notDataActions: words })).max(100);
const entry = z.strictObject({
  objectId: guid.optional(),
  applicationId: guid.optional(),
  tenantId: guid.optional(),
  keys: words.transform((keys) => keys.map((key) => key.toLowerCase())),
});
const vaultSettings = z.strictObject({
  publicNetworkAccess: z.enum(['Enabled', 'Disabled', 'SecuredByPerimeter']).optional(),
  defaultAction: z.enum(['Allow', 'Deny']).optional(),
  bypass: z.enum(['AzureServices', 'None']).optional(),
  rbac: flag.optional(),
  tenantId: guid.optional(),
  purgeProtection: flag.optional(),
  accessPolicies: z.array(entry).max(2000).optional(),
});
const keySettings = z.strictObject({
  enabled: flag.optional(),
  expires: date.nullable().optional(),
  notBefore: date.nullable().optional(),
  keyOps: words.optional(),
});
const ofKey = { vaultId: armId, keyName: name };

const address = { address: text(400).optional() };
const operations = [
  z.strictObject({ what: z.literal('vaultDeleted'), ...address, vaultId: armId, purges: flag.optional() }),
  z.strictObject({
    what: z.literal('vaultSet'),
    ...address,
    vaultId: armId,
    set: vaultSettings,
    unknown: z.array(z.enum(keysOf(vaultSettings))).optional(),
  }),
  z.strictObject({
    what: z.literal('perimeterSet'),
    ...address,
    vaultId: armId,
    access: z.enum(['Enforced', 'Learning', 'none']),
  }),
  z.strictObject({ what: z.literal('keyDeleted'), ...address, ...ofKey, purges: flag.optional() }),
  z.strictObject({
    what: z.literal('keySet'),
    ...address,
    ...ofKey,
    version: name.optional(),
    set: keySettings,
    unknown: z.array(z.enum(keysOf(keySettings))).optional(),
  }),
  z.strictObject({ what: z.literal('accessPolicySet'), ...address, vaultId: armId.optional(), entry }),
  z.strictObject({
    what: z.literal('accessPolicyRemoved'),
    ...address,
    vaultId: armId,
    objectId: guid,
    applicationId: guid.optional(),
  }),
  z.strictObject({
    what: z.literal('roleAssignmentRemoved'),
    ...address,
    id: armId,
    isReplacedFirst: flag.optional(),
  }),
  z.strictObject({
    what: z.literal('roleAssignmentAdded'),
    ...address,
    scope: armId.optional(),
    principalId: guid.optional(),
    principalType: name.optional(),
    role: guid.optional(),
    isConditional: flag.optional(),
  }),
  z.strictObject({
    what: z.literal('roleDefinitionSet'),
    ...address,
    roleId: guid,
    permissions,
    isUnknown: flag.optional(),
  }),
  z.strictObject({ what: z.literal('roleDefinitionDeleted'), ...address, roleId: guid }),
  z.strictObject({
    what: z.literal('denyAssignmentAdded'),
    ...address,
    scope: armId,
    principalIds: z.array(guid).max(1000),
    permissions,
  }),
  z.strictObject({ what: z.literal('denyAssignmentRemoved'), ...address, id: armId }),
  z.strictObject({ what: z.literal('groupLosesMembers'), ...address, groupId: guid }),
  z.strictObject({ what: z.literal('groupGainsMember'), ...address, memberId: guid.optional() }),
  z.strictObject({ what: z.literal('lockRemoved'), ...address, id: armId }),
  z.strictObject({ what: z.literal('resourceGroupDeleted'), ...address, id: armId }),
  z.strictObject({ what: z.literal('policyDeleted'), ...address, policyId: armId }),
  z.strictObject({
    what: z.literal('policySet'),
    ...address,
    policyId: armId,
    set: z.strictObject({
      vaultId: armId.optional(),
      keyName: name.optional(),
      keyVersion: name.nullable().optional(),
    }),
    isUnknown: flag.optional(),
  }),
  z.strictObject({
    what: z.literal('unjudged'),
    ...address,
    scope: armId.optional(),
    resourceGroup: groupName.optional(),
    network: z.literal('byPerimeter').optional(),
    because: text(1000),
  }),
] as const;

function keysOf<Shape extends Record<string, unknown>>(schema: z.ZodObject<z.core.$ZodLooseShape>) {
  return Object.keys(schema.shape) as (keyof Shape & string)[];
}

type Described = z.infer<(typeof operations)[number]>['what'];
/** An operation of `change.ts` without a schema here does not compile, and neither does a schema without one. */
type DescribedChange = [Exclude<Change['what'], Described>, Exclude<Described, Change['what']>] extends [
  never,
  never,
]
  ? Change
  : 'an operation has no schema';

const MAX_PLANNED_CHANGES = 20_000;
const operation = z.discriminatedUnion('what', operations);

/** A reduced plan, or the plain operations that a person writes. */
export const reducedPlanSchema = z.strictObject({
  kind: z.literal('lockwatchPreview').default('lockwatchPreview'),
  version: z.literal(1).default(1),
  from: z.enum(['operations', 'whatIf', 'terraform']).default('operations'),
  changes: z.array(operation).max(MAX_PLANNED_CHANGES).default([]),
  cannotJudge: z
    .array(z.strictObject({ address: text(400).optional(), because: text(1000) }))
    .max(MAX_PLANNED_CHANGES)
    .default([]),
});

/** Each change has an address: where none is given, its place in the list. */
export function withAddresses(plan: z.infer<typeof reducedPlanSchema>): ReducedPlan {
  const changes = plan.changes.map((change, n) => ({
    ...change,
    address: change.address ?? `operation ${n + 1}`,
  }));
  return { ...plan, changes: changes as DescribedChange[] };
}

/** Throws `PlanFileError` for what is no reduced plan and no list of operations. */
export function reducedPlanIn({ operations: listed, ...file }: Record<string, unknown>): ReducedPlan {
  const read = reducedPlanSchema.safeParse(listed === undefined ? file : { ...file, changes: listed });
  if (read.success) return withAddresses(read.data);
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new PlanFileError(
    `These operations can't be read: ${field === '' ? 'the file' : field} ${issue?.message ?? ''}.`,
  );
}
