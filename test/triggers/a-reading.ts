import type { Part, UnknownReason } from '../../shared/azure/part.ts';
import type {
  EnvironmentFact,
  Facts,
  Grant,
  KeyFact,
  KeyVersionFact,
  PermissionFact,
  PolicyFact,
  VaultFact,
} from '../../shared/facts/facts.ts';
import type { AdvisoryFinding, AdvisoryOptions } from '../../shared/triggers/advisories/advisory.ts';
import { judgeAdvisories } from '../../shared/triggers/advisories/judge-advisories.ts';
import type { Finding, JudgeOptions, Trigger, TriggerId } from '../../shared/triggers/finding.ts';
import type { History } from '../../shared/triggers/history.ts';
import { judge } from '../../shared/triggers/judge.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';

/** One healthy reading and ways to break it; every trigger test says only what is different from it. */
export const NOW = '2026-11-20T10:00:00.000Z';
export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';
export const PRINCIPAL = '22222222-2222-2222-2222-222222222222';
export const POLICY_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-pp/providers/Microsoft.PowerPlatform/enterprisePolicies/cmk-eu`;
export const VAULT_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-eu`;
export const KEY_ID = `${VAULT_ID}/keys/cmk`;
export const TRUSTED: JudgeOptions = { now: NOW, networkReading: 'trustedService' };
export const LITERAL: JudgeOptions = { now: NOW, networkReading: 'literal' };

export function known<T>(value: T, readAt = NOW): Part<T> {
  return { state: 'known', value, readAt };
}
export function gone(detail = 'GET answered 404 ResourceNotFound', readAt = NOW): Part<never> {
  return { state: 'gone', detail, readAt };
}
export function unread(reason: UnknownReason = 'timeout', readAt = NOW): Part<never> {
  return { state: 'unknown', reason, detail: `not read: ${reason}`, readAt };
}

export function daysAgo(days: number, from = NOW): string {
  return new Date(Date.parse(from) - days * 86_400_000).toISOString();
}

export function policy(change: Partial<PolicyFact> = {}): PolicyFact {
  return {
    id: POLICY_ID,
    name: 'cmk-eu',
    geo: 'europe',
    principalId: PRINCIPAL,
    systemId: '/regions/europe/providers/Microsoft.PowerPlatform/enterprisePolicies/s1',
    healthStatus: 'Healthy',
    encryptionState: 'Enabled',
    vaultId: VAULT_ID,
    managedHsm: false,
    keyName: 'cmk',
    ...change,
  };
}

export function vault(change: Partial<VaultFact> = {}): VaultFact {
  return {
    id: VAULT_ID,
    name: 'kv-eu',
    location: 'westeurope',
    rbac: true,
    softDelete: true,
    softDeleteRetentionInDays: 90,
    purgeProtection: true,
    network: {
      publicNetworkAccess: 'Enabled',
      hasAcls: true,
      defaultAction: 'Allow',
      bypass: 'AzureServices',
      ipRules: [],
      virtualNetworkRules: [],
    },
    ...change,
  };
}

export function network(
  publicNetworkAccess: string | undefined,
  defaultAction: string | undefined,
  bypass: string | undefined,
): VaultFact['network'] {
  return {
    publicNetworkAccess,
    hasAcls: defaultAction !== undefined || bypass !== undefined,
    defaultAction,
    bypass,
    ipRules: [],
    virtualNetworkRules: [],
  };
}

export function version(name: string, change: Partial<KeyVersionFact> = {}): KeyVersionFact {
  return {
    version: name,
    enabled: true,
    created: daysAgo(200),
    kty: 'RSA',
    keySize: 3072,
    keyOps: ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'],
    ...change,
  };
}
export function key(...versions: KeyVersionFact[]): KeyFact {
  return { name: 'cmk', versions };
}

export function grant(change: Partial<Grant> = {}): Grant {
  return {
    by: 'roleAssignment',
    id: `${VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/a1`,
    scope: VAULT_ID,
    principalId: PRINCIPAL,
    roleName: 'Key Vault Crypto Service Encryption User',
    actions: ['read', 'wrap', 'unwrap'],
    viaGroup: false,
    ...change,
  };
}
export function permission(change: Partial<PermissionFact> = {}): PermissionFact {
  return {
    model: 'rbac',
    principalId: PRINCIPAL,
    grants: [grant()],
    denials: [],
    allowed: ['read', 'wrap', 'unwrap'],
    missing: [],
    perhapsGroups: [],
    ...change,
  };
}
export const NOTHING_HELD: Partial<PermissionFact> = {
  grants: [],
  allowed: [],
  missing: ['read', 'wrap', 'unwrap'],
};

