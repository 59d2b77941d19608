import type { Change, KeySettings, VaultSettings } from '../change.ts';
import { dateIn, entriesIn, flagIn, guidIn, hasUnknown, keyNameIn, valueAt, wordIn } from './json-values.ts';
import { accessPolicyEntry, keyOperationsIn, versionIn } from './key-words.ts';
import { attributeOf, type TerraformResource } from './terraform-resource.ts';
import { vaultIdIn } from './watched-scope.ts';

/** `azurerm_key_vault`, of azurerm 3 and 4. */
export function vaultChanges(resource: TerraformResource): Change[] {
  const { address, does, before, purges } = resource;
  const vaultId = vaultIdIn(valueAt(before, 'id'));
  if (vaultId === undefined || does === 'creates') return [];
  if (does !== 'updates') return [{ what: 'vaultDeleted', address, vaultId, purges: purges.vaults }];
  const set: VaultSettings = {};
  const unknown: (keyof VaultSettings)[] = [];
  readNetwork(resource, set, unknown);
  readModel(resource, set, unknown);
  readAccessPolicies(resource, set, unknown);
  const tenant = attributeOf(resource, 'tenant_id');
  if (tenant.isUnknown) unknown.push('tenantId');
  else if (tenant.isChanged) put(set, unknown, 'tenantId', guidIn(tenant.after));
  const protection = attributeOf(resource, 'purge_protection_enabled');
  if (protection.before === true && protection.after === false) set.purgeProtection = false;
  if (Object.keys(set).length === 0 && unknown.length === 0) return [];
  return [{ what: 'vaultSet', address, vaultId, set, ...(unknown.length > 0 ? { unknown } : {}) }];
}

/** A value that is changed to one that can't be read is not known either. */
function put<Name extends keyof VaultSettings>(
  set: VaultSettings,
  unknown: (keyof VaultSettings)[],
  name: Name,
  value: VaultSettings[Name] | undefined,
): void {
  if (value === undefined) unknown.push(name);
  else set[name] = value;
}

function readNetwork(
  resource: TerraformResource,
  set: VaultSettings,
  unknown: (keyof VaultSettings)[],
): void {
  const access = attributeOf(resource, 'public_network_access_enabled');
  if (access.isUnknown) unknown.push('publicNetworkAccess');
  else if (access.isChanged) {
    const isOn = flagIn(access.after);
    const value = isOn === undefined ? undefined : isOn ? 'Enabled' : 'Disabled';
    put(set, unknown, 'publicNetworkAccess', value);
  }
  const rules = attributeOf(resource, 'network_acls');
  if (!rules.isChanged) return;
  const notKnown = valueAt(resource.afterUnknown, 'network_acls');
  const [old, next] = [entriesIn(rules.before)[0], entriesIn(rules.after)[0]];
  for (const [name, setting, words] of [
    ['default_action', 'defaultAction', ['Allow', 'Deny']],
    ['bypass', 'bypass', ['AzureServices', 'None']],
  ] as const) {
    const isUnknown = notKnown === true || hasUnknown(valueAt(notKnown, '0', name));
    // A block that is taken away leaves what Azure has: the provider does not say what that is.
    if (isUnknown || next === undefined) unknown.push(setting);
    else if (valueAt(old, name) !== valueAt(next, name)) {
      const value = wordIn(valueAt(next, name), words);
      if (setting === 'defaultAction') put(set, unknown, setting, value as VaultSettings['defaultAction']);
      else put(set, unknown, setting, value as VaultSettings['bypass']);
    }
  }
}

/** azurerm 4 renamed `enable_rbac_authorization`, and keeps both names for a while: one of them may be unknown. */
function readModel(resource: TerraformResource, set: VaultSettings, unknown: (keyof VaultSettings)[]): void {
  const names = ['rbac_authorization_enabled', 'enable_rbac_authorization'];
  const both = names.map((name) => attributeOf(resource, name));
  const changed = both.find(({ isUnknown, isChanged, after }) => isChanged && !isUnknown && after !== null);
  if (changed) put(set, unknown, 'rbac', flagIn(changed.after));
  else if (both.some(({ isUnknown }) => isUnknown) && !both.some(isKnownFlag)) unknown.push('rbac');
}

function isKnownFlag({ isUnknown, after }: { isUnknown: boolean; after: unknown }): boolean {
  return !isUnknown && typeof after === 'boolean';
}

function readAccessPolicies(
  resource: TerraformResource,
  set: VaultSettings,
  unknown: (keyof VaultSettings)[],
): void {
  const { isChanged, after } = attributeOf(resource, 'access_policy');
  if (!isChanged) return;
  const notKnown = valueAt(resource.afterUnknown, 'access_policy');
  const isEntryUnknown = entriesIn(notKnown).some((entry) =>
    ['key_permissions', 'tenant_id', 'application_id'].some((name) => hasUnknown(valueAt(entry, name))),
  );
  if (notKnown === true || isEntryUnknown || entriesIn(notKnown).includes(true) || !Array.isArray(after))
    unknown.push('accessPolicies');
  else
    set.accessPolicies = after.map((entry) =>
      accessPolicyEntry(valueAt(entry, 'object_id'), {
        applicationId: valueAt(entry, 'application_id'),
        tenantId: valueAt(entry, 'tenant_id'),
        keys: valueAt(entry, 'key_permissions'),
      }),
    );
}

/** `azurerm_key_vault_key`. It has no `enabled`; a new version is made by a rotation, not by a change of these. */
export function keyChanges(resource: TerraformResource): Change[] {
  const { address, does, before, purges } = resource;
  const vaultId = vaultIdIn(valueAt(before, 'key_vault_id'));
  const keyName = keyNameIn(valueAt(before, 'name'));
  if (vaultId === undefined || keyName === undefined || does === 'creates') return [];
  if (does !== 'updates') return [{ what: 'keyDeleted', address, vaultId, keyName, purges: purges.keys }];
  const set: KeySettings = {};
  const unknown: (keyof KeySettings)[] = [];
  for (const [name, setting] of [
    ['expiration_date', 'expires'],
    ['not_before_date', 'notBefore'],
  ] as const) {
    const { isUnknown, isChanged, after } = attributeOf(resource, name);
    if (isUnknown) unknown.push(setting);
    else if (isChanged) {
      const date = after === null || after === undefined || after === '' ? null : dateIn(after);
      if (date === undefined) unknown.push(setting);
      else set[setting] = date;
    }
  }
  const operations = attributeOf(resource, 'key_opts');
  if (operations.isUnknown) unknown.push('keyOps');
  else if (operations.isChanged) set.keyOps = keyOperationsIn(operations.after);
  if (Object.keys(set).length === 0 && unknown.length === 0) return [];
  const of = { address, vaultId, keyName, ...versionIn(valueAt(before, 'version')) };
  return [{ what: 'keySet', ...of, set, ...(unknown.length > 0 ? { unknown } : {}) }];
}
