import type { ArmSession } from '../azure/arm-client.ts';
import { listPolicies } from './policy.ts';
import type { Reading } from './reader.ts';
import { readSubscription } from './subscription.ts';

/** The policies of every watched subscription, and the subscriptions themselves. */
export async function listEverywhere(
  arm: ArmSession,
  subscriptions: readonly string[],
): ReturnType<Reading['listPolicies']> {
  const lists = await Promise.all(
    subscriptions.map(async (subscriptionId) => {
      const [listed, subscription] = await Promise.all([
        listPolicies(arm, subscriptionId),
        readSubscription(arm, subscriptionId),
      ]);
      return { subscriptionId, ...listed, subscription };
    }),
  );
  return {
    subscriptions: lists.map(({ subscriptionId, subscription }) => ({ subscriptionId, part: subscription })),
    policies: lists.flatMap(({ policies }) => policies),
    unreadable: lists.flatMap(({ subscriptionId, unreadable }) =>
      unreadable.map((part) => ({ subscriptionId, part })),
    ),
  };
}
