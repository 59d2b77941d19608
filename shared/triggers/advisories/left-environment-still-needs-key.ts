import { armIdParts, sameId } from '../../azure/arm-id.ts';
import type { Facts } from '../../facts/facts.ts';
import type { History } from '../history.ts';
import { CMK_PAGE } from '../links.ts';
import { stillNeedingKey } from '../remember-left.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory, AdvisoryFinding } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * An environment that was taken out of a policy needs the old key, its vault and the permission for 30 more
 * days (Power Platform docs: "Manage your customer-managed encryption key"). Deleting the key locks nothing,
 * but restores fail.
 */
export const leftEnvironmentStillNeedsKey: Advisory = {
  id: 'left-environment-still-needs-key',
  words: 'An environment that left the enterprise policy still needs its key for restores, for 30 days',
  link: CMK_PAGE,
  severities: ['info', 'warning'],
  judge(facts, history, { now }) {
    const self = leftEnvironmentStillNeedsKey;
    const { policyId } = facts;
    const { environments, more, until } = stillNeedingKey(history.left, now);
    const count = environments.length + more;
    if (count === 0) return nobodyLeft(facts);
    const { policyName, keyId } = subjectOf(facts, history);
    const old = environments.findLast((one) => one.keyId !== undefined)?.keyId ?? keyId;
    const vault = vaultNameOf(old);
    const key = old === undefined ? 'its key' : `the key ${armIdParts(old).name} in the vault ${vault}`;
    const isReplaced = old !== undefined && keyId !== undefined && !sameId(old, keyId);
    const isAbandoned = isReplaced || facts.policy.state === 'gone' || history.policy?.goneAt !== undefined;
    const who =
      count === 1
        ? `The environment ${environments[0]?.displayName ?? ''} left the policy ${policyName} and still needs ${key}`
        : `${count} environments left the policy ${policyName} and still need ${key}`;
    const why = isAbandoned
      ? ' The policy no longer uses that key, so somebody may delete it too early.'
      : '';
    return present(self, policyId, {
      severity: isAbandoned ? 'warning' : 'info',
      summary: `${who} for restores until ${until.slice(0, 10)}.${why}`,
      evidence: [
        ...environments.map(({ id, displayName, at }) => ({
          text: `Environment ${displayName} (${id}): no longer linked to the policy, as a list of ${at} shows`,
          source: policyId,
          readAt: at,
        })),
        ...(more > 0
          ? [
              {
                text: `Environments that left the policy before these: ${more}`,
                source: policyId,
                readAt: history.left?.more?.at ?? now,
              },
            ]
          : []),
      ],
      remediation: [
        {
          text: `Do not delete, disable or replace ${key}, do not delete or close that vault, and do not take the permission from the identity of ${policyName}, before ${until.slice(0, 10)}. Nothing would go offline, but backups made with this key could not be restored.`,
          portal: `Key vaults → ${vault} → Keys`,
          link: CMK_PAGE,
        },
      ],
    });
  },
};

function nobodyLeft({ environments, policyId }: Facts): AdvisoryFinding {
  const self = leftEnvironmentStillNeedsKey;
  if (environments.state !== 'known')
    return unreadableAdvisory(self, policyId, 'Whether an environment left the policy is', environments);
  if (environments.value.listed === undefined)
    return unknownAdvisory(
      self,
      policyId,
      'The list of environments does not show which of them left the policy.',
    );
  return absent(self, policyId, 'No environment left the policy in the last 30 days.');
}

function vaultNameOf(keyId: string | undefined): NonNullable<History['vault']>['name'] {
  return keyId === undefined ? 'the vault' : armIdParts(keyId.replace(/\/keys\/[^/]*$/i, '')).name;
}
