import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PlanPreview } from '../../shared/preview/preview-plan.ts';
import {
  grant,
  key,
  known,
  NOTHING_HELD,
  PRINCIPAL,
  permission,
  SUBSCRIPTION,
  VAULT_ID,
  vault,
  version,
} from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  deleted,
  GRANT_ID,
  GRANT_VALUES,
  GROUP_ID,
  KEY_VALUES,
  planned,
  previewFile,
  ROLE,
  ROLE_ID,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

const ACLS = VAULT_VALUES.network_acls[0];
const closed = { network_acls: [{ ...ACLS, default_action: 'Deny', bypass: 'None' }] };
const OTHER = '99999999-0000-4000-8000-000000000000';

function outcome(resources: object[], chain = aChain(), more: object = {}): PlanPreview['outcome'] {
  return previewFile(aPlan(resources, more), chain).outcome;
}
function triggers(resources: object[], chain = aChain()): string[] {
  const found = previewFile(aPlan(resources), chain).policies[0];
  return [...(found?.findings ?? []), ...(found?.atDates.flatMap((one) => one.findings) ?? [])].map(
    ({ trigger, verdict }) => `${trigger} ${verdict}`,
  );
}

/** One entry of the vault's access policies, as the vault's own block has it. */
const entry = (keys: string[], object_id: string | null = PRINCIPAL) => ({
  object_id,
  tenant_id: VAULT_VALUES.tenant_id,
  application_id: '',
  key_permissions: keys,
  secret_permissions: [],
});
const byPolicies = aChain({
  vault: known(vault({ rbac: false, tenantId: VAULT_VALUES.tenant_id })),
  permission: known(
    permission({
      model: 'accessPolicies',
      grants: [grant({ by: 'accessPolicy', id: PRINCIPAL, roleName: undefined })],
    }),
  ),
});
const ALL = ['Get', 'WrapKey', 'UnwrapKey'];

