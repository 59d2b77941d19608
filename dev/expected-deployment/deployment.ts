import * as z from 'zod';

const filterSchema = z.object({
  operatorType: z.literal('StringBeginsWith'),
  key: z.string(),
  values: z.array(z.string()),
});

/** The filter and the destination of an event subscription: the properties as Azure returns them. */
const eventSubscriptionSchema = z.object({
  id: z.string(),
  properties: z.looseObject({
    filter: z.looseObject({
      includedEventTypes: z.array(z.string()),
      advancedFilters: z.array(filterSchema),
    }),
    deliveryWithResourceIdentity: z.looseObject({
      identity: z.looseObject({ type: z.literal('SystemAssigned') }),
      destination: z.looseObject({
        endpointType: z.literal('StorageQueue'),
        properties: z.looseObject({ resourceId: z.string(), queueName: z.string() }),
      }),
    }),
  }),
});
const sourceSchema = z.object({
  /** Id of the subscription or vault whose events they are. */
  sourceId: z.string(),
  topicId: z.string(),
  topicType: z.enum(['Microsoft.Resources.Subscriptions', 'Microsoft.KeyVault.vaults']),
  location: z.string(),
  eventSubscription: eventSubscriptionSchema,
});
const actions = z.array(z.string());
const roleSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** The only scope at which it may be assigned. */
  scope: z.string(),
  actions,
  notActions: actions,
  dataActions: actions,
  notDataActions: actions,
});
const grantSchema = z.object({
  /** The assignment's name; where it holds `PRINCIPAL`, the principal's object id belongs to it. */
  id: z.string(),
  scope: z.string(),
  /** The app's identity, a topic's (by the topic's id), or another object id. */
  to: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('app') }),
    z.object({ kind: z.literal('topic'), topicId: z.string() }),
    z.object({ kind: z.literal('principal'), objectId: z.string() }),
  ]),
  roleId: z.string(),
});
const resourceSchema = z.object({ id: z.string(), properties: z.record(z.string(), z.unknown()) });

/**
 * The resources deployed into a tenant, as far as Lockwatch and its events depend on them. Plain data, from a
 * reviewed snapshot; a test may remove anything.
 */
export const deploymentSchema = z.object({
  sources: z.array(sourceSchema),
  roles: z.array(roleSchema),
  grants: z.array(grantSchema),
  queues: z.array(z.string()),
  tables: z.array(z.string()),
  /** Diagnostic settings that send a vault's audit log to an event hub. */
  auditSettings: z.array(resourceSchema.extend({ vaultId: z.string(), hubId: z.string() })),
  namespaces: z.array(resourceSchema.extend({ location: z.string() })),
  /** Rules of a namespace, including the one with which Azure Monitor writes. */
  rules: z.array(resourceSchema),
  hubs: z.array(resourceSchema),
});
export type Deployment = z.infer<typeof deploymentSchema>;
export type DeployedSource = z.infer<typeof sourceSchema>;
export type DeployedGrant = z.infer<typeof grantSchema>;
export type AdvancedFilter = z.infer<typeof filterSchema>;

export const NOTHING_DEPLOYED: Deployment = {
  sources: [],
  roles: [],
  grants: [],
  queues: [],
  tables: [],
  auditSettings: [],
  namespaces: [],
  rules: [],
  hubs: [],
};
