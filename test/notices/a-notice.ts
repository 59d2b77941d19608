import { hash } from '../../shared/incidents/ids.ts';
import type { AffectedEnvironment, Cause, Incident } from '../../shared/incidents/incident.ts';
import type { NoticeReason } from '../../shared/incidents/notice-reason.ts';
import type { Notice, NoticeIncident } from '../../shared/notices/notice.ts';
import type { SayOptions } from '../../shared/notices/say/say.ts';
import { azCommand } from '../../shared/triggers/az-command.ts';
import type { Finding } from '../../shared/triggers/finding.ts';
import { grantSteps } from '../../shared/triggers/grant-steps.ts';
import { enableVersion } from '../../shared/triggers/key-steps.ts';
import type { Subject } from '../../shared/triggers/subject.ts';

/** Made-up incidents for the tests of this room. */
const SUBSCRIPTION_ID = '11111111-2222-3333-4444-555555555555';
const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION_ID}`;
export const VAULT = `${SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso`;
const KEY = `${VAULT}/keys/cmk`;
export const OPENED_AT = '2025-11-23T02:13:52.000Z';
export const NOW = '2025-11-23T02:13:53.000Z';
export const SAY: SayOptions = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
  powerPlatformApiEndpoint: 'https://api.powerplatform.com',
};

export function policyId(name: string): string {
  return `${SUBSCRIPTION}/resourceGroups/rg-power/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`;
}

export function anEnvironment(
  number: number,
  changes: Partial<AffectedEnvironment> = {},
): AffectedEnvironment {
  return {
    id: `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`,
    displayName: `Environment ${number}`,
    sku: 'Production',
    region: 'europe',
    state: 'locked',
    deletedAt: '2025-12-23T02:13:52.000Z',
    deletionIsGuess: false,
    ...changes,
  };
}

const IN_GROUP: [string, string][] = [
  ['--resource-group', 'rg-keys'],
  ['--subscription', SUBSCRIPTION_ID],
];

/** So that the steps of the made-up findings are those that the product writes. */
export function subjectOfPolicy(policyName: string): Subject {
  return {
    policyId: policyId(policyName),
    policyName,
    vaultId: VAULT,
    vaultName: 'kv-contoso',
    resourceGroup: 'rg-keys',
    subscriptionId: SUBSCRIPTION_ID,
    location: 'westeurope',
    rbac: true,
    keyName: 'cmk',
    keyId: KEY,
    principalId: `99999999-0000-0000-0000-${hash(policyName, 12)}`,
    pins: [undefined],
  };
}

export const KEY_DISABLED: Finding = {
  trigger: 'key-disabled',
  verdict: 'revoked',
  summary: 'The key cmk is disabled: none of its versions is enabled.',
  evidence: [
    { text: 'Key version 3f2a: enabled = false', source: `${KEY}/versions/3f2a`, readAt: OPENED_AT },
    { text: 'Key version 9b1c: enabled = false', source: `${KEY}/versions/9b1c`, readAt: OPENED_AT },
  ],
  remediation: [enableVersion(subjectOfPolicy('ep-contoso'), '3f2a')],
  scope: KEY,
};

/** The vault's deletion, as it looks for one of its policies: the grant at the end is that policy's own. */
export function vaultDeleted(policy: string): Finding {
  return {
    trigger: 'vault-deleted',
    verdict: 'revoked',
    summary: 'The key vault kv-contoso that holds the key is deleted.',
    evidence: [{ text: 'GET …/vaults/kv-contoso answered 404', source: VAULT, readAt: OPENED_AT }],
    remediation: [
      {
        text: "Recover the deleted vault kv-contoso. Don't make a new one of its name: its key would be another. It needs the role Key Vault Contributor on the subscription.",
        command: azCommand(
          'keyvault recover',
          ['--name', 'kv-contoso'],
          ['--location', 'westeurope'],
          ...IN_GROUP,
        ),
        portal: 'Key vaults → Manage deleted vaults → kv-contoso → Recover',
      },
      ...grantSteps(subjectOfPolicy(policy), 'rbac', {
        lead: '',
        why: "recovering the vault doesn't bring its role assignments back",
      }),
      {
        text: 'Check the network settings. It needs the role Reader on the vault, and Key Vault Contributor to change them.',
        command: azCommand('keyvault show', ['--name', 'kv-contoso'], ...IN_GROUP, ['--query', 'properties']),
        portal: 'Key vaults → kv-contoso → Networking',
      },
    ],
    scope: VAULT,
    recoverBy: {
      at: '2026-02-21T02:13:40.000Z',
      because: 'Azure purges the deleted vault and its keys then.',
      estimate: false,
    },
  };
}

export function causeOf(finding: Finding): Cause {
  const verdict = finding.verdict === 'suspected' ? 'suspected' : 'revoked';
  return { trigger: finding.trigger, verdict, scope: finding.scope, since: OPENED_AT, finding };
}

export function anIncident(
  policyName: string,
  changes: Partial<Incident> = {},
  environments: AffectedEnvironment[] = [anEnvironment(1), anEnvironment(2)],
): NoticeIncident {
  const incident: Incident = {
    id: `incident-of-${policyName}`,
    policyId: policyId(policyName),
    sequence: 1,
    state: 'revoked',
    openedAt: OPENED_AT,
    causes: [causeOf(KEY_DISABLED)],
    recoverBy: '2025-11-30T02:13:52.000Z',
    recoverByBecause: 'Locked sandbox environments are deleted after 7 days, counted from detection.',
    recoverByIsEstimate: true,
    environmentCount: environments.length,
    environmentsAsOf: '2025-11-23T02:08:52.000Z',
    environmentsSource: 'powerPlatform',
    readAt: OPENED_AT,
    ...changes,
  };
  return { incident, policyName, environments };
}

export function aNotice(
  reason: NoticeReason,
  incidents: NoticeIncident[],
  changes: Partial<Notice> = {},
): Notice {
  return {
    messageId: 'a1b2c3d4',
    reason,
    at: NOW,
    incidents,
    publicUrl: 'https://lockwatch.example.com',
    ...changes,
  };
}
