import type { Change, VaultSettings } from '../change.ts';
import { grantChanges } from './arm-grants.ts';
import { type ArmProperty, changesBeyond, settingAt } from './arm-properties.ts';
import { armIdIn, entriesIn, flagIn, guidIn, keyNameIn, valueAt, wordIn } from './json-values.ts';
import { accessPolicyEntry } from './key-words.ts';
import { perimeterRulesChanged } from './perimeter-rules.ts';
import { vaultIdIn, watchedScope } from './watched-scope.ts';

/** A change of one resource of Resource Manager, whoever describes it: what-if or azapi. */
export interface ArmChange {
  address: string;
  id: string;
  does: 'creates' | 'sets' | 'deletes';
  properties: readonly ArmProperty[];
  /** The whole body, before and after, as far as it is known. */
  before: unknown;
  after: unknown;
  /** Where the plan does not say what becomes of the resource. */
  unjudged?: string;
}

/** What a change of a resource means for the chain of a policy. */
export function armChanges(change: ArmChange): Change[] {
  const { address, id, does, unjudged } = change;
  const type = armTypeOf(id);
  const scope = watchedScope(id) ?? vaultIdIn(id.replace(/(\/vaults\/[^/]+)\/.*$/i, '$1'));
  if (unjudged !== undefined && PERIMETER_RULES.test(type))
    return [{ ...perimeterRulesChanged(address), because: unjudged }];
  if (unjudged !== undefined)
    return scope !== undefined || actsElsewhere(id, type)
      ? [{ what: 'unjudged', address, ...(scope === undefined ? {} : { scope }), because: unjudged }]
      : [];
  switch (type) {
    case 'microsoft.keyvault/vaults':
      if (does === 'deletes') return [{ what: 'vaultDeleted', address, vaultId: id }];
      return does === 'creates' ? [] : vaultSettings(change);
    case 'microsoft.keyvault/vaults/accesspolicies':
      return listedPolicies(change);
    // A template makes a key that is not there, and never changes one that is ("Keys - Create If Not Exist").
    case 'microsoft.keyvault/vaults/keys':
      return does === 'deletes' ? notJudged(change, scope) : [];
    case 'microsoft.resources/resourcegroups':
      return does === 'deletes' ? [{ what: 'resourceGroupDeleted', address, id }] : [];
    case 'microsoft.powerplatform/enterprisepolicies':
      if (does === 'deletes') return [{ what: 'policyDeleted', address, policyId: id }];
      return does === 'creates' ? [] : policySettings(change);
    case 'microsoft.network/networksecurityperimeters/resourceassociations':
      return perimeterSettings(change);
    case 'microsoft.authorization/locks':
      // Another level may refuse less, and which level it was the plan need not say.
      return does === 'deletes' || (does === 'sets' && changesBeyond(change.properties, LOCK_LOOKALIKES))
        ? [{ what: 'lockRemoved', address, id }]
        : [];
    case 'microsoft.authorization/roleassignments':
    case 'microsoft.authorization/roledefinitions':
    case 'microsoft.authorization/denyassignments':
      return grantChanges(change, type, scope);
    default:
      return PERIMETER_RULES.test(type) ? perimeterRules(change, type) : notJudged(change, watchedScope(id));
  }
}

/** The perimeter itself, and what decides whom it admits. */
const PERIMETER_RULES =
  /^microsoft\.network\/networksecurityperimeters(?:\/(?:profiles(?:\/accessrules)?|links|linkreferences))?$/;

const LOCK_LOOKALIKES = /^(?:tags|systemdata|properties\.(?:notes|owners))(?:\.|$)/;

/** What is written beside the resource that it is about, or at the tenant, and so at no scope that its id names. */
function actsElsewhere(id: string, type: string): boolean {
  return (
    type === 'microsoft.network/networksecurityperimeters/resourceassociations' ||
    /^\/providers\/Microsoft\.Authorization\//i.test(id)
  );
}

function notJudged({ address, id }: ArmChange, scope: string | undefined): Change[] {
  if (scope === undefined) return [];
  const because = `${address} changes a resource of the type ${armTypeOf(id)}, which Lockwatch does not judge.`;
  return [{ what: 'unjudged', address, scope, because }];
}

