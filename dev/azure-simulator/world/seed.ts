import { NOTHING_DEPLOYED } from '../../expected-deployment/deployment.ts';
import { guidOf } from './ids.ts';
import { makeEnvironment, makeGrant, makeKey, makePolicy, makeVault, readerRole } from './make.ts';
import { BUILT_IN_ROLES, CMK_DATA_ACTIONS, READER } from './roles.ts';
import { seedPeople } from './seed-people.ts';
import { withPeopleOfRights } from './seed-rights.ts';
import { currentVersion, type Policy, type Vault, type World } from './world.ts';

/** The policy that a scenario applies to when it names none. */
export const MAIN_POLICY = 'ep-finance';
const DAY_S = 86_400;
export const CUSTOM_ROLE = guidOf('role Contoso CMK Operator');
export const DECOY_VAULT = 'kv-contoso-web';

/**
 * Contoso: every form of the chain once. Roles at vault, key, resource group (by a group) and management
 * group; access policies; two policies on one vault; a pinned version; a Managed HSM; a policy without
 * environments; and resources that no policy uses. Lockwatch is not deployed yet (deploy.ts). For the
 * advisories: a key that expires in 10 days, one that rotates, a vault without purge protection, a lock on
 * the policies of the Americas.
 */
export function seedWorld(now: number): World {
  const tenantId = guidOf('tenant contoso');
  const eu = guidOf('subscription production');
  const us = guidOf('subscription americas');
  const legacy = guidOf('subscription legacy');
  const managementGroupId = '/providers/Microsoft.Management/managementGroups/contoso';
  const keysEu = { subscriptionId: eu, resourceGroup: 'rg-keys-eu', location: 'westeurope' };
  const keysUs = { subscriptionId: us, resourceGroup: 'rg-keys-us', location: 'eastus' };
  const policiesEu = { subscriptionId: eu, resourceGroup: 'rg-powerplatform', geo: 'europe' };
  const policiesUs = { subscriptionId: us, resourceGroup: 'rg-powerplatform-us', geo: 'unitedstates' };

  const finance = makeKey('kv-contoso-eu', 'cmk-finance', now, [200, 10]);
  const people = makeKey('kv-contoso-eu', 'cmk-people', now);
  currentVersion(people).exp = Math.floor(now / 1000) + 10 * DAY_S;
  finance.rotation = { timeAfterCreate: 'P180D', expiryTime: 'P2Y' };
  const sales = makeKey('kv-contoso-us', 'cmk-sales', now, [150]);
  const apps = makeKey('kv-contoso-apps', 'cmk-apps', now, [400, 120, 20]);
  const field = makeKey('kv-contoso-apps', 'cmk-field', now);
  const empty = makeKey('kv-contoso-apps', 'cmk-empty', now);
  const vaultEu = makeVault(keysEu, 'kv-contoso-eu', now, { keys: [finance, people] });
  const vaultUs = makeVault(keysUs, 'kv-contoso-us', now, {
    rbac: false,
    keys: [sales],
    softDeleteRetentionInDays: 14,
    purgeProtection: false,
  });
  const vaultApps = makeVault(
    { ...keysEu, resourceGroup: 'rg-keys-apps', location: 'northeurope' },
    'kv-contoso-apps',
    now,
    {
      keys: [apps, field, empty],
    },
  );
  const decoy = { purgeProtection: false, eventSubscription: false };
  const vaultWeb = makeVault({ ...keysEu, resourceGroup: 'rg-web' }, DECOY_VAULT, now, {
    ...decoy,
    keys: [makeKey(DECOY_VAULT, 'web-signing', now)],
  });
  const vaultLegacy = makeVault(
    { ...keysUs, subscriptionId: legacy, resourceGroup: 'rg-legacy' },
    'kv-legacy',
    now,
    decoy,
  );

  const hsmId = `/subscriptions/${us}/resourceGroups/rg-keys-us/providers/Microsoft.KeyVault/managedHSMs/hsm-contoso`;
  const policy = {
    finance: makePolicy(policiesEu, MAIN_POLICY, { vaultId: vaultEu.id, key: finance }),
    people: makePolicy(policiesEu, 'ep-people', { vaultId: vaultEu.id, key: people }),
    sales: makePolicy(policiesUs, 'ep-sales', { vaultId: vaultUs.id, key: sales }),
    apps: makePolicy(policiesEu, 'ep-apps', {
      vaultId: vaultApps.id,
      key: apps,
      version: apps.versions[1]?.id,
    }),
    field: makePolicy(policiesEu, 'ep-field', { vaultId: vaultApps.id, key: field }),
    empty: makePolicy(policiesEu, 'ep-empty', { vaultId: vaultApps.id, key: empty }),
    hsm: makePolicy(policiesUs, 'ep-hsm', { vaultId: hsmId, name: 'cmk-hsm' }),
    network: {
      ...makePolicy(policiesEu, 'ep-network', { vaultId: '' }),
      kind: 'NetworkInjection',
      keyStoreId: undefined,
    },
  } satisfies Record<string, Policy>;
  grantByAccessPolicy(vaultUs, policy.sales);

  const { people: persons, app } = seedPeople();
  const cmkGroup = {
    id: guidOf('group cmk identities'),
    name: 'grp-cmk-identities',
    members: [policy.apps.principalId],
  };
  const world: World = {
    tenantId,
    managementGroupId,
    app,
    deployed: structuredClone(NOTHING_DEPLOYED),
    topicsDeleted: [],
    people: persons,
    groups: [cmkGroup],
    subscriptions: [
      { id: eu, name: 'Contoso Production', watched: true, state: 'Enabled' },
      { id: us, name: 'Contoso Americas', watched: true, state: 'Enabled' },
      { id: legacy, name: 'Contoso Legacy', watched: false, state: 'Enabled' },
    ],
    resourceGroups: [
      ...['rg-powerplatform', 'rg-keys-eu', 'rg-keys-apps', 'rg-web'].map((name) => ({
        subscriptionId: eu,
        name,
        location: 'westeurope',
      })),
      ...['rg-powerplatform-us', 'rg-keys-us'].map((name) => ({
        subscriptionId: us,
        name,
        location: 'eastus',
      })),
      { subscriptionId: legacy, name: 'rg-legacy', location: 'eastus' },
    ],
    vaults: [vaultEu, vaultUs, vaultApps, vaultWeb, vaultLegacy],
    deletedVaults: [],
    policies: Object.values(policy),
    deletedPolicies: [],
    roleDefinitions: [
      ...structuredClone([...BUILT_IN_ROLES]),
      {
        id: CUSTOM_ROLE,
        name: 'Contoso CMK Operator',
        custom: true,
        description: 'What an enterprise policy may do with its key.',
        actions: [],
        notActions: [],
        dataActions: [...CMK_DATA_ACTIONS],
        notDataActions: [],
      },
    ],
    roleAssignments: [
      makeGrant(policy.finance, vaultEu.id, now),
      makeGrant(policy.people, `${vaultEu.id}/keys/${people.name}`, now, { roleId: CUSTOM_ROLE }),
      makeGrant(policy.apps, `/subscriptions/${eu}/resourceGroups/rg-keys-apps`, now, {
        principalId: cmkGroup.id,
        principalType: 'Group',
      }),
      makeGrant(policy.field, managementGroupId, now),
      makeGrant(policy.empty, `/subscriptions/${eu}`, now),
      ...persons.map((person) => ({
        id: guidOf(`owner ${person.key}`),
        scope: managementGroupId,
        principalId: person.objectId,
        createdAt: now,
        principalType: person.upn ? ('User' as const) : ('ServicePrincipal' as const),
        roleId: BUILT_IN_ROLES.find((role) => role.name === person.role)?.id ?? READER,
      })),
    ],
    eligibleAssignments: [],
    denyAssignments: [],
    locks: [
      {
        name: 'keep-policies',
        scope: `/subscriptions/${us}/resourceGroups/rg-powerplatform-us`,
        level: 'CanNotDelete',
        notes: 'Environments hang on these policies.',
      },
    ],
    environments: [
      makeEnvironment('Finance', 'Production', 'europe', policy.finance),
      makeEnvironment('Finance Reporting', 'Production', 'europe', policy.finance),
      makeEnvironment('Finance UAT', 'Sandbox', 'europe', policy.finance),
      makeEnvironment('Finance Makers', 'Developer', 'europe', policy.finance, false),
      makeEnvironment('People & Culture', 'Production', 'europe', policy.people),
      makeEnvironment('People Test', 'Sandbox', 'europe', policy.people),
      makeEnvironment('Sales Americas', 'Production', 'unitedstates', policy.sales),
      makeEnvironment('Sales Americas UAT', 'Sandbox', 'unitedstates', policy.sales),
      makeEnvironment('Sales Trial', 'Trial', 'unitedstates', policy.sales),
      makeEnvironment('Apps', 'Production', 'europe', policy.apps),
      makeEnvironment('Apps Test', 'Sandbox', 'europe', policy.apps),
      makeEnvironment('Field Service', 'Production', 'europe', policy.field),
      makeEnvironment('Field Service UAT', 'Sandbox', 'europe', policy.field),
      makeEnvironment('Treasury (HSM)', 'Production', 'unitedstates', policy.hsm),
      makeEnvironment('Contoso (default)', 'Default', 'europe'),
      makeEnvironment('Lunch Votes', 'Teams', 'europe', undefined, false),
    ],
    managementApplications: [app.clientId],
    powerPlatformRoles: [readerRole(app.objectId, `/tenants/${tenantId}`, now)],
  };
  return withPeopleOfRights(world, now);
}

function grantByAccessPolicy(vault: Vault, policy: Policy): void {
  vault.accessPolicies.push(
    { objectId: policy.principalId, keys: ['get', 'wrapKey', 'unwrapKey'] },
    {
      objectId: guidOf('group vault administrators'),
      keys: ['get', 'list', 'create', 'update', 'delete', 'recover'],
    },
  );
}
