import type { Facts } from '../../shared/facts/facts.ts';
import { chainOfReading, type PreviewChain } from '../../shared/preview/chain.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { type PlanPreview, previewPlan } from '../../shared/preview/preview-plan.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { guarded, protection, TENANT } from '../triggers/a-guarded-reading.ts';
import { aged, grant, known, NOW, PRINCIPAL, SUBSCRIPTION, VAULT_ID } from '../triggers/a-reading.ts';

export const GROUP_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys`;
export const GRANT_ID = grant().id;
export const ROLE = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';
export const ROLE_ID = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`;

/** A healthy chain that no lock guards, read just now and two days before. */
export function aChain(change: Partial<Facts> = {}): PreviewChain {
  const unlocked = { protection: protection({ policyLocks: known([]), vaultLocks: known([]) }) };
  const before = updateHistory(undefined, aged(guarded(unlocked), 2));
  const facts = guarded({ ...unlocked, ...change });
  return chainOfReading(facts, before);
}

export function previewFile(file: object, of: PreviewChain = aChain()): PlanPreview {
  return previewPlan([of], reducePlanFile(JSON.stringify(file)), {
    now: NOW,
    networkReading: 'trustedService',
  });
}

/** One entry of `resource_changes`; the name is in the address. */
export function planned(
  type: string,
  actions: string[],
  values: { before?: object | null; after?: object | null; unknown?: object | boolean },
  more: object = {},
) {
  const { before = null, after = null, unknown = {} } = values;
  return {
    address: `${type}.main`,
    mode: 'managed',
    type,
    name: 'main',
    provider_name: 'registry.terraform.io/hashicorp/azurerm',
    change: { actions, before, after, after_unknown: unknown, before_sensitive: {}, after_sensitive: {} },
    ...more,
  };
}

/**
 * A plan as `terraform show -json` writes it. Its shape follows hashicorp/terraform
 * `website/docs/internals/json-format.mdx` and `internal/command/testdata/show-json-*`.
 */
export function aPlan(resources: readonly object[], more: object = {}) {
  return {
    format_version: '1.2',
    terraform_version: '1.13.4',
    planned_values: { root_module: {} },
    resource_changes: resources,
    configuration: {
      provider_config: { azurerm: { name: 'azurerm', expressions: { features: [{}] } } },
      root_module: {},
    },
    applyable: true,
    complete: true,
    errored: false,
    ...more,
  };
}

/** The attributes of `azurerm_key_vault` (hashicorp/terraform-provider-azurerm `website/docs/r/key_vault.html.markdown`). */
export const VAULT_VALUES = {
  id: VAULT_ID,
  name: 'kv-eu',
  location: 'westeurope',
  resource_group_name: 'rg-keys',
  sku_name: 'premium',
  tenant_id: TENANT,
  public_network_access_enabled: true,
  network_acls: [
    { bypass: 'AzureServices', default_action: 'Allow', ip_rules: [], virtual_network_subnet_ids: [] },
  ],
  rbac_authorization_enabled: true,
  access_policy: [],
  purge_protection_enabled: true,
  soft_delete_retention_days: 90,
  tags: { owner: 'platform' },
  vault_uri: 'https://kv-eu.vault.azure.net/',
};
/** Those of `azurerm_key_vault_key` (`website/docs/r/key_vault_key.html.markdown`). */
export const KEY_VALUES = {
  id: 'https://kv-eu.vault.azure.net/keys/cmk/v1',
  name: 'cmk',
  key_vault_id: VAULT_ID,
  key_type: 'RSA',
  key_size: 3072,
  key_opts: ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'],
  not_before_date: null,
  expiration_date: null,
  version: 'v1',
  tags: null,
};
export const GRANT_VALUES = {
  id: GRANT_ID,
  scope: VAULT_ID,
  principal_id: PRINCIPAL,
  principal_type: 'ServicePrincipal',
  role_definition_id: ROLE_ID,
  role_definition_name: 'Key Vault Crypto Service Encryption User',
  condition: null,
};

export const updated = (
  type: string,
  before: object,
  change: object,
  unknown: object = {},
  more: object = {},
) => planned(type, ['update'], { before, after: { ...before, ...change }, unknown }, more);
export const deleted = (type: string, before: object, more: object = {}) =>
  planned(type, ['delete'], { before }, more);

/**
 * A what-if result as `az deployment group what-if --no-pretty-print` writes it. Its shape follows
 * hashicorp/terraform-provider-azurerm, vendored go-azure-sdk `resources/2023-07-01/deployments/model_whatifchange.go` and
 * `model_whatifpropertychange.go`.
 */
export function aWhatIf(changes: readonly object[], more: object = {}) {
  return { status: 'Succeeded', error: null, changes, ...more };
}
export const modified = (resourceId: string, delta: readonly object[]) => ({
  resourceId,
  changeType: 'Modify',
  before: {},
  after: {},
  delta,
});
export const sets = (path: string, before: unknown, after: unknown) => ({
  path,
  propertyChangeType: 'Modify',
  before,
  after,
});
