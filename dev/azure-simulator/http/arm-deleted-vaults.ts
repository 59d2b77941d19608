import { deletedVaultBody } from './arm-bodies.ts';
import type { ArmRoute } from './arm-route.ts';
import { page } from './paging.ts';
import { failure } from './serve.ts';

export const KEY_VAULT_APIS = /^(2026-02-01|2025-05-01|2024-11-01|2023-07-01|2023-02-01|2022-07-01)$/;
const DELETED = {
  type: 'Microsoft.KeyVault/deletedVaults',
  apiVersions: KEY_VAULT_APIS,
  method: 'GET' as const,
};
const subscription = (match: RegExpExecArray) => `/subscriptions/${match[1]}`;

/**
 * Soft-deleted vaults: all of a subscription, or one by its region and name ("Vaults - List Deleted", "- Get
 * Deleted").
 */
export const DELETED_VAULT_ROUTES: readonly ArmRoute[] = [
  {
    ...DELETED,
    path: /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.KeyVault\/deletedVaults$/i,
    action: 'Microsoft.KeyVault/deletedVaults/read',
    scope: subscription,
    answer({ world, match, request, pageSize }) {
      const found = world.deletedVaults.filter(
        ({ vault }) => vault.subscriptionId === match[1]?.toLowerCase(),
      );
      return page(found.map(deletedVaultBody), request, pageSize);
    },
  },
  {
    ...DELETED,
    path: /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.KeyVault\/locations\/([^/]+)\/deletedVaults\/([^/]+)$/i,
    action: 'Microsoft.KeyVault/locations/deletedVaults/read',
    scope: subscription,
    answer({ world, match }) {
      const [, subscriptionId = '', location = '', name = ''] = match.map((part) => part.toLowerCase());
      const found = world.deletedVaults.find(
        ({ vault }) =>
          vault.subscriptionId === subscriptionId &&
          vault.location === location.replaceAll(' ', '') &&
          vault.name.toLowerCase() === name,
      );
      if (found) return { status: 200, body: deletedVaultBody(found) };
      return failure(
        404,
        'DeletedVaultNotFound',
        `The specified deleted vault '${match[3]}' does not exist.`,
      );
    },
  },
];
