import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { protection } from '../triggers/a-guarded-reading.ts';
import { grant, known, POLICY_ID, permission, VAULT_ID } from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  aWhatIf,
  GRANT_ID,
  GRANT_VALUES,
  modified,
  previewFile,
  ROLE,
  ROLE_ID,
  sets,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

const ofPlan = (resources: object[], chain = aChain()) => previewFile(aPlan(resources), chain).outcome;
const ofWhatIf = (changes: object[], chain = aChain()) => previewFile(aWhatIf(changes), chain).outcome;
const removes = (path: string, before: unknown) => ({ path, propertyChangeType: 'Delete', before });
const adds = (path: string, after: unknown) => ({ path, propertyChangeType: 'Create', after });
const LOCK_ID = `${VAULT_ID}/providers/Microsoft.Authorization/locks/ro`;
const ROLE_PATH = `/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`;
const withRole = aChain({
  permission: known(permission({ grants: [grant({ roleDefinitionId: ROLE_ID })] })),
});

describe('an attribute that could take environments down, and that no trigger reads, is not judged', () => {
  const cases: Record<string, object> = {
    'the identity of an enterprise policy becomes none': modified(POLICY_ID, [
      sets('identity.type', 'SystemAssigned', 'None'),
    ]),
    'the identity of an enterprise policy is removed': modified(POLICY_ID, [
      removes('identity', { type: 'SystemAssigned' }),
    ]),
    'the encryption of an enterprise policy is disabled': modified(POLICY_ID, [
      sets('properties.encryption.state', 'Enabled', 'Disabled'),
    ]),
    'a property of tomorrow of an enterprise policy': modified(POLICY_ID, [
      sets('properties.suspended', false, true),
    ]),
    'a condition is added to the grant': modified(GRANT_ID, [
      adds('properties.condition', "(!(ActionMatches{'Microsoft.KeyVault/vaults/keys/unwrap/action'}))"),
    ]),
    'a property of tomorrow of the grant': modified(GRANT_ID, [
      sets('properties.expiresOn', null, '2026-12-01'),
    ]),
  };
  for (const [title, change] of Object.entries(cases))
    test(title, () => assert.equal(ofWhatIf([change]), 'unknown'));

  test('a property of tomorrow of a role that the identity holds', () => {
    const permissions = [{ dataActions: ['Microsoft.KeyVault/vaults/keys/*'], notDataActions: [] }];
    const role = (path: string) => ({
      ...modified(ROLE_PATH, [sets(path, 'a', 'b')]),
      after: { properties: { permissions } },
    });
    assert.equal(ofWhatIf([role('properties.state')], withRole), 'unknown');
    assert.equal(ofWhatIf([role('properties.description')], withRole), 'fine');
  });

  test('the identity block of an enterprise policy by azapi', () => {
    const type = 'Microsoft.PowerPlatform/enterprisePolicies@2020-10-30-preview';
    const before = {
      id: POLICY_ID,
      type,
      identity: [{ type: 'SystemAssigned', principal_id: 'p' }],
      body: {},
    };
    const identity = (after: unknown, unknown: object = {}) =>
      ofPlan([updated('azapi_resource', before, { identity: after }, unknown)]);
    assert.equal(identity([]), 'unknown');
    assert.equal(identity([{ type: 'UserAssigned', identity_ids: ['x'] }]), 'unknown');
    assert.equal(identity([{}], { identity: [{ type: true }] }), 'unknown');
    assert.equal(identity([{ type: 'SystemAssigned' }], { identity: [{ principal_id: true }] }), 'fine');
    assert.equal(ofPlan([updated('azapi_resource', before, { tags: { a: 'b' } })]), 'fine');
  });

  test('a role assignment that a later provider changes in place', () => {
    const change = (value: object) => ofPlan([updated('azurerm_role_assignment', GRANT_VALUES, value)]);
    assert.equal(change({ condition: 'x' }), 'unknown');
    assert.equal(change({ description: 'x' }), 'fine');
  });
});

describe('a lock that refuses less after the change does not refuse it', () => {
  const lock = { id: LOCK_ID, name: 'ro', level: 'ReadOnly', scope: VAULT_ID };
  const locked = aChain({ protection: protection({ policyLocks: known([]), vaultLocks: known([lock]) }) });
  const close = modified(VAULT_ID, [
    sets('properties.publicNetworkAccess', 'Enabled', 'Disabled'),
    sets('properties.networkAcls.defaultAction', 'Allow', 'Deny'),
    sets('properties.networkAcls.bypass', 'AzureServices', 'None'),
  ]);

  test('a lower level in the same deployment', () => {
    const weaken = modified(LOCK_ID, [sets('properties.level', 'ReadOnly', 'CanNotDelete')]);
    assert.equal(ofWhatIf([close], locked), 'refused');
    assert.equal(ofWhatIf([weaken, close], locked), 'goesDown');
    assert.equal(ofWhatIf([close, weaken], locked), 'goesDown');
    const notes = modified(LOCK_ID, [sets('properties.notes', 'a', 'b'), sets('tags.a', 'a', 'b')]);
    assert.equal(ofWhatIf([notes, close], locked), 'refused');
  });

  test('a lower level in a plan of Terraform', () => {
    const values = { id: LOCK_ID, scope: VAULT_ID, lock_level: 'ReadOnly', notes: 'a' };
    const shut = updated('azurerm_key_vault', VAULT_VALUES, {
      public_network_access_enabled: false,
      network_acls: [{ bypass: 'None', default_action: 'Deny' }],
    });
    const changed = (change: object) =>
      ofPlan([updated('azurerm_management_lock', values, change), shut], locked);
    assert.equal(changed({ lock_level: 'CanNotDelete' }), 'goesDown');
    assert.equal(changed({ notes: 'b' }), 'refused');
  });
});

describe('harmless attributes of the same types stay fine', () => {
  const cases: Record<string, object> = {
    'a tag of the policy': modified(POLICY_ID, [sets('tags.owner', 'a', 'b')]),
    'a policy that is written as a whole, with the values that it has': modified(POLICY_ID, [
      adds('identity', { type: 'SystemAssigned' }),
      adds('properties.encryption', { state: 'Enabled' }),
    ]),
    'the description of the grant': modified(GRANT_ID, [sets('properties.description', 'a', 'b')]),
    'the condition of a grant elsewhere': modified(GRANT_ID.replace('/vaults/kv-eu/', '/vaults/kv-other/'), [
      adds('properties.condition', 'x'),
    ]),
  };
  for (const [title, change] of Object.entries(cases))
    test(title, () => assert.equal(ofWhatIf([change]), 'fine'));
});