describe('a plan of Terraform that takes environments down', () => {
  const cases: Record<string, [object[], string]> = {
    'destroys the vault': [[deleted('azurerm_key_vault', VAULT_VALUES)], 'vault-deleted revoked'],
    'replaces the vault': [
      [
        planned('azurerm_key_vault', ['delete', 'create'], {
          before: VAULT_VALUES,
          after: { ...VAULT_VALUES, id: undefined, location: 'northeurope' },
          unknown: { id: true },
        }),
      ],
      'vault-deleted revoked',
    ],
    'destroys the group of the vault': [
      [deleted('azurerm_resource_group', { id: GROUP_ID, name: 'rg-keys' })],
      'vault-deleted revoked',
    ],
    'closes the network': [
      [updated('azurerm_key_vault', VAULT_VALUES, closed)],
      'network-restricted revoked',
    ],
    'disables public access and the exception for trusted services': [
      [
        updated('azurerm_key_vault', VAULT_VALUES, {
          public_network_access_enabled: false,
          network_acls: [{ ...ACLS, bypass: 'None' }],
        }),
      ],
      'public-access-disabled revoked',
    ],
    'gives the vault another tenant': [
      [updated('azurerm_key_vault', VAULT_VALUES, { tenant_id: OTHER })],
      'permissions-revoked revoked',
    ],
    'takes operations from the key': [
      [updated('azurerm_key_vault_key', KEY_VALUES, { key_opts: ['encrypt', 'decrypt'] })],
      'key-unusable revoked',
    ],
    'replaces the key': [
      [
        planned('azurerm_key_vault_key', ['delete', 'create'], {
          before: KEY_VALUES,
          after: { ...KEY_VALUES, key_size: 4096 },
        }),
      ],
      'key-deleted revoked',
    ],
    'destroys the grant': [[deleted('azurerm_role_assignment', GRANT_VALUES)], 'permissions-revoked revoked'],
    'destroys the grant, whose id names a tenant': [
      [deleted('azurerm_role_assignment', { ...GRANT_VALUES, id: `${GRANT_ID}|${OTHER}` })],
      'permissions-revoked revoked',
    ],
    'puts the vault into an enforced perimeter': [
      [
        planned('azurerm_network_security_perimeter_association', ['create'], {
          after: { resource_id: VAULT_ID, access_mode: 'Enforced' },
          unknown: { id: true },
        }),
      ],
      'public-access-disabled revoked',
    ],
  };
  for (const [title, [resources, expected]] of Object.entries(cases))
    test(title, () => assert.deepEqual(triggers(resources), [expected]));

  test('sets an expiry: it goes down at that date', () => {
    const resources = [
      updated('azurerm_key_vault_key', KEY_VALUES, { expiration_date: '2026-12-20T10:00:00Z' }),
    ];
    assert.deepEqual(triggers(resources), ['key-expired revoked']);
    const [found] = previewFile(aPlan(resources)).policies;
    assert.deepEqual([found?.after, found?.atDates[0]?.at], ['clear', '2026-12-20T10:00:00.000Z']);
  });

  test('switches the permission model, by the name of azurerm 3 and that of azurerm 4', () => {
    const off = { ...aChain(), otherModel: known(permission({ model: 'accessPolicies', ...NOTHING_HELD })) };
    const three = { ...VAULT_VALUES, rbac_authorization_enabled: undefined, enable_rbac_authorization: true };
    assert.deepEqual(
      triggers([updated('azurerm_key_vault', three, { enable_rbac_authorization: false })], off),
      ['permissions-revoked revoked'],
    );
    const four = updated(
      'azurerm_key_vault',
      VAULT_VALUES,
      { rbac_authorization_enabled: false },
      { enable_rbac_authorization: true },
    );
    assert.deepEqual(triggers([four], off), ['permissions-revoked revoked']);
  });

  test('removes the entry of the identity from the access policies, in the vault or by itself', () => {
    const before = { ...VAULT_VALUES, rbac_authorization_enabled: false, access_policy: [entry(ALL)] };
    const expected = ['permissions-revoked revoked'];
    assert.deepEqual(
      triggers([updated('azurerm_key_vault', before, { access_policy: [entry(ALL, OTHER)] })], byPolicies),
      expected,
    );
    assert.deepEqual(
      triggers([updated('azurerm_key_vault', before, { access_policy: [entry(['Get'])] })], byPolicies),
      expected,
    );
    const alone = {
      id: `${VAULT_ID}/objectId/${PRINCIPAL}`,
      key_vault_id: VAULT_ID,
      ...entry(ALL),
      application_id: null,
    };
    assert.deepEqual(triggers([deleted('azurerm_key_vault_access_policy', alone)], byPolicies), expected);
    assert.deepEqual(
      triggers([updated('azurerm_key_vault_access_policy', alone, { key_permissions: ['Get'] })], byPolicies),
      expected,
    );
  });

  test('takes rights from the custom role of the identity', () => {
    const id = ROLE_ID.replace(ROLE, OTHER);
    const chain = aChain({ permission: known(permission({ grants: [grant({ roleDefinitionId: id })] })) });
    const permissions = (data_actions: string[]) => [
      { actions: [], data_actions, not_actions: [], not_data_actions: [] },
    ];
    const before = {
      id: `${id}|/subscriptions/${SUBSCRIPTION}`,
      role_definition_id: OTHER,
      permissions: permissions(['Microsoft.KeyVault/vaults/keys/*']),
    };
    const change = { permissions: permissions(['Microsoft.KeyVault/vaults/keys/read']) };
    assert.deepEqual(triggers([updated('azurerm_role_definition', before, change)], chain), [
      'permissions-revoked revoked',
    ]);
    assert.equal(
      outcome(
        [updated('azurerm_role_definition', before, {}, { permissions: [{ data_actions: true }] })],
        chain,
      ),
      'unknown',
    );
  });
});

