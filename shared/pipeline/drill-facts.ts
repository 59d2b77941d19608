import type { Known } from '../azure/part.ts';
import type { EnvironmentFact, Facts } from '../facts/facts.ts';
import { DRILL_POLICY } from '../storage/drill-partition.ts';

const PRINCIPAL = '00000000-0000-0000-0000-000000000000';
const VAULT_ID = DRILL_POLICY.replace(/Microsoft\.PowerPlatform.*$/, 'Microsoft.KeyVault/vaults/DRILL-vault');

/**
 * The facts of the drill's invented chain, healthy or with the key disabled. Every name contains DRILL, so
 * that it is recognisable wherever it is shown. Pure.
 */
export function drillFacts(state: 'well' | 'keyDisabled', readAt: string): Facts {
  const known = <T>(value: T): Known<T> => ({ state: 'known', value, readAt });
  const isWell = state === 'well';
  return {
    policyId: DRILL_POLICY,
    readAt,
    policy: known({
      id: DRILL_POLICY,
      name: 'DRILL-policy',
      geo: 'europe',
      principalId: PRINCIPAL,
      healthStatus: isWell ? 'Healthy' : 'Unhealthy',
      vaultId: VAULT_ID,
      managedHsm: false,
      keyName: 'DRILL-key',
    }),
    vault: known({
      id: VAULT_ID,
      name: 'DRILL-vault',
      location: 'westeurope',
      rbac: true,
      softDelete: true,
      softDeleteRetentionInDays: 90,
      purgeProtection: true,
      network: { publicNetworkAccess: 'Enabled', hasAcls: false, ipRules: [], virtualNetworkRules: [] },
    }),
    deletedVault: { state: 'unknown', reason: 'follows', detail: 'The vault is there.', readAt },
    key: known({ name: 'DRILL-key', versions: [{ version: 'DRILL-version', enabled: isWell }] }),
    permission: known({
      model: 'rbac',
      principalId: PRINCIPAL,
      grants: [
        {
          by: 'roleAssignment',
          id: `${VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/DRILL`,
          scope: VAULT_ID,
          principalId: PRINCIPAL,
          roleName: 'Key Vault Crypto Service Encryption User',
          actions: ['read', 'wrap', 'unwrap'],
          viaGroup: false,
        },
      ],
      denials: [],
      allowed: ['read', 'wrap', 'unwrap'],
      missing: [],
      perhapsGroups: [],
    }),
    environments: known({
      source: 'powerPlatform',
      asOf: readAt,
      environments: [environment('1', 'Production', isWell), environment('2', 'Sandbox', isWell)],
    }),
  };
}

function environment(n: string, sku: string, isWell: boolean): EnvironmentFact {
  const state = isWell ? 'Enabled' : 'Disabled';
  return {
    id: `00000000-0000-0000-0000-${n.padStart(12, '0')}`,
    displayName: `DRILL environment ${n} (made up)`,
    sku,
    region: 'europe',
    linkStatus: 'Linked',
    instanceState: isWell ? 'Ready' : state,
    runtimeState: state,
  };
}
