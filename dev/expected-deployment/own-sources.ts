import { armIdParts } from '../../shared/azure/arm-id.ts';
import { topicHash } from '../../shared/visibility/event-source-scope.ts';
import type { Deployment } from './deployment.ts';

/** The value of LOCKWATCH_EVENT_SOURCES, as `infra/main.bicep` writes it for these sources. */
export function ownSourcesSetting({ sources, auditSettings }: Deployment): string {
  const ids = [
    ...sources.map(({ eventSubscription }) => eventSubscription.id),
    ...auditSettings.map(({ id }) => id),
  ];
  const names = new Set(ids.map((id) => armIdParts(id).name));
  const isOfSubscription = (topicType: string) => topicType === 'Microsoft.Resources.Subscriptions';
  const topics = sources.map(({ topicType, topicId }) => {
    if (!isOfSubscription(topicType)) return topicHash(topicId);
    const { subscriptionId, resourceGroup, name } = armIdParts(topicId);
    return `${subscriptionId}/${resourceGroup}/${name}`;
  });
  return [...names, ...topics].join(',');
}
