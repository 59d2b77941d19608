import fc from 'fast-check';
import { guidOf, resourceGroupId } from '../../dev/azure-simulator/world/ids.ts';
import { ALL_KEY_OPERATIONS, makeKey, makePolicy, makeVault } from '../../dev/azure-simulator/world/make.ts';
import {
  CMK_DATA_ACTIONS,
  CRYPTO_SERVICE_ENCRYPTION_USER,
  READER,
} from '../../dev/azure-simulator/world/roles.ts';
import { CUSTOM_ROLE, seedWorld } from '../../dev/azure-simulator/world/seed.ts';
import type { Vault, World } from '../../dev/azure-simulator/world/world.ts';

/** When the first reading is made. */
export const START = Date.parse('2026-11-20T10:00:00.000Z');
const DAY_MS = 86_400_000;
export const OTHER_TENANT = guidOf('tenant fabrikam');
const OTHER_PRINCIPAL = guidOf('principal of somebody else');
export const EVERYBODY = '00000000-0000-0000-0000-000000000000';
export const ROLES = [
  CRYPTO_SERVICE_ENCRYPTION_USER,
  '12338af0-0e69-4776-bea7-57ae8d297424',
  CUSTOM_ROLE,
  READER,
];

export const network = fc.record({
  publicNetworkAccess: fc.constantFrom('Enabled', 'Disabled', 'SecuredByPerimeter'),
  defaultAction: fc.constantFrom('Allow', 'Deny'),
  bypass: fc.constantFrom('AzureServices', 'None'),
});
export const keyOperations: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>([...ALL_KEY_OPERATIONS]),
  fc.subarray([...ALL_KEY_OPERATIONS], { minLength: 1 }),
);
/** Whole seconds, as Key Vault keeps them. */
export const date = fc
  .integer({ min: -40, max: 40 })
  .map((days) => new Date(START + days * DAY_MS + 60_000).toISOString());
export const keyPermissions: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>(['get', 'wrapkey', 'unwrapkey']),
  fc.subarray(['get', 'wrapkey', 'unwrapkey', 'list']),
  fc.constant<string[]>(['all']),
);
/** Data actions of a role; those of other services and other keys' operations grant nothing. */
export const dataActions: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>([...CMK_DATA_ACTIONS]),
  fc.subarray([...CMK_DATA_ACTIONS, 'Microsoft.KeyVault/vaults/secrets/getSecret/action']),
  fc.constant<string[]>(['Microsoft.KeyVault/vaults/keys/*']),
);
/** Where something is granted: at the chain's own scopes, and at a key beside it. */
export const place = fc.constantFrom('vault', 'key', 'otherKey', 'group', 'subscription', 'managementGroup');
/** To whom. */
export const holder = fc.constantFrom('identity', 'identity', 'group', 'other');
export const index = fc.nat(7);

