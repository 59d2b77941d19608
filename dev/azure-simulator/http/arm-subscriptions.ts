import { mayRead } from '../world/access.ts';
import type { World } from '../world/world.ts';
import type { ArmRoute } from './arm-route.ts';
import { page } from './paging.ts';
import { failure } from './serve.ts';

const SUBSCRIPTIONS = {
  type: 'Microsoft.Resources/subscriptions',
  apiVersions: /^(2022-12-01|2021-01-01|2020-01-01)$/,
  method: 'GET' as const,
  action: 'Microsoft.Resources/subscriptions/read',
};

/** Subscriptions REST: List, which leaves out what the caller may not read, and Get. */
export const SUBSCRIPTION_ROUTES: readonly ArmRoute[] = [
  {
    ...SUBSCRIPTIONS,
    path: /^\/subscriptions$/i,
    scope: undefined,
    answer({ world, propagated, caller, request, pageSize }) {
      const readable = world.subscriptions.filter(({ id }) =>
        mayRead(propagated, caller.objectId, SUBSCRIPTIONS.action, `/subscriptions/${id}`),
      );
      return page(
        readable.map((one) => bodyOf(one, world)),
        request,
        pageSize,
      );
    },
  },
  {
    ...SUBSCRIPTIONS,
    path: /^\/subscriptions\/([^/]+)$/i,
    scope: (match) => `/subscriptions/${match[1]}`,
    answer({ world, match }) {
      const found = world.subscriptions.find(({ id }) => id === match[1]?.toLowerCase());
      if (found) return { status: 200, body: bodyOf(found, world) };
      return failure(404, 'SubscriptionNotFound', `The subscription '${match[1]}' could not be found.`);
    },
  },
  {
    ...SUBSCRIPTIONS,
    type: 'Microsoft.Resources/providers',
    apiVersions: /^2021-04-01$/,
    action: 'Microsoft.Resources/subscriptions/providers/read',
    path: /^\/subscriptions\/([^/]+)\/providers\/(Microsoft\.\w+)$/i,
    scope: (match) => `/subscriptions/${match[1]}`,
    answer({ world, match }) {
      const [, id = '', namespace = ''] = match;
      const found = world.subscriptions.find((one) => one.id === id.toLowerCase());
      const missing = found?.unregistered?.some((one) => one.toLowerCase() === namespace.toLowerCase());
      const registrationState = missing ? 'NotRegistered' : 'Registered';
      return { status: 200, body: { id: match[0], namespace, registrationState } };
    },
  },
];

function bodyOf({ id, name, state }: World['subscriptions'][number], { tenantId }: World): object {
  return { id: `/subscriptions/${id}`, subscriptionId: id, displayName: name, state, tenantId };
}
