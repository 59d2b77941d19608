import { armIdParts } from '../azure/arm-id.ts';
import type { Facts } from '../facts/facts.ts';
import { azCommand } from './az-command.ts';
import type { Finding, RemediationStep } from './finding.ts';
import type { History } from './history.ts';
import { MOVE_PAGE } from './links.ts';
import { policyVaultId } from './policy-chain.ts';
import { subjectOf } from './subject.ts';

interface Elsewhere extends Pick<Finding, 'summary' | 'inShort' | 'subject' | 'remediation'> {
  verdict: 'revoked' | 'suspected';
  evidence: string[];
  isFound: boolean;
}

/**
 * What is said of a vault that is gone from its place without a deleted one of its name: it was moved, to where
 * Lockwatch sees it or not, or it was purged. Undefined where it is known to have been deleted, or where nobody
 * looked. Whether Power Platform follows a vault to its new place is not published, so a move is suspected; where
 * the identity has no permission there, it is revoked.
 */
export function movedElsewhere(facts: Facts, history: History): Elsewhere | undefined {
  const { movedVault, deletedVault } = facts;
  const name = subjectOf(facts, history).vaultName ?? '';
  if (movedVault?.state === 'known') return foundAt(facts, history, name);
  const wasDeleted = deletedVault.state === 'known' || history.vault?.deletedSeenAt !== undefined;
  if (movedVault === undefined || wasDeleted || deletedVault.state !== 'gone') return undefined;
  return {
    verdict: 'suspected',
    summary: `The key vault ${name} that holds the key is not at its place, and it is not among the deleted vaults of its region: it was moved to where Lockwatch can't see it, or it was purged.`,
    inShort: 'vault not found',
    evidence: [movedVault.detail],
    subject: ['not found by its name'],
    remediation: [],
    isFound: false,
  };
}

function foundAt({ movedVault, policyId }: Facts, history: History, name: string): Elsewhere | undefined {
  if (movedVault?.state !== 'known') return undefined;
  const { id, permission } = movedVault.value;
  const { subscriptionId = '', resourceGroup = '' } = armIdParts(id);
  const place = `the resource group ${resourceGroup} of the subscription ${subscriptionId}`;
  const isLost = permission.state === 'known' && permission.value.missing.length > 0;
  const access =
    permission.state !== 'known'
      ? "What the policy's identity may do there could not be read."
      : isLost
        ? `The policy's identity has no permission on the key there (${permission.value.missing.join(', ')}).`
        : "The policy's identity has its permission on the key there.";
  const from = policyVaultId(history);
  return {
    verdict: isLost ? 'revoked' : 'suspected',
    summary: `The key vault ${name} was moved to ${place}; it is not deleted. ${access} The enterprise policy still names its old place, and whether Power Platform follows the vault is not known.`,
    inShort: 'vault moved',
    evidence: [`Key vault of this name: found at ${id}`, access],
    subject: [`moved to ${id.toLowerCase()}`],
    remediation: moveBack(id, from, policyId),
    isFound: true,
  };
}

function moveBack(id: string, from: string | undefined, policyId: string): RemediationStep[] {
  const { subscriptionId, resourceGroup } = armIdParts(from ?? '');
  return [
    {
      text: `Move the vault back to the resource group ${resourceGroup ?? 'from which it came'}. It takes Contributor on both groups, and a lock on either of them refuses it.`,
      command: azCommand(
        'resource move',
        ['--ids', id],
        ['--destination-group', resourceGroup],
        ['--destination-subscription-id', subscriptionId],
      ),
      portal: `Key vaults → ${armIdParts(id).name} → Overview → Move`,
      link: MOVE_PAGE,
    },
    {
      text: 'Or keep it there, and ask Microsoft Support how the enterprise policy follows it. Check the grants: role assignments that it inherited from its old group or subscription no longer count. It needs the role Reader on both.',
      command: azCommand('resource show', ['--ids', policyId], ['--api-version', '2020-10-30-preview']),
      portal: `Key vaults → ${armIdParts(id).name} → Access control (IAM)`,
      link: MOVE_PAGE,
    },
  ];
}