describe('addresses and actions of a plan', () => {
  test('modules, count and for_each: the answer names the address as the plan has it', () => {
    for (const address of [
      'module.keys["eu"].azurerm_key_vault.main[0]',
      'module.a.module.b[2].azurerm_key_vault.main["x y"]',
    ]) {
      const [found] = previewFile(aPlan([deleted('azurerm_key_vault', VAULT_VALUES, { address })])).policies;
      assert.deepEqual(found?.findings[0]?.changes, [address]);
    }
  });

  test('a resource that is moved, imported, read or forgotten changes nothing', () => {
    const same = { before: VAULT_VALUES, after: VAULT_VALUES };
    assert.equal(
      outcome([planned('azurerm_key_vault', ['no-op'], same, { previous_address: 'azurerm_key_vault.old' })]),
      'fine',
    );
    assert.equal(outcome([planned('azurerm_key_vault', ['forget'], { before: VAULT_VALUES })]), 'fine');
    assert.equal(outcome([planned('azurerm_key_vault', ['create', 'forget'], same)]), 'fine');
    assert.equal(outcome([planned('azurerm_key_vault', ['read'], same, { mode: 'data' })]), 'fine');
  });

  test('a replaced grant has a gap, unless the new one is made first', () => {
    const both = { before: GRANT_VALUES, after: { ...GRANT_VALUES, id: undefined }, unknown: { id: true } };
    const first = previewFile(aPlan([planned('azurerm_role_assignment', ['delete', 'create'], both)]));
    assert.equal(first.outcome, 'fine');
    assert.match(first.policies[0]?.notes.join() ?? '', /gives it anew/);
    const other = previewFile(aPlan([planned('azurerm_role_assignment', ['create', 'delete'], both)]));
    assert.deepEqual([other.outcome, other.policies[0]?.notes], ['fine', []]);
  });

  test('a destroy also purges, unless the features of every provider say otherwise', () => {
    const chain = aChain({ vault: known(vault({ purgeProtection: false })) });
    const notes = (features: object) =>
      previewFile(
        aPlan([deleted('azurerm_key_vault', VAULT_VALUES)], {
          configuration: {
            provider_config: {
              azurerm: { name: 'azurerm', expressions: { features: [features] } },
              random: { name: 'random' },
            },
          },
        }),
        chain,
      ).policies[0]?.notes.join();
    assert.match(notes({}) ?? '', /nothing brings it back/);
    const off = (value: object) => ({ key_vault: [{ purge_soft_delete_on_destroy: value }] });
    assert.match(notes(off({ references: ['var.purge'] })) ?? '', /nothing brings it back/);
    assert.equal(notes(off({ constant_value: false })), '');
  });

  test('a role is compared by its name as well, and by the name of a built-in one', () => {
    const made = (role: object) =>
      planned('azurerm_role_assignment', ['create'], {
        after: { ...GRANT_VALUES, id: undefined, role_definition_id: undefined, ...role },
      });
    const removed = deleted('azurerm_role_assignment', GRANT_VALUES);
    assert.equal(outcome([removed, made({ role_definition_name: 'key vault crypto officer' })]), 'fine');
    assert.equal(
      outcome([removed, made({ role_definition_name: undefined, role_definition_id: ROLE_ID })]),
      'fine',
    );
    assert.equal(outcome([removed, made({ role_definition_name: 'Reader' })]), 'goesDown');
    assert.equal(outcome([removed, made({ role_definition_name: 'Contoso Role' })]), 'unknown');
  });
});

describe('harmless look-alikes in a plan of Terraform', () => {
  const keyVault = (change: object, unknown: object = {}) => [
    updated('azurerm_key_vault', VAULT_VALUES, change, unknown),
  ];
  const cases: Record<string, object[]> = {
    'a tag, a contact and a retention': keyVault({
      tags: { owner: 'x' },
      contact: [{ email: 'a@b.example' }],
    }),
    'a computed attribute that is unknown': keyVault({ tags: {} }, { vault_uri: true }),
    'an address in the rules of an open vault': keyVault({
      network_acls: [{ ...ACLS, ip_rules: ['203.0.113.7'] }],
    }),
    'an unknown address in the rules': keyVault(
      { network_acls: [ACLS] },
      { network_acls: [{ ip_rules: [true] }] },
    ),
    'an old name of the model beside its new one': keyVault(
      { tags: {} },
      { enable_rbac_authorization: true },
    ),
    'a rotation policy, and a version that is added': [
      updated('azurerm_key_vault_key', KEY_VALUES, { rotation_policy: [{}] }, { version: true, id: true }),
    ],
    'another key of the vault': [deleted('azurerm_key_vault_key', { ...KEY_VALUES, name: 'other' })],
    'a new vault': [
      planned('azurerm_key_vault', ['create'], {
        after: { ...VAULT_VALUES, id: undefined },
        unknown: { id: true },
      }),
    ],
    'a tag of the group': [updated('azurerm_resource_group', { id: GROUP_ID }, { tags: {} })],
    'a lock that is added': [
      planned('azurerm_management_lock', ['create'], {
        after: { scope: VAULT_ID, lock_level: 'CanNotDelete' },
      }),
    ],
    'a perimeter in Learning': [
      planned('azurerm_network_security_perimeter_association', ['create'], {
        after: { resource_id: VAULT_ID, access_mode: 'Learning' },
      }),
    ],
    'a machine in another group': [
      deleted('azurerm_linux_virtual_machine', {
        id: `${GROUP_ID}/providers/Microsoft.Compute/virtualMachines/vm`,
      }),
    ],
    'no change at all': [],
  };
  for (const [title, resources] of Object.entries(cases))
    test(title, () => assert.equal(outcome(resources), 'fine'));
});

