import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { known, PRINCIPAL, policy, SUBSCRIPTION, VAULT_ID } from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  aWhatIf,
  deleted,
  GRANT_VALUES,
  GROUP_ID,
  modified,
  planned,
  previewFile,
  ROLE_ID,
  sets,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

const ofPlan = (resources: object[], chain = aChain(), more: object = {}) =>
  previewFile(aPlan(resources, more), chain).outcome;
const ofWhatIf = (changes: object[]) => previewFile(aWhatIf(changes)).outcome;
const OTHER = '99999999-0000-4000-8000-000000000000';
const otherGroup = (name: string) => `/subscriptions/${OTHER}/resourceGroups/${name}`;
const created = (type: string, after: object) => planned(type, ['create'], { after, unknown: { id: true } });
const DEPLOYMENT = '/providers/Microsoft.Resources/deployments/d';
const MOVE = 'azurerm_management_group_subscription_association';
const PIM = 'azurerm_pim_active_role_assignment';
const group = (name: string) => `/providers/Microsoft.Management/managementGroups/${name}`;
const association = {
  id: `/managementGroup/mg1/subscription/${SUBSCRIPTION}`,
  management_group_id: group('mg1'),
  subscription_id: `/subscriptions/${SUBSCRIPTION}`,
};
const pim = {
  id: `${VAULT_ID}|${ROLE_ID}|${PRINCIPAL}`,
  scope: VAULT_ID,
  principal_id: PRINCIPAL,
  role_definition_id: ROLE_ID,
};
const HSM = `${GROUP_ID}/providers/Microsoft.KeyVault/managedHSMs/hsm1`;
const inHsm = aChain({ policy: known(policy({ vaultId: HSM, managedHsm: true })) });
const HSM_TYPE = 'azurerm_key_vault_managed_hardware_security_module';
const hsmKey = {
  id: 'https://hsm1.managedhsm.azure.net/keys/cmk',
  managed_hsm_id: HSM,
  name: 'cmk',
  tags: {},
};

