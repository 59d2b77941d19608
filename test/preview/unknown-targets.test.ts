import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { grant, known, PRINCIPAL, permission, SUBSCRIPTION, VAULT_ID, vault } from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  aWhatIf,
  deleted,
  GRANT_VALUES,
  modified,
  planned,
  previewFile,
  ROLE,
  ROLE_ID,
  sets,
} from './plan-examples.ts';

const ofPlan = (resources: object[], chain = aChain()) => previewFile(aPlan(resources), chain).outcome;
const ofWhatIf = (changes: object[], chain = aChain()) => previewFile(aWhatIf(changes), chain).outcome;
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network`;
const ASSOCIATION = `${NETWORK}/networkSecurityPerimeters/p/resourceAssociations/a`;
const SHUT = {
  properties: { publicNetworkAccess: 'Disabled', networkAcls: { bypass: 'None', defaultAction: 'Deny' } },
};
const KV = 'Microsoft.KeyVault/vaults@2023-07-01';
const NSP = 'Microsoft.Network/networkSecurityPerimeters/resourceAssociations@2023-08-01-preview';
const keys = ['Get', 'WrapKey', 'UnwrapKey'];
const entry = { object_id: PRINCIPAL, key_permissions: keys };
const byPolicies = aChain({
  vault: known(vault({ rbac: false })),
  permission: known(
    permission({
      model: 'accessPolicies',
      grants: [grant({ by: 'accessPolicy', id: PRINCIPAL, roleName: undefined })],
    }),
  ),
});
const created = (type: string, after: object, unknown: object) =>
  planned(type, ['create'], { after, unknown: { id: true, ...unknown } });

describe('a target that is known only after a plan is applied is not judged', () => {
  const cases: Record<string, object> = {
    azapi_update_resource: created('azapi_update_resource', { type: KV, body: SHUT }, { resource_id: true }),
    'azapi_update_resource of an unknown parent': created(
      'azapi_update_resource',
      { type: KV, name: 'kv-eu', body: SHUT },
      { resource_id: true, parent_id: true },
    ),
    'azapi_resource_action that deletes': created(
      'azapi_resource_action',
      { type: KV, method: 'DELETE' },
      { resource_id: true },
    ),
    'azapi_resource_action that asks for something': created(
      'azapi_resource_action',
      { type: KV, action: 'x' },
      { resource_id: true },
    ),
    'an action of a type that is unknown too': created(
      'azapi_resource_action',
      { method: 'DELETE' },
      { resource_id: true, type: true },
    ),
    'the association of a perimeter': created(
      'azurerm_network_security_perimeter_association',
      { access_mode: 'Enforced' },
      { resource_id: true },
    ),
    'the association of a perimeter, by azapi': created(
      'azapi_resource',
      {
        type: NSP,
        name: 'a',
        parent_id: `${NETWORK}/networkSecurityPerimeters/p`,
        body: { properties: { accessMode: 'Enforced' } },
      },
      { body: { properties: { privateLinkResource: { id: true } } } },
    ),
    'an Azure Policy that is assigned to an unknown scope': created(
      'azapi_resource',
      { type: 'Microsoft.Authorization/policyAssignments@2022-06-01', name: 'a', body: {} },
      { parent_id: true },
    ),
  };
  for (const [title, resource] of Object.entries(cases))
    test(title, () => assert.equal(ofPlan([resource]), 'unknown'));

  test('an access policy that moves to an unknown vault neither takes down nor is fine', () => {
    const moved = planned('azurerm_key_vault_access_policy', ['delete', 'create'], {
      before: { ...entry, key_vault_id: VAULT_ID },
      after: entry,
      unknown: { key_vault_id: true },
    });
    assert.equal(ofPlan([moved], byPolicies), 'unknown');
    const few = { ...moved, change: { ...moved.change, after: { ...entry, key_permissions: ['Get'] } } };
    assert.equal(ofPlan([few], byPolicies), 'goesDown');
  });

  test('a role assignment by azapi at an unknown scope may replace the one that is removed', () => {
    const made = created(
      'azapi_resource',
      {
        type: 'Microsoft.Authorization/roleAssignments@2022-04-01',
        name: '77777777-0000-4000-8000-000000000000',
        body: { properties: { principalId: PRINCIPAL, roleDefinitionId: ROLE_ID } },
      },
      { parent_id: true },
    );
    assert.equal(ofPlan([deleted('azurerm_role_assignment', GRANT_VALUES), made]), 'unknown');
    assert.equal(ofPlan([made]), 'fine');
  });
});

describe('a what-if result that does not name the target is not judged', () => {
  const TENANT_ROLE = `/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`;
  const unresolved = (accessMode: string) => ({
    resourceId: ASSOCIATION,
    changeType: 'Create',
    after: { properties: { accessMode, privateLinkResource: { id: "[reference('v').outputs.id.value]" } } },
  });
  const cases: Record<string, object> = {
    'an association whose vault is an expression': unresolved('Enforced'),
    'an association that is deployed again': { resourceId: ASSOCIATION, changeType: 'Deploy' },
    'an association that what-if does not support': { resourceId: ASSOCIATION, changeType: 'Unsupported' },
    'an association without a body': modified(ASSOCIATION, [
      sets('properties.accessMode', 'Learning', 'Enforced'),
    ]),
    'an association that is deleted, without a body': { resourceId: ASSOCIATION, changeType: 'Delete' },
    'an association whose own id is an expression': {
      resourceId: "[concat(reference('p').id, '/resourceAssociations/a')]",
      changeType: 'Create',
      after: { ...unresolved('Enforced').after, type: NSP.split('@')[0] },
    },
    'a role of the tenant that what-if does not support': {
      resourceId: TENANT_ROLE,
      changeType: 'Unsupported',
    },
    'a role of the tenant that is deployed again': { resourceId: TENANT_ROLE, changeType: 'Deploy' },
  };
  for (const [title, change] of Object.entries(cases))
    test(title, () => assert.equal(ofWhatIf([change]), 'unknown'));
});

describe('an unknown target that matters nowhere stays fine', () => {
  const cases: Record<string, object> = {
    'a new access policy': created('azurerm_key_vault_access_policy', entry, { key_vault_id: true }),
    'a perimeter in Learning': created(
      'azurerm_network_security_perimeter_association',
      { access_mode: 'Learning' },
      { resource_id: true },
    ),
    'a perimeter of another kind of resource': created(
      'azurerm_network_security_perimeter_association',
      { access_mode: 'Enforced', resource_id: `${NETWORK}/x/y` },
      {},
    ),
    'an update of another type': created(
      'azapi_update_resource',
      { type: 'Microsoft.Web/sites@2023-01-01', body: SHUT },
      { resource_id: true },
    ),
    'an action on another type': created(
      'azapi_resource_action',
      { type: 'Microsoft.Storage/storageAccounts@2023-01-01', action: 'listKeys' },
      { resource_id: true },
    ),
    'a new vault': created('azapi_resource', { type: KV, name: 'x', body: SHUT }, { parent_id: true }),
    'a new lock': created(
      'azapi_resource',
      { type: 'Microsoft.Authorization/locks@2020-05-01', name: 'x', body: {} },
      { parent_id: true },
    ),
  };
  for (const [title, resource] of Object.entries(cases))
    test(title, () => assert.equal(ofPlan([resource]), 'fine'));
});
