import { sameId } from '../../../shared/azure/arm-id.ts';
import { lockOn } from '../scenarios/heed-locks.ts';
import { removePolicy } from '../scenarios/policies.ts';
import { policyId, resourceGroupId, vaultId } from '../world/ids.ts';
import { findKey, findVault, type Key, linkedEnvironments, type Vault, type World } from '../world/world.ts';
import { AUTHORIZATION_ROUTES } from './arm-authorization.ts';
import { keyBody, keyVersionBody, policyBody, vaultBody } from './arm-bodies.ts';
import { DELETED_VAULT_ROUTES, KEY_VAULT_APIS } from './arm-deleted-vaults.ts';
import { EVENT_SOURCE_ROUTES } from './arm-event-sources.ts';
import type { ArmRequest, ArmRoute } from './arm-route.ts';
import { SUBSCRIPTION_ROUTES } from './arm-subscriptions.ts';
import { page } from './paging.ts';
import { failure, type SimulatorAnswer } from './serve.ts';

const KEY_VAULT = { type: 'Microsoft.KeyVault/vaults', apiVersions: KEY_VAULT_APIS };
const POLICIES = {
  type: 'Microsoft.PowerPlatform/enterprisePolicies',
  apiVersions: /^2020-10-30(-preview)?$/,
};
const GROUP = '/subscriptions/([^/]+)/resourceGroups/([^/]+)';
const VAULT = `${GROUP}/providers/Microsoft\\.KeyVault/vaults/([^/]+)`;
const POLICY = 'providers/Microsoft\\.PowerPlatform/enterprisePolicies';
const whole = (match: RegExpExecArray) => match[0];
const subscription = (match: RegExpExecArray) => `/subscriptions/${match[1]}`;
const group = (match: RegExpExecArray) => resourceGroupId(match[1] ?? '', match[2] ?? '');

export const ARM_ROUTES: readonly ArmRoute[] = [
  ...AUTHORIZATION_ROUTES,
  ...EVENT_SOURCE_ROUTES,
  ...DELETED_VAULT_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  {
    ...POLICIES,
    method: 'GET',
    path: exactly(`/subscriptions/([^/]+)/${POLICY}`),
    action: 'Microsoft.PowerPlatform/enterprisePolicies/read',
    scope: subscription,
    answer: (asked) => policyList(asked, (policy) => policy.subscriptionId === asked.match[1]?.toLowerCase()),
  },
  {
    ...POLICIES,
    method: 'GET',
    path: exactly(`${GROUP}/${POLICY}`),
    action: 'Microsoft.PowerPlatform/enterprisePolicies/read',
    scope: group,
    answer: (asked) =>
      missingGroup(asked) ??
      policyList(asked, (policy) =>
        sameId(resourceGroupId(policy.subscriptionId, policy.resourceGroup), group(asked.match)),
      ),
  },
  {
    ...POLICIES,
    method: 'GET',
    path: exactly(`${GROUP}/${POLICY}/([^/]+)`),
    action: 'Microsoft.PowerPlatform/enterprisePolicies/read',
    scope: whole,
    answer(asked) {
      const policy = findPolicy(asked);
      if (policy) return { status: 200, body: policyBody(policy, asked.world.tenantId) };
      return missingGroup(asked) ?? notFound('Microsoft.PowerPlatform/enterprisePolicies', asked.match);
    },
  },
  {
    ...POLICIES,
    method: 'DELETE',
    path: exactly(`${GROUP}/${POLICY}/([^/]+)`),
    action: 'Microsoft.PowerPlatform/enterprisePolicies/delete',
    scope: whole,
    answer: deletePolicy,
  },
  {
    ...KEY_VAULT,
    method: 'GET',
    path: exactly('/subscriptions/([^/]+)/providers/Microsoft\\.KeyVault/vaults'),
    action: 'Microsoft.KeyVault/vaults/read',
    scope: subscription,
    answer({ world, match, request, pageSize }) {
      const found = world.vaults.filter((vault) => vault.subscriptionId === match[1]?.toLowerCase());
      return page(
        found.map((vault) => vaultBody(vault, world.tenantId)),
        request,
        pageSize,
      );
    },
  },
  {
    ...KEY_VAULT,
    method: 'GET',
    path: exactly(VAULT),
    action: 'Microsoft.KeyVault/vaults/read',
    scope: whole,
    answer: (asked) =>
      withVault(asked, (vault) => ({ status: 200, body: vaultBody(vault, asked.world.tenantId) })),
  },
  {
    ...KEY_VAULT,
    type: 'Microsoft.KeyVault/vaults/keys',
    method: 'GET',
    path: exactly(`${VAULT}/keys/([^/]+)`),
    action: 'Microsoft.KeyVault/vaults/keys/read',
    scope: whole,
    answer: (asked) => withKey(asked, (vault, key) => ({ status: 200, body: keyBody(vault, key) })),
  },
  {
    ...KEY_VAULT,
    type: 'Microsoft.KeyVault/vaults/keys/versions',
    method: 'GET',
    path: exactly(`${VAULT}/keys/([^/]+)/versions`),
    action: 'Microsoft.KeyVault/vaults/keys/versions/read',
    scope: whole,
    answer: (asked) =>
      withKey(asked, (vault, key) => {
        const items = key.versions.map((version) => keyVersionBody(vault, key, version, asked.keyListDetail));
        return page(items, asked.request, asked.pageSize);
      }),
  },
  {
    ...KEY_VAULT,
    type: 'Microsoft.KeyVault/vaults/keys/versions',
    method: 'GET',
    path: exactly(`${VAULT}/keys/([^/]+)/versions/([^/]+)`),
    action: 'Microsoft.KeyVault/vaults/keys/versions/read',
    scope: whole,
    answer: (asked) =>
      withKey(asked, (vault, key) => {
        const version = key.versions.find((candidate) => candidate.id === asked.match[5]?.toLowerCase());
        if (version) return { status: 200, body: keyVersionBody(vault, key, version, 'full') };
        return failure(
          404,
          'KeyNotFound',
          `The key version '${asked.match[5]}' was not found in this key vault.`,
        );
      }),
  },
];

