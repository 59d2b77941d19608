import { PRINCIPAL, VAULT_ID } from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  aWhatIf,
  deleted,
  GRANT_VALUES,
  GROUP_ID,
  KEY_VALUES,
  modified,
  planned,
  sets,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

const OTHER = '99999999-0000-4000-8000-000000000000';
const AZAPI = {
  id: VAULT_ID,
  type: 'Microsoft.KeyVault/vaults@2023-07-01',
  name: 'kv-eu',
  parent_id: GROUP_ID,
};
const ROLE = {
  id: `/x|/y`,
  role_definition_id: OTHER,
  name: 'r',
  permissions: [{ data_actions: ['a'], not_data_actions: [] }],
};
const ENTRY = {
  object_id: PRINCIPAL,
  tenant_id: OTHER,
  application_id: '',
  key_permissions: ['Get'],
  secret_permissions: ['Get'],
};
const LOCK = { id: `${VAULT_ID}/providers/Microsoft.Authorization/locks/keep`, notes: 'n', scope: VAULT_ID };

/** Every type of resource that is read, with attributes that hold secrets beside those that matter. */
export const EVERYTHING = aPlan(
  [
    updated(
      'azurerm_key_vault',
      { ...VAULT_VALUES, access_policy: [ENTRY] },
      {
        access_policy: [{ ...ENTRY, object_id: OTHER }],
        tenant_id: OTHER,
        public_network_access_enabled: false,
        rbac_authorization_enabled: false,
        network_acls: [{ bypass: 'None', default_action: 'Deny', ip_rules: ['203.0.113.1'] }],
      },
    ),
    deleted('azurerm_key_vault', VAULT_VALUES),
    updated('azurerm_key_vault_key', KEY_VALUES, {
      key_opts: ['sign'],
      expiration_date: '2030-01-01T00:00:00Z',
      not_before_date: '2029-01-01T00:00:00Z',
    }),
    deleted('azurerm_key_vault_key', KEY_VALUES),
    planned('azurerm_key_vault_access_policy', ['delete', 'create'], {
      before: { ...ENTRY, key_vault_id: VAULT_ID },
      after: { ...ENTRY, key_vault_id: VAULT_ID },
    }),
    planned('azurerm_role_assignment', ['delete', 'create'], { before: GRANT_VALUES, after: GRANT_VALUES }),
    updated('azurerm_role_definition', ROLE, {
      permissions: [{ data_actions: ['Microsoft.KeyVault/vaults/keys/read'], not_data_actions: [] }],
    }),
    deleted('azurerm_management_lock', LOCK),
    deleted('azurerm_resource_group', { id: GROUP_ID, name: 'rg-keys' }),
    planned('azurerm_network_security_perimeter_association', ['create'], {
      after: { resource_id: VAULT_ID, access_mode: 'Enforced' },
    }),
    updated(
      'azapi_resource',
      { ...AZAPI, body: { properties: { tenantId: OTHER } } },
      {
        body: {
          properties: { publicNetworkAccess: 'Disabled', accessPolicies: [{ objectId: PRINCIPAL }] },
          secret: 's',
        },
      },
    ),
    planned('azapi_update_resource', ['create'], {
      after: { ...AZAPI, resource_id: VAULT_ID, body: '{"properties":{"networkAcls":{"bypass":"None"}}}' },
    }),
    planned('azapi_resource_action', ['create'], {
      after: { ...AZAPI, resource_id: VAULT_ID, action: 'x', body: { password: 'p' } },
    }),
    updated(
      'azuread_group',
      { object_id: OTHER, members: [PRINCIPAL], description: 'd' },
      { members: [OTHER], description: 'e' },
    ),
    planned('azuread_group_member', ['delete', 'create'], {
      before: { group_object_id: OTHER, member_object_id: PRINCIPAL },
      after: { group_object_id: OTHER, member_object_id: OTHER },
    }),
    deleted('azurerm_subscription', { id: '/subscriptions/00000000-0000-4000-8000-000000000000' }),
    planned('azurerm_resource_group_template_deployment', ['create'], {
      after: { name: 'd', resource_group_name: 'rg-keys', template_content: '{"resources":[]}' },
    }),
    deleted('azurerm_key_vault_secret', { id: 'https://kv-eu.vault.azure.net/secrets/s/1', value: 'v' }),
  ],
  {
    variables: { password: { value: 'p' } },
    prior_state: { values: { outputs: { p: { value: 'p' } } } },
    output_changes: { p: { after: 'p' } },
  },
);
/** The same of a what-if result. */
export const EVERY_DELTA = aWhatIf([
  modified(VAULT_ID, [
    sets('properties.networkAcls.bypass', 'AzureServices', 'None'),
    sets('properties.tenantId', OTHER, PRINCIPAL),
    {
      path: 'properties.accessPolicies',
      propertyChangeType: 'Array',
      children: [{ path: '0', propertyChangeType: 'Delete', before: { objectId: PRINCIPAL } }],
    },
    sets('properties.secretThing', 'a', 'b'),
  ]),
  {
    resourceId: GRANT_VALUES.id,
    changeType: 'Create',
    after: { properties: { principalId: PRINCIPAL, roleDefinitionId: 'x', description: 'd' } },
  },
  { resourceId: GROUP_ID, changeType: 'Delete', before: { tags: { a: 'b' } } },
  { resourceId: `${VAULT_ID}/secrets/s`, changeType: 'Create', after: { properties: { value: 'v' } } },
  { resourceId: aChain().facts.policyId, changeType: 'Unsupported', unsupportedReason: 'r' },
  modified(aChain().facts.policyId, [sets('properties.encryption.keyVault.key.name', 'a', 'b')]),
]);
