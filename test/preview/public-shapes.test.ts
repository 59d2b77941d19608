import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  grant,
  key,
  known,
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
  aWhatIf,
  deleted,
  GRANT_VALUES,
  KEY_VALUES,
  modified,
  planned,
  previewFile,
  sets,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

/** The shapes of files that tools really write. Ids and names are made up. */
const outcome = (file: object, chain = aChain()) => previewFile(file, chain).outcome;

/** hashicorp/terraform `internal/command/testdata/show-json/`, one folder each. */
describe('a plan in the shape of those that Terraform tests itself with', () => {
  test('multi-resource-update: a resource that gets an index is moved, and one is made beside it', () => {
    const moved = {
      ...planned('azurerm_key_vault', ['no-op'], { before: VAULT_VALUES, after: VAULT_VALUES }),
      address: 'azurerm_key_vault.main[0]',
      previous_address: 'azurerm_key_vault.main',
      index: 0,
    };
    const made = {
      ...planned('azurerm_key_vault', ['create'], {
        after: { ...VAULT_VALUES, id: undefined, name: 'kv-other' },
        unknown: { id: true, vault_uri: true },
      }),
      address: 'azurerm_key_vault.main[1]',
      index: 1,
    };
    assert.equal(outcome(aPlan([moved, made], { format_version: '0.1' })), 'fine');
  });

  test('moved: one that is moved and changed in the same plan is judged, under its new address', () => {
    const both = updated(
      'azurerm_key_vault',
      VAULT_VALUES,
      { public_network_access_enabled: false },
      {},
      {
        address: 'module.keys["eu"].azurerm_key_vault.main',
        previous_address: 'azurerm_key_vault.main',
      },
    );
    const [found] = previewFile(aPlan([both])).policies;
    assert.deepEqual(
      [found?.outcome, found?.changes],
      ['mayGoDown', ['module.keys["eu"].azurerm_key_vault.main']],
    );
  });

  test('nested-modules: an address two modules down', () => {
    const address = 'module.my_module.module.more.azurerm_key_vault.main';
    const [found] = previewFile(
      aPlan([
        deleted('azurerm_key_vault', VAULT_VALUES, {
          address,
          module_address: 'module.my_module.module.more',
        }),
      ]),
    ).policies;
    assert.deepEqual(found?.findings[0]?.changes, [address]);
  });

  test('requires-replace: a replacement names its paths and its reason, and takes the key away', () => {
    const { change, ...resource } = planned('azurerm_key_vault_key', ['delete', 'create'], {
      before: KEY_VALUES,
      after: { ...KEY_VALUES, id: undefined, key_size: 4096 },
      unknown: { id: true, version: true },
    });
    const replaced = {
      ...resource,
      change: { ...change, replace_paths: [['key_size']] },
      action_reason: 'replace_because_cannot_update',
    };
    assert.equal(outcome(aPlan([replaced], { format_version: '0.2' })), 'goesDown');
  });

  test('plan-error: a plan that ended with an error has no changes at all, and is not judged', () => {
    const { resource_changes: _none, ...plan } = aPlan([], { errored: true });
    assert.equal(outcome(plan), 'unknown');
  });

  test('drift: what others changed meanwhile is in a list of its own, and no change of the plan', () => {
    const drift = [updated('azurerm_key_vault', VAULT_VALUES, { public_network_access_enabled: false })];
    assert.equal(outcome(aPlan([], { resource_drift: drift })), 'fine');
  });

  test('sensitive-values: a value that is marked sensitive is judged as any other', () => {
    const { change, ...resource } = updated('azurerm_key_vault', VAULT_VALUES, {
      network_acls: [{ bypass: 'None', default_action: 'Deny' }],
    });
    const sensitive = {
      before_sensitive: { network_acls: true },
      after_sensitive: { network_acls: [{ bypass: true }] },
    };
    assert.equal(outcome(aPlan([{ ...resource, change: { ...change, ...sensitive } }])), 'goesDown');
  });

  test('provider-aliasing: a provider under another name decides over the purge as well', () => {
    const off = [{ key_vault: [{ purge_soft_delete_on_destroy: { constant_value: false } }] }];
    const providers = {
      azurerm: { name: 'azurerm', expressions: { features: off } },
      'azurerm.keys': { name: 'azurerm', alias: 'keys', expressions: { features: [{}] } },
    };
    const plan = aPlan([deleted('azurerm_key_vault', VAULT_VALUES)], {
      configuration: { provider_config: providers },
    });
    const chain = aChain({ vault: known(vault({ purgeProtection: false })) });
    assert.match(previewFile(plan, chain).policies[0]?.notes.join() ?? '', /nothing brings it back/);
  });
});

/**
 * hashicorp/terraform-provider-azurerm, vendored go-azure-sdk `resources/2023-07-01/deployments/model_whatifchange.go` and
 * `model_whatifpropertychange.go`: all but the path and the type of a change may be absent.
 */