function policyList(
  asked: ArmRequest,
  include: (policy: World['policies'][number]) => boolean,
): SimulatorAnswer {
  const items = asked.world.policies
    .filter(include)
    .map((policy) => policyBody(policy, asked.world.tenantId));
  return page(items, asked.request, asked.pageSize);
}

function findPolicy({ world, match }: ArmRequest): World['policies'][number] | undefined {
  const [, subscriptionId = '', resourceGroup = '', name = ''] = match;
  return world.policies.find((policy) => sameId(policy.id, policyId(subscriptionId, resourceGroup, name)));
}

async function deletePolicy(asked: ArmRequest): Promise<SimulatorAnswer> {
  const draft = structuredClone(asked.world);
  const policy = findPolicy({ ...asked, world: draft });
  if (!policy) return { status: 204 };
  const linked = linkedEnvironments(draft, policy.id);
  if (linked.length > 0)
    return failure(
      400,
      'EnterprisePolicyDeleteNotAllowed',
      `The enterprise policy '${policy.name}' can't be deleted: ${linked.length} environments link to it.`,
    );
  const lock = lockOn(draft, policy.id);
  if (lock)
    return failure(
      409,
      'ScopeLocked',
      `The scope '${policy.id}' cannot perform delete operation because following scope(s) are locked: '${lock.scope}'.`,
    );
  const outcome = removePolicy(draft, policy);
  const actor = draft.people.find((person) => person.objectId === asked.caller.objectId);
  if (!actor) return failure(403, 'AuthorizationFailed', 'Only people of this tenant delete policies.');
  await asked.state.apply('DELETE enterprisePolicies', draft, outcome, actor);
  return { status: 200, body: {} };
}

/** The vault with its permissions and network as propagated so far. */
function withVault(asked: ArmRequest, answer: (vault: Vault) => SimulatorAnswer): SimulatorAnswer {
  const [, subscriptionId = '', resourceGroup = '', name = ''] = asked.match;
  const id = vaultId(subscriptionId, resourceGroup, name);
  const vault = findVault(asked.world, id);
  if (!vault) return missingGroup(asked) ?? notFound('Microsoft.KeyVault/vaults', asked.match);
  const { rbac, accessPolicies, network } = findVault(asked.propagated, id) ?? vault;
  return answer({ ...vault, rbac, accessPolicies, network });
}

function withKey(asked: ArmRequest, answer: (vault: Vault, key: Key) => SimulatorAnswer): SimulatorAnswer {
  return withVault(asked, (vault) => {
    const key = findKey(vault, asked.match[4]);
    if (key) return answer(vault, key);
    return failure(
      404,
      'KeyNotFound',
      `A key with (name/id) ${asked.match[4]} was not found in this key vault.`,
    );
  });
}

function missingGroup({ world, match }: ArmRequest): SimulatorAnswer | undefined {
  const exists = world.resourceGroups.some((entry) =>
    sameId(resourceGroupId(entry.subscriptionId, entry.name), group(match)),
  );
  return exists
    ? undefined
    : failure(404, 'ResourceGroupNotFound', `Resource group '${match[2]}' could not be found.`);
}

function notFound(type: string, match: RegExpExecArray): SimulatorAnswer {
  return failure(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${match[3]}' under resource group '${match[2]}' was not found. For more details please go ` +
      'to https://aka.ms/ARMResourceNotFoundFix',
  );
}

function exactly(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, 'i');
}
