import { CMK_PAGE } from '../links.ts';
import { isLinked } from '../lock-signs.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * A complete list links no environment to the policy. That proves nothing of the key: a policy can encrypt the
 * tenant's platform apps data instead, which never shows in the list of environments (the operation
 * `…/platformapps/enterprisePolicies/Encryption/link` in Microsoft's scripts, PowerPlatform-EnterprisePolicies).
 */
export const policyWithoutEnvironments: Advisory = {
  id: 'policy-without-environments',
  words: 'The complete list of environments links none to the enterprise policy',
  link: CMK_PAGE,
  severities: ['info'],
  judge(facts, history) {
    const self = policyWithoutEnvironments;
    const { environments, policy, policyId } = facts;
    if (policy.state !== 'known') return unreadableAdvisory(self, policyId, 'The policy is', policy);
    if (environments.state !== 'known')
      return unreadableAdvisory(self, policyId, 'Which environments use the policy is', environments);
    const { policyName } = subjectOf(facts, history);
    const { environments: listed, isComplete, asOf } = environments.value;
    if (listed.some(isLinked))
      return absent(self, policyId, `Environments are linked to the policy ${policyName}.`);
    if (!isComplete)
      return unknownAdvisory(
        self,
        policyId,
        'The list of environments is not known to be complete, so it does not show that the policy has none.',
      );
    // A member that vanished from the lists is not known to have left (`rememberEnvironments`).
    if (history.environments?.members.some((one) => one.missingSince !== undefined))
      return unknownAdvisory(
        self,
        policyId,
        'An environment of the policy vanished from the list less than a day ago.',
      );
    return present(self, policyId, {
      summary: `No environment is linked to the policy ${policyName}. The policy may still encrypt tenant-wide platform apps data, which the list of environments does not show.`,
      evidence: [
        { text: 'Environments: the complete list links none to this policy', source: policyId, readAt: asOf },
      ],
      remediation: [
        {
          text: 'Find out what the policy is for before anyone touches its key: environments that are still to be linked, or tenant-wide platform apps data. It needs a Power Platform administrator.',
          portal: `Power Platform admin center → Security → Data and privacy → Customer-managed encryption key → ${policyName}`,
          link: CMK_PAGE,
        },
      ],
    });
  },
};