export function environment(id: string, change: Partial<EnvironmentFact> = {}): EnvironmentFact {
  return {
    id,
    displayName: `Environment ${id}`,
    sku: 'Production',
    region: 'europe',
    linkStatus: 'Linked',
    instanceState: 'Ready',
    runtimeState: 'Enabled',
    ...change,
  };
}
export const DISABLED: Partial<EnvironmentFact> = { instanceState: 'Disabled', runtimeState: 'Disabled' };

export function environments(
  list: EnvironmentFact[] = [environment('e1'), environment('e2')],
  source: 'powerPlatform' | 'inventory' = 'powerPlatform',
  asOf = NOW,
): Facts['environments'] {
  return known({ source, asOf, environments: list }, asOf);
}

export function reading(change: Partial<Facts> = {}): Facts {
  return {
    policyId: POLICY_ID,
    readAt: NOW,
    policy: known(policy()),
    vault: known(vault()),
    deletedVault: unread('follows'),
    key: known(key(version('v1'))),
    permission: known(permission()),
    environments: environments(),
    ...change,
  };
}

/** The memory of one reading some days ago, healthy unless told otherwise. */
export function memoryOf(change: Partial<Facts> = {}, days = 2): History {
  return updateHistory(undefined, aged(reading(change), days));
}

/** The same reading, as if made some days ago. */
export function aged(facts: Facts, days: number): Facts {
  const at = daysAgo(days);
  const part = <T>(one: Part<T>): Part<T> => ({ ...one, readAt: at });
  const { policy: p, vault: v, deletedVault: d, key: k, permission: g, environments: e } = facts;
  const list: Facts['environments'] =
    e.state === 'known' ? { ...e, readAt: at, value: { ...e.value, asOf: at } } : part(e);
  return {
    ...facts,
    readAt: at,
    policy: part(p),
    vault: part(v),
    deletedVault: part(d),
    key: part(k),
    permission: part(g),
    environments: list,
  };
}

/** The findings for a reading after this history, which is updated first, as the pipeline does. */
export function judgeReading(
  facts: Facts,
  before: History,
  options: JudgeOptions,
  triggers?: readonly Trigger[],
): Finding[] {
  return judge(facts, updateHistory(before, facts), options, triggers);
}

/** The same for the advisories. */
export function adviseOnReading(facts: Facts, before: History, options: AdvisoryOptions): AdvisoryFinding[] {
  return judgeAdvisories(facts, updateHistory(before, facts), options);
}

/** What one trigger says of a reading. */
export function finding(
  trigger: TriggerId,
  facts: Facts,
  memory: History = memoryOf(),
  options: JudgeOptions = TRUSTED,
): Finding {
  const found = judgeReading(facts, memory, options).find((one) => one.trigger === trigger);
  if (found === undefined) throw new Error(`${trigger} is not in the register`);
  return found;
}

/** Without the steps on what may refuse the others, which remediation.test.ts is about. */
export function ownSteps({ remediation }: Finding): Finding['remediation'] {
  return remediation.filter(({ text }) => !text.startsWith('Only if a step is refused'));
}

export function commands(found: Finding): (string | undefined)[] {
  return ownSteps(found).map(({ command }) => command);
}

/** Every id of the reading in upper case, every word of Azure's in another case. */
export function caseMangled(facts: Facts): Facts {
  const upper = <T extends string | undefined>(text: T) => text?.toUpperCase() as T;
  const next = structuredClone(facts);
  if (next.policy.state === 'known') {
    const value = next.policy.value;
    value.id = upper(value.id);
    value.vaultId = upper(value.vaultId);
    value.keyName = upper(value.keyName);
    value.principalId = upper(value.principalId);
    value.systemId = upper(value.systemId);
    value.keyVersion = upper(value.keyVersion);
  }
  if (next.vault.state === 'known') {
    const { value } = next.vault;
    value.id = upper(value.id);
    value.network.publicNetworkAccess = value.network.publicNetworkAccess?.toLowerCase();
    value.network.defaultAction = upper(value.network.defaultAction);
    value.network.bypass = value.network.bypass?.toLowerCase();
  }
  if (next.key.state === 'known') {
    next.key.value.name = upper(next.key.value.name);
    for (const one of next.key.value.versions) {
      one.version = upper(one.version);
      one.kty = one.kty?.toLowerCase();
      one.keyOps = one.keyOps?.map((operation) => operation.toUpperCase());
    }
  }
  if (next.permission.state === 'known')
    next.permission.value.principalId = upper(next.permission.value.principalId);
  if (next.environments.state === 'known') {
    for (const one of next.environments.value.environments) {
      one.linkStatus = upper(one.linkStatus);
      one.runtimeState = one.runtimeState?.toLowerCase();
      one.instanceState = upper(one.instanceState);
    }
  }
  next.policyId = upper(next.policyId);
  return next;
}
