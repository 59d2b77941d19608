import { type Rest, textIn } from './cli.ts';
import { hasCode } from './refusals.ts';

export interface FoundTopics {
  /** Ids of the existing topics, by the lower-case id of their source: the parameter `existingTopics`. */
  existing: Record<string, string>;
  /** The step that a person must do first, with the command. */
  faults: string[];
}

/**
 * The sources that have a system topic already. Azure allows one for each ("System topics in Azure Event
 * Grid"), so a second one would fail the deployment. A topic that this deployment created remains its own.
 * Pure.
 */
export function findTopics(
  topics: readonly unknown[],
  sources: readonly string[],
  environmentName: string,
): FoundTopics {
  const wanted = new Set(sources.map((source) => source.toLowerCase()));
  const found: FoundTopics = { existing: {}, faults: [] };
  for (const topic of topics) {
    const id = textIn(topic, 'id');
    const source = textIn(topic, 'properties', 'source')?.toLowerCase();
    if (id === undefined || source === undefined || !wanted.has(source)) continue;
    if (isOurs(id) && textIn(topic, 'tags', 'azd-env-name') === environmentName) continue;
    found.existing[source] = id;
    if (!/SystemAssigned/i.test(textIn(topic, 'identity', 'type') ?? ''))
      found.faults.push(
        `The system topic ${id} is there already and has no identity of its own, which delivery to our queue needs. ` +
          `Turn it on (it changes nothing for others): az eventgrid system-topic update --ids ${id} --mi-system-assigned`,
      );
  }
  return found;
}

/**
 * By the name that infra/main.bicep assigns: another azd project may have an environment of the same name.
 */
function isOurs(id: string): boolean {
  return /\/systemTopics\/egst-lockwatch-[^/]+$/i.test(id);
}

/** The origins of events: each watched subscription, and each watched vault whose own events are wanted. */
export function sourcesOf(
  subscriptions: readonly string[],
  vaults: readonly { id: string; events: boolean }[],
): string[] {
  return [
    ...subscriptions.map((id) => `/subscriptions/${id}`),
    ...vaults.filter(({ events }) => events).map(({ id }) => id),
  ];
}

/** The system topics of a subscription ("System Topics - List By Subscription"). */
export async function topicsIn(rest: Rest, subscription: string): Promise<unknown[]> {
  const list = `/subscriptions/${subscription}/providers/Microsoft.EventGrid/systemTopics`;
  try {
    return await rest.list(`${list}?api-version=2025-02-15`);
  } catch (error) {
    // If nobody has used Event Grid yet there is no topic.
    if (hasCode(error, /MissingSubscriptionRegistration/i)) return [];
    throw error;
  }
}
