import { sameId } from '../../../shared/facts/arm-id.ts';
import { auditHubId, diagnosticSettingId, storageAccountId } from '../world/ways.ts';
import type { ArmRequest, ArmRoute } from './arm-routes.ts';
import {
  diagnosticSettingBody,
  type EventSource,
  eventSources,
  eventSubscriptionBody,
  systemTopicBody,
} from './arm-way-bodies.ts';
import { page } from './paging.ts';
import { type Answer, failure } from './serve.ts';

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

/** The resources by which signals reach Lockwatch. */
export const WAY_ROUTES: readonly ArmRoute[] = [
  {
    ...SETTINGS,
    path: /^(.*)\/providers\/Microsoft\.Insights\/diagnosticSettings\/[^/]+$/i,
    answer({ world, match }) {
      const vault = world.vaults.find(({ id }) => sameId(id, match[1]));
      if (!vault?.auditLog || !sameId(diagnosticSettingId(vault), match[0])) return missing(match);
      return { status: 200, body: diagnosticSettingBody(world, vault) };
    },
  },
  {
    ...SETTINGS,
    path: /^(.*)\/providers\/Microsoft\.Insights\/diagnosticSettings$/i,
    answer({ world, match, request, pageSize }) {
      const vault = world.vaults.find(({ id }) => sameId(id, match[1]));
      if (!vault) return missing(match);
      return page(vault.auditLog ? [diagnosticSettingBody(world, vault)] : [], request, pageSize);
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
        inside.map((source) => systemTopicBody(source, world.tenantId)),
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
      return source ? { status: 200, body: systemTopicBody(source, world.tenantId) } : missing(match);
    },
  },
  {
    ...SUBSCRIPTIONS,
    path: new RegExp(`^(${TOPIC})/eventSubscriptions$`, 'i'),
    answer(asked) {
      const source = eventSources(asked.world).find(({ topicId }) => sameId(topicId, asked.match[1]));
      if (!source) return missing(asked.match);
      return page(subscriptionsOf(asked, source), asked.request, asked.pageSize);
    },
  },
  {
    ...SUBSCRIPTIONS,
    path: new RegExp(`^${TOPIC}/eventSubscriptions/[^/]+$`, 'i'),
    answer(asked) {
      const source = eventSources(asked.world).find((one) => sameId(one.eventSubscriptionId, asked.match[0]));
      const [body] = source ? subscriptionsOf(asked, source) : [];
      return body ? { status: 200, body } : missing(asked.match);
    },
  },
  {
    ...GET,
    apiVersions: /^(2024-01-01|2021-11-01)$/,
    type: 'Microsoft.EventHub/namespaces/eventhubs',
    path: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.EventHub\/namespaces\/[^/]+\/eventhubs\/[^/]+$/i,
    action: 'Microsoft.EventHub/namespaces/eventhubs/read',
    answer({ world, match }) {
      if (world.auditHubDeleted || !sameId(auditHubId(world), match[0])) return missing(match);
      const id = auditHubId(world);
      const type = 'Microsoft.EventHub/namespaces/eventhubs';
      return { status: 200, body: { id, name: 'lockwatch-audit', type, properties: { status: 'Active' } } };
    },
  },
];

/** The topic itself stays when its event subscription is deleted. */
function subscriptionsOf({ world, state }: ArmRequest, source: EventSource): object[] {
  if (source.eventSubscriptionId === undefined) return [];
  const told = { account: storageAccountId(world), operations: state.operationFilters };
  return [eventSubscriptionBody(source.eventSubscriptionId, source, told)];
}

function missing(match: RegExpExecArray): Answer {
  return failure(404, 'ResourceNotFound', `The Resource '${match[0]}' was not found.`);
}
