import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { previewPlan } from '../../shared/preview/preview-plan.ts';
import { grant, known, NOW, POLICY_ID, permission, SUBSCRIPTION, VAULT_ID } from '../triggers/a-reading.ts';
import { aChain, aPlan, deleted, previewFile, updated, VAULT_VALUES } from './plan-examples.ts';

const ROLE = '99999999-0000-4000-8000-000000000000';
const ofOperation = (operation: object) => previewFile({ operations: [operation] });

describe('an operation at a place that belongs to no chain is not judged', () => {
  const cases: Record<string, object> = {
    'a vault with a typing error': { what: 'vaultDeleted', vaultId: `${VAULT_ID}x` },
    'a vault with two slashes': {
      what: 'vaultDeleted',
      vaultId: VAULT_ID.replace('/resourceGroups', '//resourceGroups'),
    },
    'a key with a typing error': { what: 'keyDeleted', vaultId: VAULT_ID, keyName: 'cmkk' },
    'a policy with a typing error': { what: 'policyDeleted', policyId: `${POLICY_ID}x` },
    'a group with a typing error': {
      what: 'resourceGroupDeleted',
      id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-kays`,
    },
    'a grant at another vault': {
      what: 'roleAssignmentRemoved',
      id: grant().id.replace('/vaults/kv-eu/', '/vaults/kv-ue/'),
    },
    'a role that no identity holds': { what: 'roleDefinitionDeleted', roleId: ROLE },
  };
  for (const [title, operation] of Object.entries(cases))
    test(title, () => {
      const { outcome, cannotJudge } = ofOperation(operation);
      assert.equal(outcome, 'unknown');
      assert.match(cannotJudge[0]?.because ?? '', /check the spelling/);
    });

  test('an operation at a watched place is judged, and so is a plan that is full of others', () => {
    assert.equal(
      ofOperation({ what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { enabled: true } }).outcome,
      'fine',
    );
    assert.equal(
      previewFile(aPlan([deleted('azurerm_key_vault', { ...VAULT_VALUES, id: `${VAULT_ID}x` })])).outcome,
      'fine',
    );
  });

  test('nothing is compared where there is no policy', () => {
    const options = { now: NOW, networkReading: 'trustedService' } as const;
    const found = (file: object) => previewPlan([], reducePlanFile(JSON.stringify(file)), options);
    const plan = aPlan([deleted('azurerm_key_vault', VAULT_VALUES)]);
    assert.deepEqual([found(plan).outcome, found(plan).policiesCompared], ['unknown', 0]);
    assert.equal(found(aPlan([])).outcome, 'fine');
  });
});

describe('every pattern that can name an action of Key Vault counts', () => {
  const role = (permissions: object) => ({ role_definition_id: ROLE, permissions: [permissions] });
  const before = role({ data_actions: ['Microsoft.KeyVault/vaults/keys/*'], not_data_actions: [] });
  const custom = aChain({
    permission: known(
      permission({
        grants: [
          grant({
            roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`,
            roleName: 'custom',
          }),
        ],
      }),
    ),
  });
  const outcome = (permissions: object) =>
    previewFile(aPlan([updated('azurerm_role_definition', before, role(permissions))]), custom).outcome;

  test('as an exclusion it takes the action away, as a grant it gives it', () => {
    const all = ['Microsoft.KeyVault/vaults/keys/*'];
    for (const pattern of [
      'Microsoft.*/unwrap/action',
      'M*unwrap*',
      '*/unwrap/action',
      'microsoft.keyvault*',
    ])
      assert.equal(outcome({ data_actions: all, not_data_actions: [pattern] }), 'goesDown', pattern);
    for (const pattern of ['Microsoft.*', 'Micro*', '*', 'Microsoft.KeyVault/*'])
      assert.equal(outcome({ data_actions: [pattern], not_data_actions: [] }), 'fine', pattern);
    assert.equal(outcome({ data_actions: all, not_data_actions: ['Microsoft.Storage/*'] }), 'fine');
  });
});