const vaultPlan = fc.record({
  rbac: fc.boolean(),
  network,
  isOpen: fc.boolean(),
  purgeProtection: fc.boolean(),
  retention: fc.constantFrom(7, 14, 90),
  isOfOtherTenant: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  versions: fc.array(
    fc.record({
      enabled: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
      keyOps: keyOperations,
      notBefore: fc.option(date, { freq: 3 }),
      expires: fc.option(date, { freq: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  entries: fc.array(fc.record({ policy: index, to: holder, keys: keyPermissions }), { maxLength: 3 }),
});

/** Up to two vaults, up to three policies on them, and rights of every kind. */
export const worldPlan = fc.record({
  vaults: fc.array(vaultPlan, { minLength: 1, maxLength: 2 }),
  policies: fc.array(fc.record({ vault: index, pinned: fc.option(index) }), { minLength: 1, maxLength: 3 }),
  grants: fc.array(fc.record({ policy: index, to: holder, at: place, role: fc.constantFrom(...ROLES) }), {
    maxLength: 5,
  }),
  denials: fc.array(fc.record({ policy: index, isForAll: fc.boolean(), at: place, actions: dataActions }), {
    maxLength: 1,
  }),
  locks: fc.array(fc.record({ vault: index, at: fc.constantFrom('vault', 'group', 'subscription') }), {
    maxLength: 1,
  }),
  customRole: dataActions,
});
export type WorldPlan = typeof worldPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** The `n`th, counted round: any number names one of them. */
export function nth<T>(list: readonly T[], n: number): T {
  const found = list[n % Math.max(1, list.length)];
  if (found === undefined) throw new Error('There is nothing to choose from.');
  return found;
}

/** The group that a policy's identity belongs to. */
const groupOf = (principalId: string) => guidOf(`group of ${principalId}`);

export function principalOf(to: 'identity' | 'group' | 'other', principalId: string) {
  if (to === 'other') return { principalId: OTHER_PRINCIPAL, principalType: 'ServicePrincipal' as const };
  return to === 'group'
    ? { principalId: groupOf(principalId), principalType: 'Group' as const }
    : { principalId, principalType: 'ServicePrincipal' as const };
}

export function scopeOf(
  world: World,
  at: 'vault' | 'key' | 'otherKey' | 'group' | 'subscription' | 'managementGroup',
  vault: Pick<Vault, 'id' | 'subscriptionId' | 'resourceGroup' | 'name'>,
): string {
  switch (at) {
    case 'vault':
      return vault.id;
    case 'key':
      return `${vault.id}/keys/cmk`;
    case 'otherKey':
      return `${vault.id}/keys/cmk-2`;
    case 'group':
      return resourceGroupId(vault.subscriptionId, vault.resourceGroup);
    case 'subscription':
      return `/subscriptions/${vault.subscriptionId}`;
    case 'managementGroup':
      return world.managementGroupId;
  }
}

export function worldOf(plan: WorldPlan): World {
  const seeded = seedWorld(START);
  const subscriptionId = seeded.subscriptions[0]?.id ?? '';
  const vaults = plan.vaults.map((one, n): Vault => {
    const name = `kv-${n}`;
    const ages = one.versions.map((_, m) => (one.versions.length - m) * 10);
    const key = makeKey(name, 'cmk', START, ages);
    for (const [m, { enabled, keyOps, notBefore, expires }] of one.versions.entries()) {
      const dates = {
        ...(notBefore === null ? {} : { nbf: Date.parse(notBefore) / 1000 }),
        ...(expires === null ? {} : { exp: Date.parse(expires) / 1000 }),
      };
      Object.assign(key.versions[m] ?? {}, { enabled, keyOps: [...keyOps], ...dates });
    }
    const place = { subscriptionId, resourceGroup: `rg-${n}`, location: 'westeurope' };
    return makeVault(place, name, START, {
      rbac: one.rbac,
      keys: [key, makeKey(name, 'cmk-2', START)],
      purgeProtection: one.purgeProtection,
      softDeleteRetentionInDays: one.retention,
      ...(one.isOpen ? {} : { network: { ...one.network, ipRules: [] } as Vault['network'] }),
      ...(one.isOfOtherTenant ? { tenantId: OTHER_TENANT } : {}),
    });
  });
  const policies = plan.policies.map(({ vault: n, pinned }, m) => {
    const vault = nth(vaults, n);
    const key = nth(vault.keys, 0);
    const version = pinned === null ? undefined : nth(key.versions, pinned).id;
    const at = { subscriptionId, resourceGroup: 'rg-policies', geo: 'europe' };
    return makePolicy(at, `ep-${m}`, { vaultId: vault.id, key, version });
  });
  const vaultOf = (n: number) =>
    nth(
      vaults.filter(({ id }) => id === nth(policies, n).keyStoreId),
      0,
    );
  for (const [n, { entries }] of plan.vaults.entries())
    for (const { policy, to, keys } of entries) {
      const { principalId: objectId } = principalOf(to, nth(policies, policy).principalId);
      const { accessPolicies } = nth(vaults, n);
      if (accessPolicies.every((entry) => entry.objectId !== objectId))
        accessPolicies.push({ objectId, keys });
    }
  const world: World = {
    ...seeded,
    vaults,
    policies,
    environments: [],
    resourceGroups: ['rg-0', 'rg-1', 'rg-policies'].map((name) => ({
      subscriptionId,
      name,
      location: 'westeurope',
    })),
    groups: policies.map(({ principalId }) => ({
      id: groupOf(principalId),
      name: 'identities',
      members: [principalId],
    })),
  };
  world.roleAssignments = plan.grants.map(({ policy, to, at, role }, n) => ({
    id: guidOf(`grant ${n}`),
    scope: scopeOf(world, at, vaultOf(policy)),
    ...principalOf(to, nth(policies, policy).principalId),
    roleId: role,
    createdAt: START,
  }));
  world.denyAssignments = plan.denials.map(({ policy, isForAll, at, actions }, n) => ({
    id: guidOf(`denial of the world ${n}`),
    name: `denial ${n}`,
    scope: scopeOf(world, at, vaultOf(policy)),
    principalId: isForAll ? EVERYBODY : nth(policies, policy).principalId,
    dataActions: [...actions],
  }));
  world.locks = plan.locks.map(({ vault, at }) => ({
    name: 'keep',
    scope: scopeOf(world, at as 'vault', nth(vaults, vault)),
    level: 'CanNotDelete',
    notes: '',
  }));
  for (const role of world.roleDefinitions)
    if (role.id === CUSTOM_ROLE) role.dataActions = [...plan.customRole];
  return world;
}
