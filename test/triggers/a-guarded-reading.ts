import assert from 'node:assert/strict';
import type {
  EnvironmentFact,
  EnvironmentsFact,
  Facts,
  LockFact,
  ProtectionFacts,
} from '../../shared/facts/facts.ts';
import type { PolicyReaderFact } from '../../shared/facts/policy-reader-fact.ts';
import type { AdvisoryFinding, AdvisoryId, OwnSettings } from '../../shared/triggers/advisories/advisory.ts';
import {
  adviseOnReading,
  daysAgo,
  environment,
  grant,
  key,
  known,
  memoryOf,
  NOW,
  permission,
  policy,
  reading,
  SUBSCRIPTION,
  vault,
  version,
} from './a-reading.ts';

/** Readings for advisories: one that none has anything to say of, and ways to give each something to say. */
export const TENANT = '33333333-3333-3333-3333-333333333333';
const GROUP_LOCK = lock(`/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys`);
export const BOTH: OwnSettings = { channels: ['teams', 'email'], secretVaults: [] };

function lock(scope: string): LockFact {
  return {
    id: `${scope}/providers/Microsoft.Authorization/locks/keep`,
    name: 'keep',
    level: 'CanNotDelete',
    scope,
  };
}
export function policyReader(change: Partial<PolicyReaderFact> = {}): PolicyReaderFact {
  const scope = `/subscriptions/${SUBSCRIPTION}`;
  const assignmentId = `${scope}/providers/Microsoft.Authorization/roleAssignments/r1`;
  return { assignmentId, principalId: 'u1', principalType: 'User', roleName: 'Reader', scope, ...change };
}
export function protection(change: Partial<ProtectionFacts> = {}): ProtectionFacts {
  return {
    policyLocks: known([GROUP_LOCK]),
    vaultLocks: known([GROUP_LOCK]),
    rotation: known({ rotates: true, timeBeforeExpiry: 'P60D' }),
    timeBound: known([]),
    policyReaders: known([policyReader()]),
    ...change,
  };
}
/** A reading that no advisory has anything to say of. */
export function guarded(change: Partial<Facts> = {}): Facts {
  return reading({
    policy: known(policy({ tenantId: TENANT })),
    vault: known(vault({ tenantId: TENANT })),
    environments: listed([environment('e1'), environment('e2')]),
    protection: protection(),
    ...change,
  });
}
/** A list that is known to name every environment of the tenant. */
export function listed(
  list: EnvironmentFact[],
  change: Partial<EnvironmentsFact> = {},
): Facts['environments'] {
  return known({
    source: 'powerPlatform',
    asOf: NOW,
    environments: list,
    isComplete: true,
    listed: ['e1', 'e2', 'e3'],
    ...change,
  });
}
export const inDays = (days: number) => daysAgo(-days);
export const withKey = (...versions: Parameters<typeof version>[1][]) => ({
  key: known(key(...versions.map((change, n) => version(`v${versions.length - n}`, change)))),
});
export const withVault = (change: Parameters<typeof vault>[0]) => ({
  vault: known(vault({ tenantId: TENANT, ...change })),
});
export const withGrants = (...grants: Parameters<typeof grant>[0][]) => ({
  permission: known(permission({ grants: grants.map(grant) })),
});
export const GROUP_GRANT = { principalId: 'g1', principalType: 'Group', viaGroup: true };
export const PINNED = known(policy({ tenantId: TENANT, keyVersion: 'v1' }));
export const DEFAULT = [
  environment('e1'),
  environment('e9', { sku: 'Default', displayName: 'Contoso (default)' }),
];

export function judged(facts: Facts, settings: OwnSettings = BOTH, memory = memoryOf()): AdvisoryFinding[] {
  return adviseOnReading(facts, memory, { now: NOW, settings });
}
export function of(id: AdvisoryId, findings: AdvisoryFinding[]): AdvisoryFinding {
  return findings.find(({ advisory }) => advisory === id) ?? assert.fail(`${id} is not in the register`);
}
