import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { armIdParts } from '../../shared/azure/arm-id.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import {
  known,
  POLICY_ID,
  PRINCIPAL,
  policy,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
} from '../triggers/a-reading.ts';
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
const GROUP_OF_POLICY = armIdParts(POLICY_ID).resourceGroup ?? '';
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

describe('a template that is deployed to a resource group', () => {
  const TYPE = 'azurerm_resource_group_template_deployment';
  const EMPTY = { resources: [] };
  const template = (resource_group_name: string, content: object = EMPTY, more: object = {}) => {
    const values = { name: 'd', resource_group_name, template_content: JSON.stringify(content), ...more };
    return created(TYPE, values);
  };
  const resource = (type: string) => ({ resources: [{ type, properties: {} }] });

  test('concerns each policy that has its vault or itself in a group of that name, in any subscription', () => {
    assert.equal(ofPlan([template('rg-keys')]), 'unknown');
    assert.equal(ofPlan([template('RG-Keys')]), 'unknown');
    assert.equal(ofPlan([template(GROUP_OF_POLICY)]), 'unknown');
    assert.equal(ofPlan([template('rg-web')]), 'fine');
    const elsewhere = VAULT_ID.replace(SUBSCRIPTION, OTHER).replace('rg-keys', 'rg-web');
    const moved = aChain({ policy: known(policy({ vaultId: elsewhere })) });
    assert.equal(ofPlan([template('rg-web')], moved), 'unknown', 'in another subscription');
    assert.equal(ofPlan([template('rg-keys')], moved), 'fine');
    assert.equal(ofPlan([created('azurerm_template_deployment', { resource_group_name: 'rg-web' })]), 'fine');
  });

  test('concerns a policy whose vault is not known', () => {
    const chain = aChain({ policy: unread('forbidden') });
    const blind = { ...chain, history: { ...chain.history, policy: undefined } };
    const { cannotJudge } = previewFile(aPlan([template('rg-web')]), blind).policies[0] ?? assert.fail();
    assert.match(JSON.stringify(cannotJudge), /template_deployment/);
  });

  test('concerns every policy where the name of its group is not known yet, or is none', () => {
    const named = planned(TYPE, ['create'], {
      after: { name: 'd', template_content: '{}' },
      unknown: { id: true, resource_group_name: true },
    });
    assert.equal(ofPlan([named]), 'unknown');
    assert.equal(ofPlan([template('rg/../x')]), 'unknown');
    assert.equal(ofPlan([created(TYPE, { name: 'd' })]), 'unknown');
  });

  test('concerns every policy where its template may act outside the group, or can not be seen', () => {
    for (const type of [
      'Microsoft.Resources/deployments',
      'microsoft.resources/deploymentScripts',
      'Microsoft.Network/networkSecurityPerimeters/resourceAssociations',
    ])
      assert.equal(ofPlan([template('rg-web', resource(type))]), 'unknown', type);
    assert.equal(ofPlan([template('rg-web', resource('Microsoft.Web/sites'))]), 'fine');
    const escaped = '{"resources":[{"type":"Microsoft.\\u0052esources/deployments"}]}';
    assert.equal(ofPlan([template('rg-web', EMPTY, { template_content: escaped })]), 'unknown');
    assert.equal(ofPlan([template('rg-web', EMPTY, { template_content: '{ // a comment' })]), 'unknown');
    const spec = { template_content: null, template_spec_version_id: `${otherGroup('rg')}/x` };
    assert.equal(ofPlan([template('rg-web', EMPTY, spec)]), 'unknown');
    const unseen = planned(TYPE, ['create'], {
      after: { name: 'd', resource_group_name: 'rg-web' },
      unknown: { template_content: true },
    });
    assert.equal(ofPlan([unseen]), 'unknown');
    const before = { id: otherGroup('rg') + DEPLOYMENT, template_content: JSON.stringify(EMPTY) };
    assert.equal(ofPlan([updated(TYPE, before, { tags: { a: 'b' } })]), 'fine');
    const nested = JSON.stringify(resource('Microsoft.Resources/deployments'));
    assert.equal(ofPlan([updated(TYPE, before, { template_content: nested })]), 'unknown');
    assert.equal(ofPlan([deleted(TYPE, { ...before, template_content: nested })]), 'unknown');
  });

  test('concerns both groups where it is moved from one to another', () => {
    const at = (name: string) => ({ resource_group_name: name, template_content: JSON.stringify(EMPTY) });
    const moves = (from: string, to: string) =>
      planned(TYPE, ['delete', 'create'], {
        before: { id: otherGroup(from) + DEPLOYMENT, ...at(from) },
        after: at(to),
        unknown: { id: true },
      });
    assert.equal(ofPlan([moves('rg-web', 'rg-keys')]), 'unknown');
    assert.equal(ofPlan([moves('rg-web', 'rg-app')]), 'fine');
  });

  test('by azapi, concerns its own group, and every policy where it may act outside it', () => {
    const azapi = (parent_id: string | undefined, body: unknown, unknown: object = {}) =>
      planned('azapi_resource', ['create'], {
        after: { type: 'Microsoft.Resources/deployments@2022-09-01', name: 'd', parent_id, body },
        unknown: { id: true, ...unknown },
      });
    const body = (content: object) => ({ properties: { mode: 'Incremental', template: content } });
    const web = otherGroup('rg-web');
    assert.equal(ofPlan([azapi(web, body(EMPTY))]), 'fine');
    assert.equal(ofPlan([azapi(GROUP_ID, body(EMPTY))]), 'unknown');
    assert.equal(ofPlan([azapi(undefined, body(EMPTY), { parent_id: true })]), 'unknown');
    assert.equal(ofPlan([azapi('/', body(EMPTY))]), 'unknown', 'to the tenant');
    const ofTenant = {
      type: 'Microsoft.Resources/deployments@2022-09-01',
      id: DEPLOYMENT,
      body: body(EMPTY),
    };
    assert.equal(ofPlan([updated('azapi_resource', ofTenant, { body: body({}) })]), 'unknown');
    const put = { type: ofTenant.type, resource_id: DEPLOYMENT, method: 'PUT', body: body(EMPTY) };
    assert.equal(ofPlan([created('azapi_resource_action', put)]), 'unknown');
    assert.equal(ofPlan([azapi(web, body(resource('Microsoft.Resources/deployments')))]), 'unknown');
    assert.equal(ofPlan([azapi(web, { properties: { templateLink: { uri: 'https://x' } } })]), 'unknown');
    assert.equal(ofPlan([azapi(web, JSON.stringify(body(EMPTY)))]), 'fine', 'as a text');
    assert.equal(ofPlan([azapi(web, undefined, { body: true })]), 'unknown');
  });

  test('leaves nothing of its template in what is sent', () => {
    const content = { resources: [], parameters: { password: { defaultValue: 'S3cr3t' } } };
    const reduced = JSON.stringify(reducePlanFile(JSON.stringify(aPlan([template('rg-keys', content)]))));
    assert.match(reduced, /"resourceGroup":"rg-keys"/);
    assert.ok(!reduced.includes('S3cr3t'));
    assert.deepEqual(reducePlanFile(reduced), JSON.parse(reduced), 'and the server takes it');
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
