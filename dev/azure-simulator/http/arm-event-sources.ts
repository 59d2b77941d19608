import { sameId } from '../../../shared/azure/arm-id.ts';
import { auditSettingOf } from '../world/event-sources.ts';
import type { World } from '../world/world.ts';
import {
  deployedBody,
  type EventSource,
  eventSources,
  eventSubscriptionBody,
  systemTopicBody,
} from './arm-event-source-bodies.ts';
import type { ArmRoute } from './arm-route.ts';
import { page } from './paging.ts';
import { failure, type SimulatorAnswer } from './serve.ts';

const whole = (match: RegExpExecArray) => match[0];
const GET = { method: 'GET' as const, scope: whole };
const TOPICS = {
  ...GET,
  apiVersions: /^(2025-02-15|2022-06-15)$/,
  type: 'Microsoft.EventGrid/systemTopics',
  action: 'Microsoft.EventGrid/systemTopics/read',
};
const SUBSCRIPTIONS = {
  ...TOPICS,
  type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
  action: 'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
};
const SETTINGS = {
  ...GET,
  apiVersions: /^2021-05-01-preview$/,
  type: 'Microsoft.Insights/diagnosticSettings',
  action: 'Microsoft.Insights/diagnosticSettings/read',
};
const TOPIC = '/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.EventGrid/systemTopics/[^/]+';

/** The resources that deliver signals to Lockwatch. */
export const EVENT_SOURCE_ROUTES: readonly ArmRoute[] = [
  {
    ...SETTINGS,
    path: /^(.*)\/providers\/Microsoft\.Insights\/diagnosticSettings\/[^/]+$/i,
    answer({ world, match }) {
      const vault = world.vaults.find(({ id }) => sameId(id, match[1]));
      const setting = vault?.auditLog ? auditSettingOf(world, vault.id) : undefined;
      if (!setting || !sameId(setting.id, match[0])) return missing(match);
      return { status: 200, body: deployedBody(setting, SETTINGS.type) };
    },
  },
  {
    ...SETTINGS,
    path: /^(.*)\/providers\/Microsoft\.Insights\/diagnosticSettings$/i,
    answer({ world, match, request, pageSize }) {
      const vault = world.vaults.find(({ id }) => sameId(id, match[1]));
      if (!vault) return missing(match);
      const setting = vault.auditLog ? auditSettingOf(world, vault.id) : undefined;
      return page(setting ? [deployedBody(setting, SETTINGS.type)] : [], request, pageSize);
    },
  },
  {
    ...TOPICS,
    path: /^(\/subscriptions\/[^/]+)\/providers\/Microsoft\.EventGrid\/systemTopics$/i,
    answer({ world, match, request, pageSize }) {
      const inside = eventSources(world).filter(({ topicId }) =>
        topicId.toLowerCase().startsWith(`${match[1]?.toLowerCase()}/`),
      );
      return page(
        inside.map((source) => systemTopicBody(source, world)),
        request,
        pageSize,
      );
    },
  },
  {
    ...TOPICS,
    path: new RegExp(`^${TOPIC}$`, 'i'),
    answer({ world, match }) {
      const source = eventSources(world).find(({ topicId }) => sameId(topicId, match[0]));
      return source ? { status: 200, body: systemTopicBody(source, world) } : missing(match);
    },
  },
  {
    ...SUBSCRIPTIONS,
    path: new RegExp(`^(${TOPIC})/eventSubscriptions$`, 'i'),
    answer(asked) {
      const source = eventSources(asked.world).find(({ topicId }) => sameId(topicId, asked.match[1]));
      if (!source) return missing(asked.match);
      return page(subscriptionsOf(source), asked.request, asked.pageSize);
    },
  },
  {
    ...SUBSCRIPTIONS,
    path: new RegExp(`^${TOPIC}/eventSubscriptions/[^/]+$`, 'i'),
    answer(asked) {
      const source = eventSources(asked.world).find((one) =>
        sameId(one.eventSubscription?.id, asked.match[0]),
      );
      const [body] = source ? subscriptionsOf(source) : [];
      return body ? { status: 200, body } : missing(asked.match);
    },
  },
  {
    ...SUBSCRIPTIONS,
    // An event subscription without a system topic, as they were before system topics existed: there are none
    // here.
    type: 'Microsoft.EventGrid/eventSubscriptions',
    action: 'Microsoft.EventGrid/eventSubscriptions/read',
    path: /^.*\/providers\/Microsoft\.EventGrid\/eventSubscriptions\/[^/]+$/i,
    answer: ({ match }) => missing(match),
  },
  hubRoute('', ({ deployed }) => deployed.namespaces),
  hubRoute('/authorizationRules', ({ deployed }) => deployed.rules),
  hubRoute('/eventhubs', ({ deployed, auditHubDeleted }) => (auditHubDeleted ? [] : deployed.hubs)),
];

/** A resource of Event Hubs: the namespace itself, or a resource type in it. */
function hubRoute(
  kind: '' | '/authorizationRules' | '/eventhubs',
  from: (world: World) => { id: string; properties: Record<string, unknown> }[],
): ArmRoute {
  const type = `Microsoft.EventHub/namespaces${kind}`;
  const inside = kind === '' ? '' : `${kind}/[^/]+`;
  const namespace =
    '/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.EventHub/namespaces/[^/]+';
  return {
    ...GET,
    apiVersions: /^(2024-01-01|2021-11-01)$/,
    type,
    path: new RegExp(`^${namespace}${inside}$`, 'i'),
    action: `${type}/read`,
    answer({ world, match }) {
      const found = from(world).find(({ id }) => sameId(id, match[0]));
      return found ? { status: 200, body: deployedBody(found, type) } : missing(match);
    },
  };
}

/** The topic itself remains when its event subscription is deleted. */
function subscriptionsOf({ topicId, eventSubscription }: EventSource): object[] {
  return eventSubscription ? [eventSubscriptionBody(eventSubscription, topicId)] : [];
}

function missing(match: RegExpExecArray): SimulatorAnswer {
  return failure(404, 'ResourceNotFound', `The Resource '${match[0]}' was not found.`);
}
