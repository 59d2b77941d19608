import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import type { Notice } from './notice.ts';

/** None of this exists; the names say so wherever they are shown. */
const SUBSCRIPTION =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lockwatch-drill/providers';
const POLICY_ID = `${SUBSCRIPTION}/Microsoft.PowerPlatform/enterprisePolicies/DRILL-policy`;
const KEY_ID = `${SUBSCRIPTION}/Microsoft.KeyVault/vaults/DRILL-vault/keys/DRILL-key`;
const WEEK_MS = 7 * 86_400_000;

/**
 * A notice of reason `drill` about an invented incident, marked as a drill in every name. `now`: ISO 8601;
 * `id`: makes the ids of the message and the incident unique. Pure.
 */
export function drillNotice(options: { id: string; now: string; publicUrl?: string }): Notice {
  const { id, now, publicUrl } = options;
  const deletedAt = new Date(Date.parse(now) + WEEK_MS).toISOString();
  const environment: AffectedEnvironment = {
    id: '00000000-0000-0000-0000-000000000000',
    displayName: 'DRILL environment (made up)',
    sku: 'Sandbox',
    region: 'europe',
    state: 'locked',
    deletedAt,
    deletionIsGuess: false,
  };
  return {
    messageId: `drill-${id}`,
    reason: 'drill',
    at: now,
    incidents: [
      {
        incident: drillIncident(id, now, deletedAt),
        policyName: 'DRILL-policy',
        environments: [environment],
      },
    ],
    publicUrl,
  };
}

function drillIncident(id: string, now: string, recoverBy: string): Incident {
  return {
    id: `drill-${id}`,
    policyId: POLICY_ID,
    sequence: 0,
    state: 'revoked',
    drill: true,
    openedAt: now,
    causes: [
      {
        trigger: 'key-disabled',
        verdict: 'revoked',
        scope: KEY_ID,
        since: now,
        finding: {
          trigger: 'key-disabled',
          verdict: 'revoked',
          summary: 'This is a drill: the key DRILL-key is made up, and nothing is down.',
          evidence: [{ text: 'Made up for this drill.', readAt: now }],
          remediation: [{ text: 'This is a drill: there is nothing to undo.' }],
          scope: KEY_ID,
        },
      },
    ],
    recoverBy,
    recoverByBecause: 'This is a drill: nothing will be deleted.',
    recoverByIsEstimate: true,
    environmentCount: 1,
    environmentsAsOf: now,
    environmentsSource: 'powerPlatform',
    readAt: now,
  };
}
