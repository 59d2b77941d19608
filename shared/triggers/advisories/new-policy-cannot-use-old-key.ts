import { armIdParts, sameId } from '../../azure/arm-id.ts';
import { grantSteps } from '../grant-steps.ts';
import { CMK_PAGE } from '../links.ts';
import { stillNeedingKey } from '../remember-left.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * Changing an environment to another policy: the new policy's identity must be granted the old key as well
 * (Power Platform docs: "Manage your customer-managed encryption key").
 */
export const newPolicyCannotUseOldKey: Advisory = {
  id: 'new-policy-cannot-use-old-key',
  words: 'An environment moved to another enterprise policy, whose identity may not use the old key',
  link: CMK_PAGE,
  severities: ['warning'],
  judge(facts, history, { now }) {
    const self = newPolicyCannotUseOldKey;
    const { policyId, protection, environments } = facts;
    const left = stillNeedingKey(history.left, now).environments;
    const moved = left.filter(({ movedTo }) => movedTo !== undefined);
    if (moved.length === 0) {
      if (left.length === 0 && environments.state !== 'known')
        return unreadableAdvisory(
          self,
          policyId,
          'Whether an environment moved to another policy is',
          environments,
        );
      if (environments.state === 'known' && environments.value.listed === undefined)
        return unknownAdvisory(self, policyId, 'The list of environments does not show other policies.');
      return absent(self, policyId, 'No environment moved to another policy in the last 30 days.');
    }
    const read = moved.map((one) => ({
      one,
      part: protection?.moved?.find(
        ({ policyId: to, keyId }) => sameId(to, one.movedTo) && sameId(keyId, one.keyId),
      )?.permission,
    }));
    const lacking = read.find(
      ({ part }) =>
        part?.state === 'known' && part.value.missing.length > 0 && part.value.perhapsGroups.length === 0,
    );
    if (lacking?.part?.state === 'known') {
      const { one, part } = lacking;
      const name = armIdParts(one.movedTo ?? '').name;
      const keyId = one.keyId ?? '';
      const vaultId = keyId.replace(/\/keys\/[^/]*$/i, '');
      const { name: vaultName, resourceGroup, subscriptionId } = armIdParts(vaultId);
      const { model, principalId, missing } = part.value;
      const old = { ...subjectOf(facts, history), vaultId, vaultName, resourceGroup, subscriptionId };
      return present(self, policyId, {
        summary: `The environment ${one.displayName} moved to the policy ${name}, whose identity may not use the old key ${armIdParts(keyId).name} in the vault ${vaultName}.`,
        evidence: [
          {
            text: `Identity ${principalId} of the policy ${name}: missing ${missing.join(', ')}`,
            source: vaultId,
            readAt: part.readAt,
          },
        ],
        remediation: grantSteps({ ...old, principalId, policyName: name }, model, {
          lead: '',
          why: `environments that moved to ${name} still need the old key for 30 days`,
        }),
      });
    }
    const open = read.find(({ part }) => part?.state !== 'known' || part.value.missing.length > 0);
    if (open?.part?.state === 'known')
      return unknownAdvisory(
        self,
        policyId,
        'The new identity has no access policy of its own; one of the others may be its group’s.',
      );
    if (open)
      return unreadableAdvisory(self, policyId, 'Whether the new policy may use the old key is', open.part);
    return absent(self, policyId, 'The identities of the new policies may use the old key.');
  },
};
