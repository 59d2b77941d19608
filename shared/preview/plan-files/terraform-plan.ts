import type { CannotJudge, Change, ReducedPlan } from '../change.ts';
import { addressIn, entriesIn, isRecord, valueAt } from './json-values.ts';
import { PlanFileError } from './plan-file-error.ts';
import {
  accessPolicyChanges,
  assignmentChanges,
  groupChanges,
  lockChanges,
  perimeterChanges,
  perimeterRuleChanges,
  roleChanges,
} from './terraform-access.ts';
import { azapiActionChanges, azapiResourceChanges, azapiUpdateChanges } from './terraform-azapi.ts';
import { entraGroupChanges, entraMemberChanges } from './terraform-groups.ts';
import { inKnownOrder, type ReadResource } from './terraform-order.ts';
import {
  managedHsmChanges,
  otherChanges,
  pimAssignmentChanges,
  templateDeploymentChanges,
} from './terraform-other.ts';
import { actionOf, type PurgesOnDestroy, type TerraformResource } from './terraform-resource.ts';
import { keyChanges, vaultChanges } from './terraform-vault.ts';

/** What each type of resource means here, of azurerm 3 and 4, azuread and azapi. */
const READERS: Readonly<Record<string, (resource: TerraformResource) => Change[]>> = {
  azurerm_key_vault: vaultChanges,
  azurerm_key_vault_key: keyChanges,
  azurerm_key_vault_access_policy: accessPolicyChanges,
  azurerm_role_assignment: assignmentChanges,
  azurerm_role_definition: roleChanges,
  azurerm_management_lock: lockChanges,
  azurerm_resource_group: groupChanges,
  azurerm_network_security_perimeter: perimeterRuleChanges,
  azurerm_network_security_perimeter_profile: perimeterRuleChanges,
  azurerm_network_security_perimeter_access_rule: perimeterRuleChanges,
  azurerm_network_security_perimeter_association: perimeterChanges,
  azurerm_pim_active_role_assignment: pimAssignmentChanges,
  azurerm_key_vault_managed_hardware_security_module_key: managedHsmChanges,
  azurerm_key_vault_managed_hardware_security_module_role_assignment: managedHsmChanges,
  azurerm_key_vault_managed_hardware_security_module_role_definition: managedHsmChanges,
  azurerm_resource_group_template_deployment: templateDeploymentChanges,
  azurerm_template_deployment: templateDeploymentChanges,
  azuread_group: entraGroupChanges,
  azuread_group_without_members: entraGroupChanges,
  azuread_group_member: entraMemberChanges,
  azapi_resource: azapiResourceChanges,
  azapi_update_resource: azapiUpdateChanges,
  azapi_resource_action: azapiActionChanges,
};

/**
 * The changes of `terraform show -json <plan file>` that can matter to a policy's chain, and nothing else of the
 * plan: no attribute but those that are named here leaves this function.
 */
export function readTerraformPlan(plan: Record<string, unknown>): ReducedPlan {
  const format = String(plan.format_version ?? '');
  if (!/^[01]\./.test(format))
    throw new PlanFileError(
      `This plan has the format ${format.slice(0, 20) || 'of no version'}, and Lockwatch reads those that begin with 0 or 1.`,
    );
  const cannotJudge: CannotJudge[] = [];
  if (plan.errored === true)
    cannotJudge.push({ because: 'The plan ended with an error, so it may lack changes.' });
  if (plan.complete === false)
    cannotJudge.push({ because: 'The plan is not complete: Terraform left changes for a later one.' });
  if (entriesIn(plan.deferred_changes).length > 0)
    cannotJudge.push({ because: 'The plan defers changes, which are not known yet.' });
  cannotJudge.push(...invokedActions(plan));
  const purges = purgesOnDestroy(plan);
  const found: ReadResource[] = [];
  for (const [n, entry] of entriesIn(plan.resource_changes).entries()) {
    const read = resourceOf(entry, n, purges);
    if (read === 'unreadable')
      cannotJudge.push({ address: `resource change ${n + 1}`, because: 'It could not be read.' });
    else if (read !== undefined) found.push({ resource: read, changes: changesOf(read) });
  }
  const changes = inKnownOrder(found);
  return { kind: 'lockwatchPreview', version: 1, from: 'terraform', changes, cannotJudge };
}

/** Actions of providers (Terraform 1.14) are requests beside the resources: the plan does not say what they change. */
function invokedActions(plan: Record<string, unknown>): CannotJudge[] {
  const listed = [...entriesIn(plan.action_invocations), ...entriesIn(plan.deferred_action_invocations)];
  return listed.map((one, n) => {
    const address = addressIn(valueAt(one, 'address'), `action ${n + 1}`);
    return { address, because: 'The plan invokes an action whose effect Lockwatch does not know.' };
  });
}

function resourceOf(
  entry: unknown,
  n: number,
  purges: PurgesOnDestroy,
): TerraformResource | 'unreadable' | undefined {
  if (valueAt(entry, 'mode') === 'data') return undefined;
  const type = valueAt(entry, 'type');
  const change = valueAt(entry, 'change');
  const actions = valueAt(change, 'actions');
  if (typeof type !== 'string' || !isRecord(change) || !Array.isArray(actions)) return 'unreadable';
  const action = actionOf(actions);
  if (action === 'unknown') return 'unreadable';
  if (action === undefined) return undefined;
  return {
    address: addressIn(valueAt(entry, 'address'), `resource change ${n + 1}`),
    type,
    ...action,
    before: change.before,
    after: change.after,
    afterUnknown: change.after_unknown,
    purges,
  };
}

function changesOf(resource: TerraformResource): Change[] {
  const { type } = resource;
  return Object.hasOwn(READERS, type) ? (READERS[type]?.(resource) ?? []) : otherChanges(resource);
}

/**
 * azurerm purges what it destroys unless its `features` say otherwise ("The Features Block"). A setting that comes from
 * a variable is not in the plan, so it counts as the default. With several providers, one that purges is enough.
 */
function purgesOnDestroy(plan: Record<string, unknown>): PurgesOnDestroy {
  const configured = valueAt(plan, 'configuration', 'provider_config');
  const providers = isRecord(configured)
    ? Object.values(configured).filter((one) => valueAt(one, 'name') === 'azurerm')
    : [];
  const isOff = (setting: string) =>
    providers.length > 0 &&
    providers.every(
      (one) =>
        valueAt(one, 'expressions', 'features', '0', 'key_vault', '0', setting, 'constant_value') === false,
    );
  return {
    vaults: !isOff('purge_soft_delete_on_destroy'),
    keys: !isOff('purge_soft_deleted_keys_on_destroy'),
  };
}
