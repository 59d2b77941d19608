import { topicSourceOf } from '../world/event-sources.ts';
import type { World } from '../world/world.ts';
import { armEvent, liveVault, type Scenario, ScenarioRefusedError, type Target } from './scenario.ts';

/** Changes to Lockwatch's event sources, except for the vault's diagnostic setting. */
export const EVENT_SOURCE_SCENARIOS: Scenario[] = [
  setEventSubscription(
    'event-subscription-deleted',
    'Deletes Lockwatch’s event subscription on the vault’s subscription.',
    false,
  ),
  setEventSubscription('undo-event-subscription-deleted', 'Makes the event subscription again.', true),
  setHub('audit-hub-deleted', 'Deletes the event hub that the audit logs go to.', false),
  setHub('undo-audit-hub-deleted', 'Makes the event hub again.', true),
];

function setEventSubscription(name: string, line: string, isThere: boolean): Scenario {
  const operation = `Microsoft.EventGrid/systemTopics/eventSubscriptions/${isThere ? 'write' : 'delete'}`;
  return {
    name,
    line,
    raises: operation,
    perform(draft, { target }) {
      const { subscription, id } = watchedOf(draft, target);
      subscription.eventSubscriptionDeleted = !isThere;
      const event = armEvent(isThere ? 'Write' : 'Delete', operation, id);
      return { events: [event], audit: [] };
    },
  };
}

function watchedOf(
  draft: World,
  target: Target,
): { subscription: World['subscriptions'][number]; id: string } {
  const { subscriptionId, name } = liveVault(target);
  const subscription = draft.subscriptions.find(({ id }) => id === subscriptionId);
  const source = topicSourceOf(draft, `/subscriptions/${subscriptionId}`);
  if (!subscription || !source)
    throw new ScenarioRefusedError(
      409,
      `No event subscription was ever made for the subscription of ${name}.`,
      {
        field: 'vault',
      },
    );
  return { subscription, id: source.eventSubscription.id };
}

function setHub(name: string, line: string, isThere: boolean): Scenario {
  const operation = `Microsoft.EventHub/namespaces/eventhubs/${isThere ? 'write' : 'delete'}`;
  return {
    name,
    line,
    raises: operation,
    perform(draft) {
      const [hub] = draft.deployed.hubs;
      if (!hub) throw new ScenarioRefusedError(409, 'No event hub was ever deployed.');
      draft.auditHubDeleted = !isThere;
      return { events: [armEvent(isThere ? 'Write' : 'Delete', operation, hub.id)], audit: [] };
    },
  };
}
