import type { Facts } from '../facts/facts.ts';
import { azCommand } from './az-command.ts';
import { TOGETHER_MS } from './effect-history.ts';
import type { RemediationStep } from './finding.ts';
import type { History } from './history.ts';
import { CMK_PAGE, LOCK_PAGE } from './links.ts';
import { isDown } from './lock-signs.ts';
import { subjectOf } from './subject.ts';

const MAX_NAMED = 10;

/** The cause is not known, so the first step is to find it; then what undoes every lock. */
export function lockedSteps(facts: Facts, history: History): RemediationStep[] {
  const subject = subjectOf(facts, history);
  const vault = subject.vaultName ?? 'the key vault';
  const began = beganAt(history) ?? facts.readAt;
  return [
    {
      text: `Look in the activity log of ${vault} for a change in the hour before ${began}, and ask whoever made it to undo it. You need the role Reader on the vault.`,
      command: azCommand(
        'monitor activity-log list',
        ['--resource-id', subject.vaultId],
        ['--start-time', earlier(began)],
        ['--subscription', subject.subscriptionId],
      ),
      portal: `Key vaults → ${vault} → Activity log`,
    },
    {
      text: `Look in the vault's audit log (AuditEvent) for KeyUpdate, KeyDelete and refused KeyUnwrap at that time. It goes where the vault's diagnostic settings send it; reading it there needs the role Log Analytics Reader or Storage Blob Data Reader.`,
      portal: `Key vaults → ${vault} → Monitoring → Logs`,
    },
    {
      text: `Check what Lockwatch can't read: that ${subject.keyName ?? 'the key'} in ${vault} opens for you in the portal, and that no network rule or Azure Policy stands between Power Platform and the vault. You need the role Key Vault Crypto Officer, and a network that the vault admits.`,
      portal: `Key vaults → ${vault} → Keys → ${subject.keyName ?? 'the key of the policy'}`,
      link: CMK_PAGE,
    },
    {
      text: `Enable one environment again. You need read access to the policy ${subject.policyName}. If that works, nothing was wrong with the key, and the others can be enabled the same way.`,
      portal: 'Power Platform admin center → Manage → Environments → the environment → Re-enable environment',
      link: LOCK_PAGE,
    },
    {
      text: `If that does not work, open a request with Microsoft Support now, and give them this (Power Platform Administrator or Dynamics 365 Administrator): policy ${facts.policyId}; ${environmentIds(history)}; disabled or refused since ${began}.`,
      portal: 'Power Platform admin center → Support → New support request',
    },
  ];
}

/** The earliest sign of it. */
function beganAt({ effect }: History): string | undefined {
  const { down, unhealthy, unwraps, encryptionOff } = effect ?? {};
  return [down?.since, unhealthy?.since, unwraps?.firstAt, encryptionOff?.since]
    .filter((at) => at !== undefined)
    .filter((at) => !Number.isNaN(Date.parse(at)))
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}

function earlier(at: string): string | undefined {
  const ms = Date.parse(at) - 2 * TOGETHER_MS;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function environmentIds({ environments }: History): string {
  const ids = (environments?.members ?? []).filter(isDown).map(({ id }) => id);
  if (ids.length === 0) return 'its environments';
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : '';
  return `environments ${ids.slice(0, MAX_NAMED).join(', ')}${more}`;
}
