import type { EnvironmentFact } from '../../../shared/facts/facts.ts';
import type { Incident, PolicyState } from '../../../shared/incidents/incident.ts';

const AT = '2026-11-23T03:00:00.000Z';
export const SUBSCRIPTION = '/subscriptions/11111111-2222-3333-4444-555555555555';

export function anEnvironment(name: string): EnvironmentFact {
  return {
    id: `00000000-0000-0000-0000-${name.padStart(12, '0')}`,
    displayName: `Env ${name}`,
    sku: 'Sandbox',
    region: 'europe',
  };
}

export function aPolicyId(name: string): string {
  return `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`;
}

export function aPolicyState(
  name: string,
  more: Partial<PolicyState> = {},
  members = [anEnvironment('1')],
): PolicyState {
  const policyId = aPolicyId(name);
  const vaultId = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${name}`;
  return {
    policyId,
    verdict: 'clear',
    findings: [],
    readAt: AT,
    parts: { policy: { state: 'known', readAt: AT } },
    history: {
      policyId,
      policy: { id: policyId, name, geo: 'europe', managedHsm: false, vaultId, keyName: 'cmk', seenAt: AT },
      environments: { asOf: AT, source: 'powerPlatform', members },
    },
    sequence: 0,
    supported: true,
    warnings: [],
    ...more,
  };
}

export function anIncident(policyId: string, more: Partial<Incident> = {}): Incident {
  return {
    id: 'inc-1',
    policyId,
    sequence: 1,
    state: 'revoked',
    openedAt: AT,
    causes: [],
    recoverBy: '2026-11-30T03:00:00.000Z',
    recoverByBecause: 'locked sandboxes are deleted after 7 days',
    recoverByIsEstimate: true,
    environmentCount: 1,
    readAt: AT,
    ...more,
  };
}
