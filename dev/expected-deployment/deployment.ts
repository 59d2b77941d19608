import * as z from 'zod';

const filterForm = z.object({
  operatorType: z.literal('StringBeginsWith'),
  key: z.string(),
  values: z.array(z.string()),
});

/** What an event subscription passes on, and where to: the properties as Azure tells them. */
const eventSubscriptionForm = z.object({
  id: z.string(),
  properties: z.looseObject({
    filter: z.looseObject({
      includedEventTypes: z.array(z.string()),
      advancedFilters: z.array(filterForm),
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
const sourceForm = z.object({
  /** Id of the subscription or vault whose events they are. */
  sourceId: z.string(),
  topicId: z.string(),
  topicType: z.enum(['Microsoft.Resources.Subscriptions', 'Microsoft.KeyVault.vaults']),
  location: z.string(),
  eventSubscription: eventSubscriptionForm,
});
const actions = z.array(z.string());
const roleForm = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** The one scope that it may be assigned at. */
  scope: z.string(),
  actions,
  notActions: actions,
  dataActions: actions,
  notDataActions: actions,
});
const grantForm = z.object({
  id: z.string(),
  scope: z.string(),
  /** The app's identity, a topic's (by the topic's id), or somebody's object id. */
  to: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('app') }),
    z.object({ kind: z.literal('topic'), topicId: z.string() }),
    z.object({ kind: z.literal('principal'), objectId: z.string() }),
  ]),
  roleId: z.string(),
});
const resourceForm = z.object({ id: z.string(), properties: z.record(z.string(), z.unknown()) });

/**
 * What has been deployed into a tenant, as far as Lockwatch and its events depend on it. Plain data, from a reviewed
 * prediction; a test may take anything away.
 */
export const deploymentForm = z.object({
  sources: z.array(sourceForm),
  roles: z.array(roleForm),
  grants: z.array(grantForm),
  queues: z.array(z.string()),
  tables: z.array(z.string()),
  /** Diagnostic settings that send a vault's audit log to an event hub. */
  auditSettings: z.array(resourceForm.extend({ vaultId: z.string(), hubId: z.string() })),
  namespaces: z.array(resourceForm.extend({ location: z.string() })),
  /** Rules of a namespace, the one by which Azure Monitor writes among them. */
  rules: z.array(resourceForm),
  hubs: z.array(resourceForm),
});
export type Deployment = z.infer<typeof deploymentForm>;
export type DeployedSource = z.infer<typeof sourceForm>;
export type DeployedGrant = z.infer<typeof grantForm>;
export type AdvancedFilter = z.infer<typeof filterForm>;

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