describe('a what-if result in the shape that its schema allows', () => {
  const one = (delta: object) => outcome(aWhatIf([modified(VAULT_ID, [delta])]));

  test('a change that tells neither its parts nor its value is not judged', () => {
    const path = 'properties.networkAcls.bypass';
    assert.equal(one({ path, propertyChangeType: 'Modify' }), 'unknown');
    assert.equal(
      one({ path, propertyChangeType: 'Modify', before: 'AzureServices', after: null }),
      'unknown',
    );
    assert.equal(one({ path, propertyChangeType: 'Create', children: [] }), 'unknown');
  });

  const byPolicies = aChain({
    vault: known(vault({ rbac: false })),
    permission: known(
      permission({ model: 'accessPolicies', grants: [grant({ by: 'accessPolicy', id: PRINCIPAL })] }),
    ),
  });
  test('a list that changes without its entries, or by a path of its own for each, is not judged', () => {
    const path = 'properties.accessPolicies';
    for (const delta of [
      { path, propertyChangeType: 'Array' },
      { path, propertyChangeType: 'Array', children: null },
      { path: `${path}[0].objectId`, propertyChangeType: 'Modify', before: PRINCIPAL, after: 'x' },
      { path: `${path}.0.objectId`, propertyChangeType: 'Modify', before: PRINCIPAL, after: 'x' },
    ])
      assert.equal(
        outcome(aWhatIf([modified(VAULT_ID, [delta])]), byPolicies),
        'unknown',
        JSON.stringify(delta),
      );
  });

  test('a property that is not mentioned keeps its value, whatever the bodies before and after say', () => {
    const change = {
      ...modified(VAULT_ID, [sets('tags.owner', 'a', 'b')]),
      before: { properties: { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } } },
      after: { properties: {} },
    };
    assert.equal(outcome(aWhatIf([change])), 'fine');
  });

  test('a change without a delta, and one without a type, are not judged', () => {
    assert.equal(
      outcome(aWhatIf([{ resourceId: VAULT_ID, changeType: 'Modify', before: {}, after: {} }])),
      'unknown',
    );
    assert.equal(outcome(aWhatIf([{ resourceId: VAULT_ID }])), 'unknown');
  });
});

describe('cases that acceptance names', () => {
  test('nested unknown: a value deep in a body that is known only after apply', () => {
    const values = {
      id: VAULT_ID,
      type: 'Microsoft.KeyVault/vaults@2023-07-01',
      body: { properties: { networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' } } },
    };
    const unknown = { body: { properties: { networkAcls: { defaultAction: true } } } };
    assert.equal(outcome(aPlan([updated('azapi_resource', values, {}, unknown)])), 'unknown');
    const acls = { network_acls: [{ default_action: true }] };
    assert.equal(outcome(aPlan([updated('azurerm_key_vault', VAULT_VALUES, {}, acls)])), 'unknown');
  });

  test('role by name: a new grant names the role, and no id', () => {
    const made = (role_definition_name: string) =>
      planned('azurerm_role_assignment', ['create'], {
        after: { ...GRANT_VALUES, id: undefined, role_definition_id: undefined, role_definition_name },
        unknown: { id: true, role_definition_id: true },
      });
    const removed = deleted('azurerm_role_assignment', GRANT_VALUES);
    assert.equal(outcome(aPlan([removed, made('Key Vault Crypto Service Encryption User')])), 'fine');
    assert.equal(outcome(aPlan([removed, made('Key Vault Secrets User')])), 'goesDown');
    assert.equal(outcome(aPlan([removed, made('Contoso Key Operator')])), 'unknown');
  });

  test('unknown principal: a new grant to an identity that the same plan makes', () => {
    const made = planned('azurerm_role_assignment', ['create'], {
      after: { ...GRANT_VALUES, id: undefined, principal_id: undefined },
      unknown: { id: true, principal_id: true },
    });
    assert.equal(outcome(aPlan([deleted('azurerm_role_assignment', GRANT_VALUES), made])), 'unknown');
  });

  test('locks and linked policies: Azure refuses, and says why', () => {
    const policyId = aChain().facts.policyId;
    const type = 'Microsoft.PowerPlatform/enterprisePolicies@2020-10-30-preview';
    const [found] = previewFile(
      aPlan([deleted('azapi_resource', { id: policyId, type, body: {} })]),
    ).policies;
    assert.equal(found?.outcome, 'refused');
    assert.match(found?.refused[0]?.because ?? '', /2 are.*EnterprisePolicyDeleteNotAllowed/);
    const scope = VAULT_ID.split('/').slice(0, 5).join('/');
    const id = `${scope}/providers/Microsoft.Authorization/locks/keep`;
    const { protection } = aChain().facts;
    if (protection === undefined) assert.fail('The chain has no locks to read.');
    const locked = aChain({
      protection: { ...protection, vaultLocks: known([{ id, name: 'keep', level: 'CanNotDelete', scope }]) },
    });
    const gone = deleted('azurerm_key_vault', VAULT_VALUES);
    assert.equal(outcome(aPlan([gone]), locked), 'refused');
    assert.equal(outcome(aPlan([deleted('azurerm_management_lock', { id }), gone]), locked), 'goesDown');
  });

  test('future expiry: it goes down at its date, of a pinned version as well', () => {
    const change = { expiration_date: '2026-12-20T10:00:00Z' };
    const two = aChain({
      key: known(key(version('v2'), version('v1', { created: '2026-01-01T00:00:00.000Z' }))),
    });
    const [found] = previewFile(
      aPlan([updated('azurerm_key_vault_key', { ...KEY_VALUES, version: 'v2' }, change)]),
      two,
    ).policies;
    assert.deepEqual(
      [found?.after, found?.atDates.map(({ at, verdict }) => [at, verdict])],
      ['clear', [['2026-12-20T10:00:00.000Z', 'revoked']]],
    );
  });

  test('count and for_each: each instance is judged by itself', () => {
    const other = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-us`;
    const instances = [
      deleted(
        'azurerm_key_vault',
        { ...VAULT_VALUES, id: other },
        { address: 'azurerm_key_vault.main["us"]', index: 'us' },
      ),
      deleted('azurerm_key_vault', VAULT_VALUES, { address: 'azurerm_key_vault.main["eu"]', index: 'eu' }),
    ];
    const [found] = previewFile(aPlan(instances)).policies;
    assert.deepEqual(found?.changes, ['azurerm_key_vault.main["eu"]']);
  });
});