describe('what a plan leaves unknown', () => {
  const cases: Record<string, object[]> = {
    'a whole block': [
      updated('azurerm_key_vault', VAULT_VALUES, { network_acls: [] }, { network_acls: true }),
    ],
    'an attribute in a block, at any depth': [
      updated('azurerm_key_vault', VAULT_VALUES, {}, { network_acls: [{ default_action: true }] }),
    ],
    'a block that is taken away': [updated('azurerm_key_vault', VAULT_VALUES, { network_acls: [] })],
    'public access': [
      updated('azurerm_key_vault', VAULT_VALUES, {}, { public_network_access_enabled: true }),
    ],
    'the model by both names': [
      updated(
        'azurerm_key_vault',
        { ...VAULT_VALUES, rbac_authorization_enabled: undefined },
        {},
        { enable_rbac_authorization: true, rbac_authorization_enabled: true },
      ),
    ],
    'the tenant': [updated('azurerm_key_vault', VAULT_VALUES, {}, { tenant_id: true })],
    'the operations of the key': [updated('azurerm_key_vault_key', KEY_VALUES, {}, { key_opts: [true] })],
    'the expiry of the key': [updated('azurerm_key_vault_key', KEY_VALUES, {}, { expiration_date: true })],
    'the principal of the new grant': [
      deleted('azurerm_role_assignment', GRANT_VALUES),
      planned('azurerm_role_assignment', ['create'], {
        after: { ...GRANT_VALUES, principal_id: undefined },
        unknown: { principal_id: true },
      }),
    ],
    'a word that nobody knows': [
      updated('azurerm_key_vault', VAULT_VALUES, { network_acls: [{ ...ACLS, default_action: 'Perhaps' }] }),
    ],
    'the access mode of a perimeter': [
      planned('azurerm_network_security_perimeter_association', ['create'], {
        after: { resource_id: VAULT_ID },
        unknown: { access_mode: true },
      }),
    ],
    'an Azure Policy that is assigned to the group': [
      planned('azurerm_resource_group_policy_assignment', ['create'], {
        after: { resource_group_id: GROUP_ID, name: 'close-vaults' },
      }),
    ],
    'a subscription that is cancelled': [
      deleted('azurerm_subscription', { id: `/subscriptions/${SUBSCRIPTION}` }),
    ],
    'an entry that can not be read': [{ address: 'x', type: 'azurerm_key_vault' }],
  };
  for (const [title, resources] of Object.entries(cases))
    test(title, () => assert.equal(outcome(resources), 'unknown'));

  test('a plan that ended with an error, is not complete, or defers changes', () => {
    for (const more of [{ errored: true }, { complete: false }, { deferred_changes: [{}] }])
      assert.equal(outcome([], aChain(), more), 'unknown');
  });

  test('the access policies of the vault, where an entry or its object is unknown', () => {
    const before = { ...VAULT_VALUES, rbac_authorization_enabled: false, access_policy: [entry(ALL)] };
    const change = (after: object[], unknown: object | boolean) => [
      updated('azurerm_key_vault', before, { access_policy: after }, { access_policy: unknown }),
    ];
    assert.equal(outcome(change([entry(ALL, null)], [{ object_id: true }]), byPolicies), 'unknown');
    assert.equal(outcome(change([], true), byPolicies), 'unknown');
    assert.equal(
      outcome(change([entry(ALL), entry(ALL, null)], [{}, { object_id: true }]), byPolicies),
      'fine',
    );
  });
});

