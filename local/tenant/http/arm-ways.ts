import { sameId } from '../../../shared/facts/arm-id.ts';
import {
  auditHubId,
  auditNamespaceId,
  diagnosticSettingId,
  eventSubscriptionId,
  systemTopicId,
} from '../world/ways.ts';
import type { ArmRequest, ArmRoute } from './arm-routes.ts';
import { type Answer, failure } from './serve.ts';

const whole = (match: RegExpExecArray) => match[0];
const GET = { method: 'GET' as const, scope: whole };
const EVENT_GRID = { ...GET, apiVersions: /^(2025-02-15|2022-06-15)$/ };
const EVENT_HUBS = { ...GET, apiVersions: /^(2024-01-01|2021-11-01)$/ };

/** The resources by which signals reach Lockwatch: read to see whether one that was deleted is back. */
export const WAY_ROUTES: readonly ArmRoute[] = [
  {
    ...GET,
    apiVersions: /^2021-05-01-preview$/,
    type: 'Microsoft.Insights/diagnosticSettings',
    path: /^(.*)\/providers\/Microsoft\.Insights\/diagnosticSettings\/[^/]+$/i,
    action: 'Microsoft.Insights/diagnosticSettings/read',
    answer({ world, match }) {
      const vault = world.vaults.find(({ id }) => sameId(id, match[1]));
      if (!vault?.auditLog || !sameId(diagnosticSettingId(vault), match[0])) return missing(match);
      const rule = `${auditNamespaceId(world)}/authorizationRules/RootManageSharedAccessKey`;
      return resource(diagnosticSettingId(vault), 'Microsoft.Insights/diagnosticSettings', {
        eventHubAuthorizationRuleId: rule,
        eventHubName: 'lockwatch-audit',
        logs: [{ category: 'AuditEvent', categoryGroup: null, enabled: true }],
        metrics: [],
      });
    },
  },
  {
    ...EVENT_GRID,
    type: 'Microsoft.EventGrid/systemTopics',
    path: /^\/subscriptions\/([^/]+)\/resourceGroups\/[^/]+\/providers\/Microsoft\.EventGrid\/systemTopics\/[^/]+$/i,
    action: 'Microsoft.EventGrid/systemTopics/read',
    answer: (asked) => ofSubscription(asked, systemTopicId, 'Microsoft.EventGrid/systemTopics'),
  },
  {
    ...EVENT_GRID,
    type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
    path: /^\/subscriptions\/([^/]+)\/resourceGroups\/[^/]+\/providers\/Microsoft\.EventGrid\/systemTopics\/[^/]+\/eventSubscriptions\/[^/]+$/i,
    action: 'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
    answer: (asked) =>
      ofSubscription(asked, eventSubscriptionId, 'Microsoft.EventGrid/systemTopics/eventSubscriptions'),
  },
  {
    ...EVENT_HUBS,
    type: 'Microsoft.EventHub/namespaces/eventhubs',
    path: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.EventHub\/namespaces\/[^/]+\/eventhubs\/[^/]+$/i,
    action: 'Microsoft.EventHub/namespaces/eventhubs/read',
    answer({ world, match }) {
      if (world.auditHubDeleted || !sameId(auditHubId(world), match[0])) return missing(match);
      return resource(auditHubId(world), 'Microsoft.EventHub/namespaces/eventhubs', { status: 'Active' });
    },
  },
];

/** The topic itself stays when its event subscription is deleted. */
function ofSubscription({ world, match }: ArmRequest, idOf: (id: string) => string, type: string): Answer {
  const subscription = world.subscriptions.find(({ id }) => id === match[1]?.toLowerCase());
  const id = idOf(subscription?.id ?? '');
  const isGone = subscription?.eventSubscriptionDeleted === true && idOf === eventSubscriptionId;
  if (!subscription?.watched || isGone || !sameId(id, match[0])) return missing(match);
  return resource(id, type, { provisioningState: 'Succeeded' });
}

function resource(id: string, type: string, properties: object): Answer {
  return { status: 200, body: { id, name: id.split('/').at(-1), type, properties } };
}

function missing(match: RegExpExecArray): Answer {
  return failure(404, 'ResourceNotFound', `The Resource '${match[0]}' was not found.`);
}
