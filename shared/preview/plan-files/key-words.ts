import type { DataPermission } from '../../facts/data-actions.ts';
import { builtInRole } from '../built-in-roles.ts';
import type { PlannedAccessPolicy } from '../change.ts';
import { entriesIn, guidIn, keyNameIn, wordsIn } from './json-values.ts';

/** Key permissions of access policies that matter here: the three that a policy's identity needs, and all. */
const KEY_PERMISSIONS = ['get', 'wrapKey', 'unwrapKey', 'all'];

/** Operations of a key (JSON Web Key: `key_ops`). */
const KEY_OPERATIONS = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey', 'import', 'export'];

export function keyOperationsIn(value: unknown): string[] {
  return wordsIn(value, KEY_OPERATIONS).map(
    (word) => KEY_OPERATIONS.find((one) => one.toLowerCase() === word) ?? word,
  );
}

/** A role by its GUID, which may be the end of an id, or by the name of a built-in one. */
export function roleIn(id: unknown, name?: unknown): string | undefined {
  const guid = typeof id === 'string' ? guidIn(id.split('|')[0]?.split('/').at(-1)) : undefined;
  return guid ?? (typeof name === 'string' ? builtInRole(name)?.id : undefined);
}

/** Data actions, as role definitions name them. Those that can name no action of Key Vault are left out. */
export function dataPermission(actions: unknown, notActions: unknown): DataPermission {
  return { dataActions: keyActionsIn(actions), notDataActions: keyActionsIn(notActions) };
}

function keyActionsIn(value: unknown): string[] {
  return entriesIn(value).flatMap((one) => (typeof one === 'string' && mayReachKeyVault(one) ? [one] : []));
}

/** `*` stands for any characters, slashes too: "Microsoft.*" reaches Key Vault as well. */
function mayReachKeyVault(pattern: string): boolean {
  if (!/^[\w/*.]{1,200}$/.test(pattern)) return false;
  const [start = '', ...rest] = pattern.toLowerCase().split('*');
  return start.startsWith(KEY_VAULT) || (rest.length > 0 && KEY_VAULT.startsWith(start));
}
const KEY_VAULT = 'microsoft.keyvault/';

export function accessPolicyEntry(
  object: unknown,
  { applicationId, tenantId, keys }: { applicationId: unknown; tenantId: unknown; keys: unknown },
): PlannedAccessPolicy {
  const [objectId, application, tenant] = [guidIn(object), guidIn(applicationId), guidIn(tenantId)];
  return {
    ...(objectId === undefined ? {} : { objectId }),
    ...(application === undefined ? {} : { applicationId: application }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
    keys: wordsIn(keys, KEY_PERMISSIONS),
  };
}

export function versionIn(value: unknown): { version?: string } {
  const version = keyNameIn(value);
  return version === undefined ? {} : { version };
}
