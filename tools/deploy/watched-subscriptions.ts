import { type Rest, textIn } from './cli.ts';
import type { DeployOptions } from './options.ts';
import { DeployError } from './refusals.ts';

/** The subscriptions that are watched: those that were named, those of the management group, or the app's own. */
export async function watchedBy(
  { watchedSubscriptions, managementGroup, hostSubscription }: DeployOptions,
  rest: Rest,
): Promise<string[]> {
  if (managementGroup === undefined)
    return watchedSubscriptions.length > 0 ? watchedSubscriptions : [hostSubscription];
  const below = `/providers/Microsoft.Management/managementGroups/${encodeURIComponent(managementGroup)}/descendants`;
  const found = subscriptionsIn(await rest.list(`${below}?api-version=2023-04-01`));
  if (found.length === 0)
    throw new DeployError(
      `The management group ${managementGroup} holds no subscription that you can see. Check LOCKWATCH_MANAGEMENT_GROUP, and that you hold Reader there.`,
    );
  return found;
}

/** The subscriptions below a management group, at any depth ("Management Groups - Get Descendants"). */
export function subscriptionsIn(descendants: readonly unknown[]): string[] {
  return descendants.flatMap((item) => {
    const isSubscription = /\/subscriptions$/i.test(textIn(item, 'type') ?? '');
    const name = textIn(item, 'name');
    return isSubscription && name !== undefined ? [name] : [];
  });
}
