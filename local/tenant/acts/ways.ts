import { auditHubId, eventSubscriptionId } from '../world/ways.ts';
import type { World } from '../world/world.ts';
import { type Act, ActRefused, armEvent, liveVault, type Target } from './act.ts';

/** What is done to what Lockwatch sees by, besides the vault's diagnostic setting. */
export const WAY_ACTS: Act[] = [
  setEventSubscription(
    'event-subscription-deleted',
    'Deletes Lockwatch’s event subscription on the vault’s subscription.',
    false,
  ),
  setEventSubscription('undo-event-subscription-deleted', 'Makes the event subscription again.', true),
  setHub('audit-hub-deleted', 'Deletes the event hub that the audit logs go to.', false),
  setHub('undo-audit-hub-deleted', 'Makes the event hub again.', true),
];

function setEventSubscription(name: string, line: string, isThere: boolean): Act {
  const operation = `Microsoft.EventGrid/systemTopics/eventSubscriptions/${isThere ? 'write' : 'delete'}`;
  return {
    name,
    line,
    raises: operation,
    perform(draft, { target }) {
      const subscription = watchedOf(draft, target);
      subscription.eventSubscriptionDeleted = !isThere;
      const event = armEvent(isThere ? 'Write' : 'Delete', operation, eventSubscriptionId(subscription.id));
      return { events: [event], audit: [] };
    },
  };
}

function watchedOf(draft: World, target: Target): World['subscriptions'][number] {
  const { subscriptionId, name } = liveVault(target);
  const found = draft.subscriptions.find(({ id, watched }) => id === subscriptionId && watched);
  if (!found)
    throw new ActRefused(409, `No event subscription was ever made for the subscription of ${name}.`, {
      field: 'vault',
    });
  return found;
}

function setHub(name: string, line: string, isThere: boolean): Act {
  const operation = `Microsoft.EventHub/namespaces/eventhubs/${isThere ? 'write' : 'delete'}`;
  return {
    name,
    line,
    raises: operation,
    perform(draft) {
      draft.auditHubDeleted = !isThere;
      return {
        events: [armEvent(isThere ? 'Write' : 'Delete', operation, auditHubId(draft))],
        audit: [],
      };
    },
  };
}