/** "microsoft.keyvault/vaults/keys", in lower case. Empty: it is none that matters. */
function armTypeOf(id: string): string {
  const [, provider, rest] = /^.*\/providers\/([^/]+)\/(.+)$/i.exec(id) ?? [];
  if (provider !== undefined && rest !== undefined)
    return [provider, ...rest.split('/').filter((_, n) => n % 2 === 0)].join('/').toLowerCase();
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(id))
    return 'microsoft.resources/resourcegroups';
  return '';
}

function vaultSettings({ address, id, properties }: ArmChange): Change[] {
  const set: VaultSettings = {};
  const unknown: (keyof VaultSettings)[] = [];
  const read = <Name extends keyof VaultSettings>(
    name: Name,
    path: string,
    parse: (value: unknown) => VaultSettings[Name] | undefined,
  ) => {
    const setting = settingAt(properties, path);
    if (setting === undefined) return;
    const value = setting === 'unknown' ? undefined : parse(setting.value);
    if (value === undefined) unknown.push(name);
    else set[name] = value;
  };
  read('publicNetworkAccess', 'properties.publicnetworkaccess', (value) =>
    wordIn(value, ['Enabled', 'Disabled', 'SecuredByPerimeter']),
  );
  read('defaultAction', 'properties.networkacls.defaultaction', (value) => wordIn(value, ['Allow', 'Deny']));
  read('bypass', 'properties.networkacls.bypass', (value) => wordIn(value, ['AzureServices', 'None']));
  read('rbac', 'properties.enablerbacauthorization', flagIn);
  read('tenantId', 'properties.tenantid', guidIn);
  read('accessPolicies', 'properties.accesspolicies', (value) =>
    Array.isArray(value) ? value.map(entryIn) : undefined,
  );
  const protection = settingAt(properties, 'properties.enablepurgeprotection');
  if (protection !== undefined && protection !== 'unknown' && protection.value === false)
    set.purgeProtection = false;
  const vaultId = id;
  const entries = properties.filter(({ path }) => path === 'properties.accesspolicies');
  const changes = entries.flatMap(({ kind, after }): Change[] => {
    const entry = entryIn(after);
    if (kind === 'added') return [{ what: 'accessPolicySet', address, vaultId, entry }];
    if (kind !== 'taken' || entry.objectId === undefined) return [];
    const { objectId, applicationId } = entry;
    const of = applicationId === undefined ? {} : { applicationId };
    return [{ what: 'accessPolicyRemoved', address, vaultId, objectId, ...of }];
  });
  if (Object.keys(set).length > 0 || unknown.length > 0)
    changes.unshift({ what: 'vaultSet', address, vaultId, set, ...(unknown.length > 0 ? { unknown } : {}) });
  return changes;
}

function entryIn(value: unknown) {
  return accessPolicyEntry(valueAt(value, 'objectId'), {
    applicationId: valueAt(value, 'applicationId'),
    tenantId: valueAt(value, 'tenantId'),
    keys: valueAt(value, 'permissions', 'keys'),
  });
}

/** `vaults/accessPolicies/{add,replace,remove}`, which are written like resources and are not read back. */
function listedPolicies(change: ArmChange): Change[] {
  const { address, id, after, does } = change;
  const [, vaultId, verb] = /^(.*\/vaults\/[^/]+)\/accessPolicies\/([^/]+)$/i.exec(id) ?? [];
  if (vaultId === undefined || does === 'deletes') return [];
  const entries = entriesIn(valueAt(after, 'properties', 'accessPolicies')).map(entryIn);
  if (verb?.toLowerCase() === 'add' && entries.length > 0)
    return entries.map((entry) => ({ what: 'accessPolicySet', address, vaultId, entry }));
  return notJudged(change, vaultId);
}

/**
 * An enterprise policy: its key, and whatever else of it is changed. Without its identity or its encryption the
 * environments can't use the key, and no reading shows what Power Platform then makes of them.
 */
