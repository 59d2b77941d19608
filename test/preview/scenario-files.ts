import { CUSTOM_ROLE } from '../../dev/azure-simulator/world/seed.ts';
import { chainIds, type PreviewChain } from '../../shared/preview/chain.ts';
import {
  deleted,
  GRANT_VALUES,
  KEY_VALUES,
  modified,
  planned,
  ROLE,
  sets,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

/** The changes of a file, made of what a reading shows. A text says why the tool can't express the scenario. */
type Changes = ((chain: PreviewChain, now: string) => object[]) | string;
export interface ScenarioFiles {
  policy: string;
  /** Scenarios that come first, of which this one is the undoing. */
  after?: string;
  whatIf: Changes;
  terraform: Changes;
  /** What the preview says where it is not the verdict that comes: it never says less than that. */
  says?: 'unknown' | 'refused' | 'goesDown' | 'fine';
}

const NO_KEY_CHANGE = 'a template makes a key that is not there, and never changes one that is';
const STACKS = 'nobody writes a deny assignment directly: deployment stacks and managed applications do';
const NO_ENABLED = 'azurerm_key_vault_key has no `enabled`, and a template never changes a key';
const RECOVERS = 'a plan shows that something is made, not that Azure recovers what was deleted';
const MOVES = 'a move is an operation of its own; a plan deletes, and makes anew elsewhere';
const POWER_PLATFORM = 'Power Platform does it: no plan of Azure resources names it';
const NOT_OF_THE_CHAIN = 'it changes nothing that the use of the key depends on';
const NOTHING_PLANNED = 'nothing that a plan could name changes';

/** The scenarios that neither tool can express, and why. */
export const IN_NO_FILE: Readonly<Record<string, string>> = {
  'deny-assignment-added': STACKS,
  'deny-assignment-removed': STACKS,
  'undo-deny-assignment-added': STACKS,
  'key-disabled': NO_ENABLED,
  'undo-key-disabled': NO_ENABLED,
  'key-version-disabled': NO_ENABLED,
  'undo-key-version-disabled': NO_ENABLED,
  'rotate-key': 'Key Vault rotates by its own policy: a plan names no version that is made later',
  'undo-key-deleted': RECOVERS,
  'undo-vault-deleted': RECOVERS,
  'undo-resource-group-deleted': RECOVERS,
  'undo-policy-deleted': RECOVERS,
  'vault-moved': MOVES,
  'undo-vault-moved': MOVES,
  'resources-moved': MOVES,
  'environment-linked': POWER_PLATFORM,
  'environment-unlinked': POWER_PLATFORM,
  'environment-deleted': POWER_PLATFORM,
  'undo-environment-deleted': POWER_PLATFORM,
  'reenable-environment': POWER_PLATFORM,
  locked: NOTHING_PLANNED,
  'undo-locked': NOTHING_PLANNED,
  'environments-disabled': POWER_PLATFORM,
  'undo-environments-disabled': POWER_PLATFORM,
  'policy-unhealthy': POWER_PLATFORM,
  'undo-policy-unhealthy': POWER_PLATFORM,
  'unwraps-refused': NOTHING_PLANNED,
  'undo-unwraps-refused': NOTHING_PLANNED,
  'use-key': NOTHING_PLANNED,
  'subscription-disabled': 'Microsoft does it; a subscription that a plan cancels is not judged',
  'undo-subscription-disabled': 'Microsoft does it',
  ...Object.fromEntries(
    [
      'reader-revoked',
      'reader-granted',
      'undo-reader-revoked',
      'audit-log-off',
      'audit-log-off-by-vault',
      'audit-log-on',
      'event-subscription-deleted',
      'undo-event-subscription-deleted',
      'audit-hub-deleted',
      'undo-audit-hub-deleted',
      'token-refused',
      'token-refused-and-cached',
      'undo-token-refused',
      'environment-reader-revoked',
      'undo-environment-reader-revoked',
      'environment-registration-revoked',
      'undo-environment-registration-revoked',
      'environment-role-revoked',
      'undo-environment-role-revoked',
      'environment-role-on-group',
      'undo-environment-role-on-group',
      'environment-role-on-one',
      'undo-environment-role-on-one',
    ].map((name) => [name, NOT_OF_THE_CHAIN]),
  ),
};

const idsOf = (chain: PreviewChain) => {
  const { vaultId = '', keyName = '', principalId = '' } = chainIds(chain);
  return { vaultId, keyName, principalId, groupId: vaultId.split('/').slice(0, 5).join('/') };
};
const vaultFactOf = ({ facts: { vault } }: PreviewChain) =>
  vault.state === 'known' ? vault.value : undefined;

/** The vault as Terraform's state has it. */
function vaultValues(chain: PreviewChain) {
  const vault = vaultFactOf(chain);
  const { publicNetworkAccess, defaultAction = 'Allow', bypass = 'AzureServices' } = vault?.network ?? {};
  return {
    ...VAULT_VALUES,
    id: idsOf(chain).vaultId,
    tenant_id: vault?.tenantId,
    public_network_access_enabled: publicNetworkAccess !== 'Disabled',
    network_acls: [{ bypass, default_action: defaultAction, ip_rules: [] }],
    rbac_authorization_enabled: vault?.rbac,
    purge_protection_enabled: vault?.purgeProtection ?? false,
  };
}
const ofVault =
  (change: object): Changes =>
  (chain) => [updated('azurerm_key_vault', vaultValues(chain), change)];

/** The version in use, as Terraform's state has it. */
function keyValues(chain: PreviewChain) {
  const { vaultId, keyName } = idsOf(chain);
  const { key } = chain.facts;
  const version = key.state === 'known' ? key.value.versions[0] : undefined;
  return {
    ...KEY_VALUES,
    key_vault_id: vaultId,
    name: keyName,
    version: version?.version,
    key_opts: version?.keyOps,
    not_before_date: version?.notBefore ?? null,
    expiration_date: version?.expires ?? null,
  };
}
const ofKey =
  (change: (now: string) => object): Changes =>
  (chain, now) => [updated('azurerm_key_vault_key', keyValues(chain), change(now))];
const inDays = (now: string, days: number) =>
  `${new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 19)}Z`;

/** The assignments of the policy's identity, as each tool names them. */
const grantsOf = ({ facts: { permission } }: PreviewChain) =>
  permission.state === 'known' ? permission.value.grants : [];
const aNewGrant = (chain: PreviewChain) => {
  const { vaultId: scope, principalId: principal_id } = idsOf(chain);
  return { ...GRANT_VALUES, scope, principal_id, id: undefined, role_definition_id: undefined };
};
const madeGrant: Pick<ScenarioFiles, 'whatIf' | 'terraform'> = {
  whatIf: (chain) => {
    const { vaultId, principalId } = idsOf(chain);
    const roleDefinitionId = `/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`;
    return [
      {
        resourceId: `${vaultId}/providers/Microsoft.Authorization/roleAssignments/77777777-0000-4000-8000-000000000000`,
        changeType: 'Create',
        after: { properties: { principalId, principalType: 'ServicePrincipal', roleDefinitionId } },
      },
    ];
  },
  terraform: (chain) => [
    planned('azurerm_role_assignment', ['create'], { after: aNewGrant(chain), unknown: { id: true } }),
  ],
};

const CMK = ['read', 'wrap/action', 'unwrap/action'].map((verb) => `Microsoft.KeyVault/vaults/keys/${verb}`);
const customRole = (before: string[], after: string[]): Pick<ScenarioFiles, 'whatIf' | 'terraform'> => ({
  whatIf: (chain) => {
    const scope = idsOf(chain).vaultId.split('/').slice(0, 3).join('/');
    const permissions = [{ actions: [], dataActions: after, notDataActions: [] }];
    const entry = (dataAction: string, n: number) =>
      after.length < before.length
        ? { path: `${n}`, propertyChangeType: 'Delete', before: dataAction }
        : { path: `${n}`, propertyChangeType: 'Create', after: dataAction };
    const listed = (path: string, children: object[]) => ({ path, propertyChangeType: 'Array', children });
    const dataActions = listed('dataActions', [entry(CMK[2] ?? '', 2)]);
    const changed = { path: '0', propertyChangeType: 'Modify', children: [dataActions] };
    return [
      {
        ...modified(`${scope}/providers/Microsoft.Authorization/roleDefinitions/${CUSTOM_ROLE}`, [
          { path: 'properties', propertyChangeType: 'Modify', children: [listed('permissions', [changed])] },
        ]),
        after: { properties: { roleName: 'Contoso CMK Operator', permissions } },
      },
    ];
  },
  terraform: () => {
    const permissions = (data_actions: string[]) => [{ actions: [], data_actions, not_data_actions: [] }];
    const values = { role_definition_id: CUSTOM_ROLE, permissions: permissions(before) };
    return [updated('azurerm_role_definition', values, { permissions: permissions(after) })];
  },
});

const network = (
  policy: string,
  [publicNetworkAccess, defaultAction, bypass]: readonly [string, string, string],
  after?: string,
): ScenarioFiles => ({
  policy,
  ...(after === undefined ? {} : { after }),
  whatIf: (chain) => {
    const { network: rules } = vaultFactOf(chain) ?? {};
    return [
      modified(idsOf(chain).vaultId, [
        {
          path: 'properties',
          propertyChangeType: 'Modify',
          children: [
            sets('publicNetworkAccess', rules?.publicNetworkAccess, publicNetworkAccess),
            {
              path: 'networkAcls',
              propertyChangeType: 'Modify',
              children: [
                sets('defaultAction', rules?.defaultAction, defaultAction),
                sets('bypass', rules?.bypass, bypass),
              ],
            },
          ],
        },
      ]),
    ];
  },
  terraform: ofVault({
    public_network_access_enabled: publicNetworkAccess === 'Enabled',
    network_acls: [{ bypass, default_action: defaultAction, ip_rules: ['203.0.113.0/24'] }],
  }),
});
const OPEN = ['Enabled', 'Allow', 'AzureServices'] as const;

const model = (rbac: boolean, after?: string): ScenarioFiles => ({
  policy: 'ep-finance',
  ...(after === undefined ? {} : { after }),
  whatIf: (chain) => [
    modified(idsOf(chain).vaultId, [sets('properties.enableRbacAuthorization', !rbac, rbac)]),
  ],
  terraform: ofVault({ rbac_authorization_enabled: rbac }),
});

const OTHER_TENANT = '99999999-0000-4000-8000-000000000000';
const tenant = (to: (chain: PreviewChain) => string | undefined, after?: string): ScenarioFiles => ({
  policy: 'ep-finance',
  ...(after === undefined ? {} : { after }),
  whatIf: (chain) => [
    modified(idsOf(chain).vaultId, [sets('properties.tenantId', vaultFactOf(chain)?.tenantId, to(chain))]),
  ],
  terraform: (chain) => [updated('azurerm_key_vault', vaultValues(chain), { tenant_id: to(chain) })],
});
const ownTenant = ({ facts: { policy } }: PreviewChain) =>
  policy.state === 'known' ? policy.value.tenantId : undefined;

const removed = (resourceId: string) => [{ resourceId, changeType: 'Delete', before: {} }];
const associationOf = (chain: PreviewChain) =>
  `${idsOf(chain).groupId}/providers/Microsoft.Network/networkSecurityPerimeters/nsp/resourceAssociations/kv`;
const perimeterBody = (chain: PreviewChain) => ({
  properties: { privateLinkResource: { id: idsOf(chain).vaultId }, accessMode: 'Enforced' },
});
const lockOf = ({ facts: { protection } }: PreviewChain) =>
  protection?.policyLocks.state === 'known' ? (protection.policyLocks.value[0]?.id ?? '') : '';

/** Every other scenario, as each tool writes it. */
export const IN_FILES: Readonly<Record<string, ScenarioFiles>> = {
  'permissions-revoked': {
    policy: 'ep-permissions-revoked',
    whatIf: (chain) => grantsOf(chain).flatMap(({ id }) => removed(id)),
    terraform: (chain) =>
      grantsOf(chain).map(({ id, scope }) =>
        deleted('azurerm_role_assignment', { ...GRANT_VALUES, id, scope }),
      ),
  },
  'permissions-revoked, of access policies': {
    policy: 'ep-sales',
    whatIf: (chain) => {
      const taken = {
        objectId: idsOf(chain).principalId,
        permissions: { keys: ['get', 'wrapKey', 'unwrapKey'] },
      };
      const children = [{ path: '0', propertyChangeType: 'Delete', before: taken }];
      const list = { path: 'properties.accessPolicies', propertyChangeType: 'Array', children };
      return [modified(idsOf(chain).vaultId, [list])];
    },
    terraform: (chain) => {
      const entry = (object_id: string) => ({ object_id, key_permissions: ['Get', 'WrapKey', 'UnwrapKey'] });
      const values = {
        ...vaultValues(chain),
        access_policy: [entry(idsOf(chain).principalId), entry(CUSTOM_ROLE)],
      };
      return [updated('azurerm_key_vault', values, { access_policy: [entry(CUSTOM_ROLE)] })];
    },
  },
  'grant-permissions': { policy: 'ep-finance', after: 'permissions-revoked', ...madeGrant },
  'undo-permissions-revoked': {
    policy: 'ep-permissions-revoked',
    after: 'permissions-revoked',
    ...madeGrant,
  },
  'custom-role-edited': { policy: 'ep-people', ...customRole(CMK, CMK.slice(0, 2)) },
  'undo-custom-role-edited': {
    policy: 'ep-people',
    after: 'custom-role-edited',
    ...customRole(CMK.slice(0, 2), CMK),
  },
  'permission-model-flipped': model(false),
  'undo-permission-model-flipped': model(true, 'permission-model-flipped'),
  'key-not-yet-active': {
    policy: 'ep-key-not-yet-active',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey((now) => ({ not_before_date: inDays(now, 7) })),
  },
  'undo-key-not-yet-active': {
    policy: 'ep-key-not-yet-active',
    after: 'key-not-yet-active',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey(() => ({ not_before_date: null })),
  },
  'key-unusable': {
    policy: 'ep-key-unusable',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey(() => ({ key_opts: ['encrypt', 'decrypt', 'sign', 'verify'] })),
  },
  'undo-key-unusable': {
    policy: 'ep-key-unusable',
    after: 'key-unusable',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey(() => ({ key_opts: KEY_VALUES.key_opts })),
  },
  'key-expired': {
    policy: 'ep-key-expired',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey((now) => ({ expiration_date: inDays(now, 0) })),
  },
  'undo-key-expired': {
    policy: 'ep-key-expired',
    after: 'key-expired',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey((now) => ({ expiration_date: inDays(now, 365) })),
  },
  'near-expiry': {
    policy: 'ep-key-expired',
    whatIf: NO_KEY_CHANGE,
    terraform: ofKey((now) => ({ expiration_date: inDays(now, 29) })),
  },
  'key-recreated': {
    policy: 'ep-key-deleted',
    whatIf: NO_KEY_CHANGE,
    terraform: (chain) => {
      const values = keyValues(chain);
      const both = { before: values, after: { ...values, key_size: 2048 } };
      return [planned('azurerm_key_vault_key', ['delete', 'create'], both)];
    },
  },
  'key-deleted': {
    policy: 'ep-key-deleted',
    whatIf: NO_KEY_CHANGE,
    terraform: (chain) => [deleted('azurerm_key_vault_key', keyValues(chain))],
  },
  'key-purged': {
    policy: 'ep-sales',
    whatIf: NO_KEY_CHANGE,
    terraform: (chain) => [deleted('azurerm_key_vault_key', keyValues(chain))],
  },
  'vault-deleted': {
    policy: 'ep-vault-deleted',
    whatIf: (chain) => removed(idsOf(chain).vaultId),
    terraform: (chain) => [deleted('azurerm_key_vault', vaultValues(chain))],
  },
  // A reading alone can't tell a vault that is purged from one that was moved, so it is suspected at first.
  'vault-purged': {
    policy: 'ep-sales',
    says: 'goesDown',
    whatIf: 'Resource Manager deletes a vault softly, and a template purges nothing',
    terraform: (chain) => [deleted('azurerm_key_vault', vaultValues(chain))],
  },
  'resource-group-deleted': {
    policy: 'ep-finance',
    whatIf: (chain) => removed(idsOf(chain).groupId),
    terraform: (chain) => [deleted('azurerm_resource_group', { id: idsOf(chain).groupId })],
  },
  'public-access-disabled': network('ep-public-access-disabled', ['Disabled', 'Allow', 'None']),
  'undo-public-access-disabled': network('ep-public-access-disabled', OPEN, 'public-access-disabled'),
  'network-restricted': network('ep-network-restricted', ['Enabled', 'Deny', 'None']),
  'undo-network-restricted': network('ep-network-restricted', OPEN, 'network-restricted'),
  'network-restricted-trusted': network('ep-network-restricted', ['Enabled', 'Deny', 'AzureServices']),
  'undo-network-restricted-trusted': network('ep-network-restricted', OPEN, 'network-restricted-trusted'),
  'public-access-disabled-trusted': network('ep-public-access-disabled', [
    'Disabled',
    'Deny',
    'AzureServices',
  ]),
  'undo-public-access-disabled-trusted': network(
    'ep-public-access-disabled',
    OPEN,
    'public-access-disabled-trusted',
  ),
  'decoy-vault-changed': {
    policy: 'ep-finance',
    whatIf: (chain) => [
      modified(idsOf(chain).vaultId.replace(/[^/]+$/, 'kv-contoso-web'), [sets('tags.a', 1, 2)]),
    ],
    terraform: (chain) => {
      const id = idsOf(chain).vaultId.replace(/[^/]+$/, 'kv-contoso-web');
      return [updated('azurerm_key_vault', { ...vaultValues(chain), id }, { tags: { touched: 'now' } })];
    },
  },
  'tenant-changed': tenant(() => OTHER_TENANT),
  'undo-tenant-changed': tenant(ownTenant, 'tenant-changed'),
  'key-put-through-arm': {
    policy: 'ep-finance',
    whatIf: (chain) => [
      modified(`${idsOf(chain).vaultId}/keys/${idsOf(chain).keyName}`, [sets('properties.kty', 'RSA', 'EC')]),
    ],
    terraform: (chain) => {
      const id = `${idsOf(chain).vaultId}/keys/${idsOf(chain).keyName}`;
      const values = { id, type: 'Microsoft.KeyVault/vaults/keys@2023-07-01', body: { properties: {} } };
      return [updated('azapi_resource', values, { body: { properties: { kty: 'EC' } } })];
    },
  },
  'private-endpoint-approved': {
    policy: 'ep-finance',
    whatIf: (chain) => {
      const resourceId = `${idsOf(chain).vaultId}/privateEndpointConnections/one`;
      return [{ resourceId, changeType: 'Create', after: { properties: {} } }];
    },
    terraform: (chain) => {
      const private_service_connection = [{ private_connection_resource_id: idsOf(chain).vaultId }];
      return [planned('azurerm_private_endpoint', ['create'], { after: { private_service_connection } })];
    },
  },
  'perimeter-joined': {
    policy: 'ep-finance',
    whatIf: (chain) => [
      { resourceId: associationOf(chain), changeType: 'Create', after: perimeterBody(chain) },
    ],
    terraform: (chain) => [
      planned('azurerm_network_security_perimeter_association', ['create'], {
        after: { resource_id: idsOf(chain).vaultId, access_mode: 'Enforced' },
      }),
    ],
  },
  // Which public access a vault has once it is out of its perimeter, no file says.
  'undo-perimeter-joined': {
    policy: 'ep-finance',
    after: 'perimeter-joined',
    says: 'unknown',
    whatIf: (chain) => [
      { resourceId: associationOf(chain), changeType: 'Delete', before: perimeterBody(chain) },
    ],
    terraform: (chain) => [
      deleted('azurerm_network_security_perimeter_association', {
        resource_id: idsOf(chain).vaultId,
        access_mode: 'Enforced',
      }),
    ],
  },
  'lock-deleted': {
    policy: 'ep-sales',
    whatIf: (chain) => removed(lockOf(chain)),
    terraform: (chain) => [deleted('azurerm_management_lock', { id: lockOf(chain) })],
  },
  // The scenario goes past Azure's refusal while environments are linked to the policy.
  'policy-deleted': {
    policy: 'ep-policy-deleted',
    says: 'refused',
    whatIf: (chain) => removed(chain.facts.policyId),
    terraform: (chain) => {
      const type = 'Microsoft.PowerPlatform/enterprisePolicies@2020-10-30-preview';
      return [deleted('azapi_resource', { id: chain.facts.policyId, type, body: {} })];
    },
  },
  // Who belongs to a group is Entra's: the plan names the group, and nobody knows whom it holds.
  'role-removed-through-group': {
    policy: 'ep-apps',
    says: 'unknown',
    whatIf: 'a template knows no groups of Entra',
    terraform: (chain) => [
      deleted('azuread_group_member', {
        group_object_id: grantsOf(chain)[0]?.principalId,
        member_object_id: idsOf(chain).principalId,
      }),
    ],
  },
  'undo-role-removed-through-group': {
    policy: 'ep-apps',
    after: 'role-removed-through-group',
    says: 'fine',
    whatIf: 'a template knows no groups of Entra',
    terraform: (chain) => [
      planned('azuread_group_member', ['create'], {
        after: { group_object_id: CUSTOM_ROLE, member_object_id: idsOf(chain).principalId },
      }),
    ],
  },
};
