import * as z from 'zod';
import { optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { known, malformed, unreadable } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { SubscriptionFact } from './source-facts.ts';

const API = 'api-version=2022-12-01';

/** One subscription itself (Azure Resource Manager REST: Subscriptions - Get). */
export async function readSubscription(
  arm: ArmSession,
  subscriptionId: string,
): Promise<Part<SubscriptionFact>> {
  const path = `/subscriptions/${subscriptionId}`;
  const outcome = await arm.get(path, API);
  if (outcome.kind !== 'answered') return unreadable(outcome, `Reader on the subscription ${subscriptionId}`);
  const parsed = parseAs(subscriptionSchema, outcome.value);
  return 'fault' in parsed
    ? malformed(`GET ${path}`, parsed.fault, outcome.at)
    : known(parsed.value, outcome.at);
}

const subscriptionSchema = z.object({ state: optionalText, tenantId: optionalText });
