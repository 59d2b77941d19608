import { guidOf } from '../world/ids.ts';
import {
  auditNamespaceId,
  diagnosticSettingId,
  eventSubscriptionId,
  systemTopicId,
  vaultEventSubscriptionId,
  vaultTopicId,
} from '../world/ways.ts';
import type { Vault, World } from '../world/world.ts';

/** What raises events, and whether Lockwatch still hears it. */
export interface EventSource {
  sourceId: string;
  topicId: string;
  topicType: 'Microsoft.Resources.Subscriptions' | 'Microsoft.KeyVault.vaults';
  /** A subscription's topic lies in no region ("System topics in Azure Event Grid", section Location). */
  location: string;
  /** Absent once somebody deleted it. */
  eventSubscriptionId?: string;
}

export function eventSources(world: World): EventSource[] {
  const ofSubscriptions = world.subscriptions
    .filter(({ watched }) => watched)
    .map(
      ({ id, eventSubscriptionDeleted }): EventSource => ({
        sourceId: `/subscriptions/${id}`,
        topicId: systemTopicId(id),
        topicType: 'Microsoft.Resources.Subscriptions',
        location: 'global',
        eventSubscriptionId: eventSubscriptionDeleted ? undefined : eventSubscriptionId(id),
      }),
    );
  const ofVaults = world.vaults
    .filter(({ eventSubscription }) => eventSubscription)
    .map(
      (vault): EventSource => ({
        sourceId: vault.id,
        topicId: vaultTopicId(vault),
        topicType: 'Microsoft.KeyVault.vaults',
        location: vault.location,
        eventSubscriptionId: vaultEventSubscriptionId(vault),
      }),
    );
  return [...ofSubscriptions, ...ofVaults];
}

/** Event Grid REST: System Topics - Get. */
export function systemTopicBody(source: EventSource, tenantId: string): object {
  return {
    id: source.topicId,
    name: nameIn(source.topicId),
    type: 'Microsoft.EventGrid/systemTopics',
    location: source.location,
    identity: {
      type: 'SystemAssigned',
      principalId: guidOf(`identity ${source.topicId}`),
      tenantId,
    },
    properties: {
      provisioningState: 'Succeeded',
      source: source.sourceId,
      topicType: source.topicType,
      metricResourceId: guidOf(`metrics ${source.topicId}`),
    },
  };
}

/** Event Grid REST: System Topic Event Subscriptions - Get. As the deployment makes them (infra/). */
export function eventSubscriptionBody(
  id: string,
  source: EventSource,
  told: { account: string; operations: readonly string[] },
): object {
  const isSubscription = source.topicType === 'Microsoft.Resources.Subscriptions';
  const identity = { type: 'SystemAssigned' };
  return {
    id,
    name: nameIn(id),
    type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
    properties: {
      topic: source.topicId,
      provisioningState: 'Succeeded',
      deliveryWithResourceIdentity: {
        identity,
        destination: {
          endpointType: 'StorageQueue',
          properties: {
            resourceId: told.account,
            queueName: 'lockwatch-signals',
            queueMessageTimeToLiveInSeconds: -1,
          },
        },
      },
      filter: {
        subjectBeginsWith: '',
        subjectEndsWith: '',
        includedEventTypes: isSubscription ? SUBSCRIPTION_EVENTS : VAULT_EVENTS,
        advancedFilters: isSubscription
          ? [
              {
                operatorType: 'StringBeginsWith',
                key: 'data.operationName',
                values: [...told.operations],
              },
            ]
          : [],
      },
      labels: [],
      eventDeliverySchema: 'EventGridSchema',
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
      deadLetterWithResourceIdentity: {
        identity,
        deadLetterDestination: {
          endpointType: 'StorageBlob',
          properties: { resourceId: told.account, blobContainerName: 'dead-letters' },
        },
      },
    },
  };
}

/** Azure Monitor REST: Diagnostic Settings - Get. */
export function diagnosticSettingBody(world: World, vault: Vault): object {
  return {
    id: diagnosticSettingId(vault),
    name: nameIn(diagnosticSettingId(vault)),
    type: 'Microsoft.Insights/diagnosticSettings',
    properties: {
      eventHubAuthorizationRuleId: `${auditNamespaceId(world)}/authorizationRules/RootManageSharedAccessKey`,
      eventHubName: 'lockwatch-audit',
      logs: [{ category: 'AuditEvent', enabled: true }],
      metrics: [],
    },
  };
}

const SUBSCRIPTION_EVENTS = [
  'Microsoft.Resources.ResourceWriteSuccess',
  'Microsoft.Resources.ResourceDeleteSuccess',
  'Microsoft.Resources.ResourceActionSuccess',
];
const VAULT_EVENTS = [
  'Microsoft.KeyVault.KeyNewVersionCreated',
  'Microsoft.KeyVault.KeyNearExpiry',
  'Microsoft.KeyVault.KeyExpired',
  'Microsoft.KeyVault.VaultAccessPolicyChanged',
];

function nameIn(id: string): string {
  return id.split('/').at(-1) ?? id;
}
