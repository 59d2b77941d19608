import type { DeployedSource } from '../../expected-deployment/deployment.ts';
import { topicPrincipal } from '../world/deploy.ts';
import { topicSourceOf } from '../world/event-sources.ts';
import { guidOf } from '../world/ids.ts';
import type { World } from '../world/world.ts';

/** A source of events, and whether Lockwatch still receives them. */
export interface EventSource extends Omit<DeployedSource, 'eventSubscription'> {
  /** Absent after its deletion. */
  eventSubscription?: DeployedSource['eventSubscription'];
}

export function eventSources(world: World): EventSource[] {
  const ofSubscriptions = world.subscriptions.flatMap(({ id, eventSubscriptionDeleted }): EventSource[] => {
    const source = topicSourceOf(world, `/subscriptions/${id}`);
    if (!source) return [];
    return [eventSubscriptionDeleted ? { ...source, eventSubscription: undefined } : source];
  });
  const ofVaults = world.vaults
    .filter(({ eventSubscription }) => eventSubscription)
    .flatMap(({ id }) => topicSourceOf(world, id) ?? []);
  return [...ofSubscriptions, ...ofVaults];
}

/** Event Grid REST: System Topics - Get. */
export function systemTopicBody(source: EventSource, world: World): object {
  return {
    id: source.topicId,
    name: nameIn(source.topicId),
    type: 'Microsoft.EventGrid/systemTopics',
    location: source.location,
    identity: {
      type: 'SystemAssigned',
      principalId: topicPrincipal(world, source.topicId),
      tenantId: world.tenantId,
    },
    properties: {
      provisioningState: 'Succeeded',
      source: source.sourceId,
      topicType: source.topicType,
      metricResourceId: guidOf(`metrics ${source.topicId}`),
    },
  };
}

/** Event Grid REST: System Topic Event Subscriptions - Get, as it was deployed. */
export function eventSubscriptionBody(
  { id, properties }: DeployedSource['eventSubscription'],
  topicId: string,
): object {
  return {
    id,
    name: nameIn(id),
    type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
    properties: {
      topic: topicId,
      provisioningState: 'Succeeded',
      labels: [],
      ...properties,
      filter: { subjectBeginsWith: '', subjectEndsWith: '', ...properties.filter },
    },
  };
}

/**
 * The other deployed resources, as their own provider returns them: Diagnostic Settings - Get, Event Hubs -
 * Get, etc.
 */
export function deployedBody(
  { id, properties }: { id: string; properties: Record<string, unknown> },
  type: string,
): object {
  return { id, name: nameIn(id), type, properties: { ...properties } };
}

function nameIn(id: string): string {
  return id.split('/').at(-1) ?? id;
}