function policySettings(change: ArmChange): Change[] {
  const { address, id, properties } = change;
  const others = properties.filter((one) => !isHealthy(one));
  if (!changesBeyond(others, POLICY_LOOKALIKES)) return policyKey(change);
  const because = `${address} changes more of the enterprise policy than its key, which Lockwatch does not judge.`;
  return [...policyKey(change), { what: 'unjudged', address, scope: id, because }];
}

const POLICY_LOOKALIKES =
  /^(?:tags|systemdata|kind|location|properties\.(?:systemid|encryption\.keyvault))(?:\.|$)/;

/** A body that is written as a whole names the values that each policy in use has. */
function isHealthy({ path, kind, after }: ArmProperty): boolean {
  if (kind !== 'set') return false;
  if (path === 'identity.type') return after === 'SystemAssigned';
  return path === 'properties.encryption.state' && after === 'Enabled';
}

function policyKey({ address, id, properties }: ArmChange): Change[] {
  const key = 'properties.encryption.keyvault';
  const [vault, name, version] = [`${key}.id`, `${key}.key.name`, `${key}.key.version`].map((path) =>
    settingAt(properties, path),
  );
  if (vault === undefined && name === undefined && version === undefined) return [];
  const of = { what: 'policySet' as const, address, policyId: id };
  if (vault === 'unknown' || name === 'unknown' || version === 'unknown')
    return [{ ...of, set: {}, isUnknown: true }];
  const vaultId = vault && vaultIdIn(vault.value);
  const keyName = name && keyNameIn(name.value);
  const isPinned = version !== undefined && !/^(?:n\/a)?$/i.test(String(version.value));
  const keyVersion = isPinned ? keyNameIn(version.value) : null;
  if ((vault && !vaultId) || (name && !keyName) || (isPinned && !keyVersion))
    return [{ ...of, set: {}, isUnknown: true }];
  return [
    {
      ...of,
      set: {
        ...(vaultId === undefined ? {} : { vaultId }),
        ...(keyName === undefined ? {} : { keyName }),
        ...(version === undefined || keyVersion === undefined ? {} : { keyVersion }),
      },
    },
  ];
}

/** A perimeter and a profile that are made have no resource in them yet. */
function perimeterRules({ address, does, properties }: ArmChange, type: string): Change[] {
  if (does === 'creates' && /(?:perimeters|profiles)$/.test(type)) return [];
  if (does === 'sets' && !changesBeyond(properties, /^(?:tags|systemdata|location)(?:\.|$)/)) return [];
  return [perimeterRulesChanged(address)];
}

function perimeterSettings({ address, does, properties, before, after }: ArmChange): Change[] {
  const body = does === 'deletes' ? before : after;
  const given = valueAt(body, 'properties', 'privateLinkResource', 'id');
  const vaultId = vaultIdIn(given);
  if (vaultId === undefined && armIdIn(given) !== undefined) return [];
  const unknownVault = `${address} changes a network security perimeter of a resource that is not known.`;
  const notKnown: Change[] = [{ what: 'unjudged', address, because: unknownVault }];
  if (does === 'deletes')
    return vaultId === undefined ? notKnown : [{ what: 'perimeterSet', address, vaultId, access: 'none' }];
  const mode = settingAt(properties, 'properties.accessmode');
  const isKept = settingAt(properties, 'properties.privatelinkresource.id') === undefined;
  if (mode === undefined && does === 'sets' && isKept)
    return settingAt(properties, 'properties.profile') === undefined ? [] : [perimeterRulesChanged(address)];
  // Without a mode, Azure takes Learning, which is now called Transition.
  const named = mode === undefined ? 'Learning' : mode === 'unknown' ? undefined : mode.value;
  const word = wordIn(named, ['Enforced', 'Learning', 'Audit', 'Transition']);
  if (vaultId === undefined) return word === undefined || word === 'Enforced' ? notKnown : [];
  const because = `${address} puts the vault into a network security perimeter with an access mode that is not known.`;
  if (word === undefined) return [{ what: 'unjudged', address, scope: vaultId, because }];
  return [{ what: 'perimeterSet', address, vaultId, access: word === 'Enforced' ? 'Enforced' : 'Learning' }];
}
