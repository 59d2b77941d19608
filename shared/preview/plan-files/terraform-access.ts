import type { Change } from '../change.ts';
import { armIdIn, entriesIn, guidIn, hasUnknown, valueAt, wordIn } from './json-values.ts';
import { accessPolicyEntry, dataPermission, roleIn } from './key-words.ts';
import { perimeterRulesChanged } from './perimeter-rules.ts';
import { attributeOf, onlyTagsDiffer, type TerraformResource, targetOf } from './terraform-resource.ts';
import { vaultIdIn } from './watched-scope.ts';

/** `azurerm_key_vault_access_policy`. */
export function accessPolicyChanges(resource: TerraformResource): Change[] {
  const removed = removedAccessPolicy(resource);
  const set = resource.does === 'deletes' ? [] : madeAccessPolicy(resource);
  // One entry holds all rights of an object: where the new one is made first, the deletion takes it away again.
  return resource.isCreatedFirst ? [...set, ...removed] : [...removed, ...set];
}

function removedAccessPolicy({ address, does, before }: TerraformResource): Change[] {
  const vaultId = vaultIdIn(valueAt(before, 'key_vault_id'));
  const objectId = guidIn(valueAt(before, 'object_id'));
  if (!/^(?:deletes|replaces)$/.test(does) || vaultId === undefined || objectId === undefined) return [];
  const applicationId = guidIn(valueAt(before, 'application_id'));
  const of = applicationId === undefined ? {} : { applicationId };
  return [{ what: 'accessPolicyRemoved', address, vaultId, objectId, ...of }];
}

function madeAccessPolicy(resource: TerraformResource): Change[] {
  const { address, after } = resource;
  const keys = attributeOf(resource, 'key_permissions');
  const target = targetOf(resource, 'key_vault_id');
  const vaultId = vaultIdIn(target);
  if (target !== 'unknown' && vaultId === undefined) return [];
  if (keys.isUnknown && vaultId === undefined)
    return [{ what: 'accessPolicySet', address, entry: { keys: ['all'] } }];
  if (keys.isUnknown) {
    const because = `${address} sets key permissions that are known only after the plan is applied.`;
    return [{ what: 'unjudged', address, scope: vaultId, because }];
  }
  const entry = accessPolicyEntry(valueAt(after, 'object_id'), {
    applicationId: valueAt(after, 'application_id'),
    tenantId: valueAt(after, 'tenant_id'),
    keys: keys.after,
  });
  return [{ what: 'accessPolicySet', address, entry, ...(vaultId === undefined ? {} : { vaultId }) }];
}

/** `azurerm_role_assignment`: every change of one is a replacement. */
export function assignmentChanges(resource: TerraformResource): Change[] {
  const { address, does, isCreatedFirst, before, after } = resource;
  if (does === 'updates') return updatedAssignment(resource);
  const changes: Change[] = [];
  if (does !== 'deletes') changes.push(addedAssignment(address, after));
  if (does !== 'creates') {
    // An assignment in another tenant has "|" and that tenant behind its id.
    const id = armIdIn(String(valueAt(before, 'id') ?? '').split('|')[0]);
    const scope = armIdIn(valueAt(before, 'scope'));
    if (id !== undefined)
      changes.push({
        what: 'roleAssignmentRemoved',
        address,
        id,
        ...(isCreatedFirst ? { isReplacedFirst: true } : {}),
      });
    else if (scope !== undefined)
      changes.push({
        what: 'unjudged',
        address,
        scope,
        because: `${address} removes a role assignment whose id the plan does not name.`,
      });
  }
  return isCreatedFirst ? changes : changes.reverse();
}

/** What a provider of a later version changes in place. */
function updatedAssignment(resource: TerraformResource): Change[] {
  const { address, before } = resource;
  const names = ['condition', 'condition_version', 'principal_id', 'role_definition_id', 'scope'];
  const scope = armIdIn(valueAt(before, 'scope'));
  if (!names.some((name) => attributeOf(resource, name).isChanged)) return [];
  const because = `${address} changes a role assignment in a way that Lockwatch does not judge, such as its condition.`;
  return [{ what: 'unjudged', address, ...(scope === undefined ? {} : { scope }), because }];
}