describe('a type of resource that no reader judges', () => {
  const cases: Record<string, object> = {
    'a template that is deployed to a group that the plan names by its name alone': created(
      'azurerm_resource_group_template_deployment',
      { name: 'd', resource_group_name: 'rg-keys', template_content: '{}' },
    ),
    'a template deployment that becomes complete': updated(
      'azurerm_resource_group_template_deployment',
      { id: GROUP_ID + DEPLOYMENT, deployment_mode: 'Incremental' },
      { deployment_mode: 'Complete' },
    ),
    'a template deployment whose resources go with it': deleted(
      'azurerm_resource_group_template_deployment',
      {
        id: GROUP_ID + DEPLOYMENT,
      },
    ),
    'a template of a subscription': created('azurerm_subscription_template_deployment', { name: 'd' }),
    'a template deployment by azapi': created('azapi_resource', {
      type: 'Microsoft.Resources/deployments@2022-09-01',
      parent_id: GROUP_ID,
      name: 'd',
      body: { properties: { mode: 'Complete' } },
    }),
    'a subscription that is cancelled by its alias': deleted('azurerm_subscription', {
      id: '/providers/Microsoft.Subscription/aliases/x',
      subscription_id: SUBSCRIPTION,
    }),
    'a subscription that leaves its management group': deleted(MOVE, association),
    'a subscription that joins one': created(MOVE, { ...association, id: undefined }),
    'a subscription that moves to another': planned(MOVE, ['delete', 'create'], {
      before: association,
      after: { ...association, management_group_id: group('mg2') },
    }),
    'an active assignment of PIM that ends': deleted(PIM, pim),
    'a deleted vault that is purged': created('azapi_resource_action', {
      type: 'Microsoft.KeyVault/locations/deletedVaults@2023-07-01',
      resource_id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-eu`,
      action: 'purge',
      method: 'POST',
    }),
    'a type of tomorrow that is taken from the vault': deleted('azurerm_vault_thing', {
      id: 'x',
      scope: VAULT_ID,
    }),
    'an action word of a later Terraform': planned('azurerm_key_vault', ['destroy'], {
      before: VAULT_VALUES,
    }),
    'no action word at all': planned('azurerm_key_vault', [], { before: VAULT_VALUES }),
    'an action word beside one that is known': planned('azurerm_key_vault', ['update', 'detach'], {
      before: VAULT_VALUES,
      after: VAULT_VALUES,
    }),
  };
  for (const [title, resource] of Object.entries(cases))
    test(title, () => assert.equal(ofPlan([resource]), 'unknown'));

  test('keys and rights of a managed HSM that a policy uses', () => {
    const key = `${HSM_TYPE}_key`;
    assert.equal(ofPlan([deleted(key, hsmKey)], inHsm), 'unknown');
    assert.equal(ofPlan([updated(key, hsmKey, { key_opts: ['sign'] })], inHsm), 'unknown');
    const right = { id: 'https://hsm1.managedhsm.azure.net/|/|x', managed_hsm_id: HSM };
    assert.equal(ofPlan([deleted(`${HSM_TYPE}_role_assignment`, right)], inHsm), 'unknown');
    assert.equal(ofPlan([created(key, hsmKey)], inHsm), 'fine');
    assert.equal(ofPlan([updated(key, hsmKey, { tags: { a: 'b' } })], inHsm), 'fine');
    assert.equal(ofPlan([deleted(key, hsmKey)]), 'fine');
  });

  test('an active assignment of PIM that is made may replace a grant', () => {
    const removed = deleted('azurerm_role_assignment', GRANT_VALUES);
    assert.equal(ofPlan([removed, created(PIM, pim)]), 'fine');
    assert.equal(ofPlan([removed]), 'goesDown');
  });

  test('an action that the plan invokes beside its resources', () => {
    const invocation = {
      address: 'action.azapi_resource_action.delete',
      type: 'azapi_resource_action',
      config_values: { resource_id: VAULT_ID, method: 'DELETE', body: { secret: 'S3cr3t' } },
    };
    for (const name of ['action_invocations', 'deferred_action_invocations']) {
      const found = previewFile(aPlan([], { [name]: [invocation] }));
      assert.deepEqual([found.outcome, found.cannotJudge[0]?.address], ['unknown', invocation.address]);
      assert.ok(!JSON.stringify(found).includes('S3cr3t'));
    }
  });

  test('a what-if result that moves a subscription, or that lists a deployment', () => {
    const moved = `${group('mg2')}/subscriptions/${SUBSCRIPTION}`;
    for (const changeType of ['Create', 'Delete', 'Deploy'])
      assert.equal(ofWhatIf([{ resourceId: moved, changeType, after: {} }]), 'unknown');
    assert.equal(
      ofWhatIf([modified(GROUP_ID + DEPLOYMENT, [sets('properties.mode', 'Incremental', 'Complete')])]),
      'unknown',
    );
  });
});

describe('a type that no reader judges, elsewhere or harmless, stays fine', () => {
  const cases: Record<string, object> = {
    'a template deployment of another group': deleted('azurerm_resource_group_template_deployment', {
      id: otherGroup('rg') + DEPLOYMENT,
    }),
    'another subscription': deleted('azurerm_subscription', {
      id: '/providers/Microsoft.Subscription/aliases/x',
      subscription_id: OTHER,
    }),
    'another subscription that moves': deleted(MOVE, {
      ...association,
      subscription_id: `/subscriptions/${OTHER}`,
    }),
    'a new subscription': created('azurerm_subscription', { subscription_name: 'x' }),
    'an active assignment of PIM elsewhere': deleted(PIM, { ...pim, scope: otherGroup('rg') }),
    'a diagnostic setting of the vault': deleted('azurerm_monitor_diagnostic_setting', {
      id: `${VAULT_ID}|all`,
      target_resource_id: VAULT_ID,
    }),
    'a budget of the subscription': updated(
      'azurerm_consumption_budget_subscription',
      { subscription_id: `/subscriptions/${SUBSCRIPTION}` },
      { amount: 2 },
    ),
    'a secret of the vault': deleted('azurerm_key_vault_secret', { key_vault_id: VAULT_ID }),
    'an eligible assignment of PIM': deleted('azurerm_pim_eligible_role_assignment', pim),
  };
  for (const [title, resource] of Object.entries(cases))
    test(title, () => assert.equal(ofPlan([resource]), 'fine'));
});