describe('azapi', () => {
  const KV = 'Microsoft.KeyVault/vaults@2023-07-01';
  const body = (properties: object) => ({ properties });
  const OPEN = {
    publicNetworkAccess: 'Enabled',
    networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices' },
  };
  const SHUT = { publicNetworkAccess: 'Disabled', networkAcls: { defaultAction: 'Deny', bypass: 'None' } };
  const of = (text: boolean, properties: object) => ({
    id: VAULT_ID,
    type: KV,
    name: 'kv-eu',
    body: text ? JSON.stringify(body(properties)) : body(properties),
  });

  test('a resource closes the network, its body as text or as object', () => {
    for (const text of [true, false])
      assert.deepEqual(triggers([updated('azapi_resource', of(text, OPEN), of(text, SHUT))]), [
        'public-access-disabled revoked',
      ]);
  });

  test('an update sets what it names, and its end changes nothing', () => {
    const values = {
      type: KV,
      resource_id: VAULT_ID,
      body: body({ publicNetworkAccess: 'Disabled', networkAcls: { bypass: 'None' } }),
    };
    assert.deepEqual(triggers([planned('azapi_update_resource', ['create'], { after: values })]), [
      'public-access-disabled revoked',
    ]);
    assert.equal(outcome([deleted('azapi_update_resource', values)]), 'fine');
    assert.equal(outcome([updated('azapi_update_resource', values, { body: body({}) })]), 'fine');
    const byParent = { type: KV, parent_id: GROUP_ID, name: 'kv-eu', body: body(SHUT) };
    assert.equal(outcome([planned('azapi_update_resource', ['create'], { after: byParent })]), 'goesDown');
  });

  test('an action deletes, or asks for what nobody can judge', () => {
    const action = (more: object) => ({ type: KV, resource_id: VAULT_ID, ...more });
    const made = (more: object) => planned('azapi_resource_action', ['create'], { after: action(more) });
    assert.deepEqual(triggers([made({ method: 'DELETE' })]), ['vault-deleted revoked']);
    assert.deepEqual(triggers([made({ method: 'PATCH', body: body(SHUT) })]), [
      'public-access-disabled revoked',
    ]);
    assert.equal(outcome([made({ action: 'rotate', method: 'POST' })]), 'unknown');
    assert.equal(outcome([made({ method: 'DELETE', when: 'destroy' })]), 'fine');
    assert.equal(
      outcome([deleted('azapi_resource_action', action({ method: 'DELETE', when: 'destroy' }))]),
      'goesDown',
    );
    assert.equal(outcome([deleted('azapi_resource_action', action({ method: 'DELETE' }))]), 'fine');
  });

  test('an enterprise policy is moved, or deleted', () => {
    const id = aChain().facts.policyId;
    const encryption = (name: string, keyVersion?: string) =>
      body({
        encryption: { state: 'Enabled', keyVault: { id: VAULT_ID, key: { name, version: keyVersion } } },
      });
    const values = {
      id,
      type: 'Microsoft.PowerPlatform/enterprisePolicies@2020-10-30-preview',
      body: encryption('cmk'),
    };
    assert.equal(outcome([deleted('azapi_resource', values)]), 'refused');
    assert.equal(outcome([updated('azapi_resource', values, { body: encryption('other') })]), 'unknown');
    const two = aChain({
      key: known(key(version('v2'), version('v1', { enabled: false, created: '2026-01-01T00:00:00.000Z' }))),
    });
    assert.equal(
      outcome([updated('azapi_resource', values, { body: encryption('cmk', 'v1') })], two),
      'goesDown',
    );
    assert.equal(outcome([updated('azapi_resource', values, { tags: { a: 'b' } })]), 'fine');
  });

  test('what a body does not tell yet is unknown', () => {
    const unknownBody = updated(
      'azapi_resource',
      of(false, OPEN),
      {},
      { body: { properties: { networkAcls: { bypass: true } } } },
    );
    assert.equal(outcome([unknownBody]), 'unknown');
    assert.equal(
      outcome([updated('azapi_resource', of(true, OPEN), { body: null }, { body: true })]),
      'unknown',
    );
    const without = updated('azapi_resource', of(false, OPEN), {
      body: body({ publicNetworkAccess: 'Enabled' }),
    });
    assert.equal(outcome([without]), 'unknown');
    const tags = updated('azapi_resource', of(false, OPEN), { body: { ...body(OPEN), tags: { a: 'b' } } });
    assert.equal(outcome([tags]), 'fine');
  });

  test('a grant is removed, and one is made', () => {
    const type = 'Microsoft.Authorization/roleAssignments@2022-04-01';
    const values = {
      id: GRANT_ID,
      type,
      parent_id: VAULT_ID,
      name: 'a1',
      body: body({ principalId: PRINCIPAL, principalType: 'ServicePrincipal', roleDefinitionId: ROLE_ID }),
    };
    assert.deepEqual(triggers([deleted('azapi_resource', values)]), ['permissions-revoked revoked']);
    const made = planned('azapi_resource', ['create'], {
      after: { ...values, id: undefined, name: '77777777-0000-4000-8000-000000000000' },
      unknown: { id: true },
    });
    assert.equal(outcome([deleted('azapi_resource', values), made]), 'fine');
  });

  test('a key of Resource Manager that is there is never changed', () => {
    const values = {
      id: `${VAULT_ID}/keys/cmk`,
      type: 'Microsoft.KeyVault/vaults/keys@2023-07-01',
      body: body({ attributes: { enabled: true } }),
    };
    assert.equal(
      outcome([updated('azapi_resource', values, { body: body({ attributes: { enabled: false } }) })]),
      'fine',
    );
    assert.equal(outcome([deleted('azapi_resource', values)]), 'unknown');
  });
});