export function addedAssignment(address: string, after: unknown): Change {
  const scope = armIdIn(valueAt(after, 'scope'));
  const principalId = guidIn(valueAt(after, 'principal_id'));
  const principalType = wordIn(valueAt(after, 'principal_type'), ['User', 'Group', 'ServicePrincipal']);
  const role = roleIn(valueAt(after, 'role_definition_id'), valueAt(after, 'role_definition_name'));
  const isConditional = typeof valueAt(after, 'condition') === 'string';
  return {
    what: 'roleAssignmentAdded',
    address,
    ...(scope === undefined ? {} : { scope }),
    ...(principalId === undefined ? {} : { principalId }),
    ...(principalType === undefined ? {} : { principalType }),
    ...(role === undefined ? {} : { role }),
    ...(isConditional ? { isConditional } : {}),
  };
}

/** `azurerm_role_definition`. */
export function roleChanges(resource: TerraformResource): Change[] {
  const { address, does, before, after, afterUnknown } = resource;
  const roleId = guidIn(valueAt(before, 'role_definition_id')) ?? roleIn(valueAt(before, 'id'));
  if (does === 'creates') {
    const made = guidIn(valueAt(after, 'role_definition_id'));
    return made === undefined ? [] : [roleSet(address, made, after, afterUnknown)];
  }
  if (roleId === undefined) return [];
  if (does !== 'updates') return [{ what: 'roleDefinitionDeleted', address, roleId }];
  return attributeOf(resource, 'permissions').isChanged
    ? [roleSet(address, roleId, after, afterUnknown)]
    : [];
}

function roleSet(address: string, roleId: string, after: unknown, afterUnknown: unknown): Change {
  const isUnknown = hasUnknown(valueAt(afterUnknown, 'permissions'));
  const permissions = entriesIn(valueAt(after, 'permissions')).map((one) =>
    dataPermission(valueAt(one, 'data_actions'), valueAt(one, 'not_data_actions')),
  );
  return { what: 'roleDefinitionSet', address, roleId, permissions, ...(isUnknown ? { isUnknown } : {}) };
}

/** `azurerm_management_lock`: one that is replaced is gone for a while, and another level may refuse less. */
export function lockChanges(resource: TerraformResource): Change[] {
  const { address, does, before } = resource;
  const id = armIdIn(valueAt(before, 'id'));
  const isKept = does === 'updates' && !attributeOf(resource, 'lock_level').isChanged;
  return id === undefined || does === 'creates' || isKept ? [] : [{ what: 'lockRemoved', address, id }];
}

/** `azurerm_resource_group`. */
export function groupChanges({ address, does, before }: TerraformResource): Change[] {
  const id = armIdIn(valueAt(before, 'id'));
  return id === undefined || does === 'creates' || does === 'updates'
    ? []
    : [{ what: 'resourceGroupDeleted', address, id }];
}

/** `azurerm_network_security_perimeter_association`: `Audit` and `Learning` block nothing. */
export function perimeterChanges(resource: TerraformResource): Change[] {
  const { address, does, before } = resource;
  const old = vaultIdIn(valueAt(before, 'resource_id'));
  if (does === 'deletes')
    return old === undefined ? [] : [{ what: 'perimeterSet', address, vaultId: old, access: 'none' }];
  const mode = attributeOf(resource, 'access_mode');
  const word = mode.isUnknown
    ? undefined
    : wordIn(mode.after, ['Enforced', 'Learning', 'Audit', 'Transition']);
  const target = targetOf(resource, 'resource_id');
  if (target === 'unknown') {
    if (word !== undefined && word !== 'Enforced') return [];
    const because = `${address} puts a resource into a network security perimeter that is known only after the plan is applied.`;
    return [{ what: 'unjudged', address, because }];
  }
  const vaultId = vaultIdIn(target);
  if (vaultId === undefined) return [];
  if (word === undefined) {
    const because = `${address} puts the vault into a network security perimeter with an access mode that is not known.`;
    return [{ what: 'unjudged', address, scope: vaultId, because }];
  }
  const access = word === 'Enforced' ? 'Enforced' : 'Learning';
  if (does !== 'updates' || mode.isChanged) return [{ what: 'perimeterSet', address, vaultId, access }];
  const profile = attributeOf(resource, 'network_security_perimeter_profile_id');
  return profile.isChanged ? [perimeterRulesChanged(address)] : [];
}

/** A perimeter, its profiles and their access rules. One that is made has no resource in it yet, but for a rule. */
export function perimeterRuleChanges({ address, type, does, before, after }: TerraformResource): Change[] {
  if (does === 'creates' && !/_access_rule$/.test(type)) return [];
  if (does === 'updates' && onlyTagsDiffer(before, after)) return [];
  return [perimeterRulesChanged(address)];
}
