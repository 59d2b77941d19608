import { CMK_PAGE } from '../links.ts';
import { isLinked } from '../lock-signs.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unreadableAdvisory } from './make-advisory.ts';

/** All environments of a policy lock together, so the number of them is what one mistake costs. */
export const manyEnvironmentsOnPolicy: Advisory = {
  id: 'many-environments-on-policy',
  words: 'The enterprise policy holds more environments than the organisation allows',
  link: CMK_PAGE,
  severities: ['info'],
  judge(facts, history, { settings: { maxEnvironmentsPerPolicy: most } }) {
    const self = manyEnvironmentsOnPolicy;
    const { environments, policyId } = facts;
    if (most === undefined)
      return absent(self, policyId, 'No limit is set (LOCKWATCH_MAX_ENVIRONMENTS_PER_POLICY).');
    const { policyName } = subjectOf(facts, history);
    if (environments.state !== 'known')
      return unreadableAdvisory(self, policyId, 'How many environments use the policy is', environments);
    const count = environments.value.environments.filter(isLinked).length;
    const evidence = [
      {
        text: `Environments: ${count} linked to the policy ${policyName}; the limit is ${most}`,
        source: policyId,
        readAt: environments.value.asOf,
      },
    ];
    if (count <= most)
      return absent(
        self,
        policyId,
        `The policy ${policyName} holds no more environments than the limit of ${most}, as far as the list shows.`,
        evidence,
      );
    return present(self, policyId, {
      summary: `${count} environments are linked to the policy ${policyName}, and the limit is ${most}: a change to its key takes all of them offline at once.`,
      evidence,
      remediation: [
        {
          text: `Make another enterprise policy with a key of its own, best in another key vault, and move some of the environments to it. The identity of the new policy needs the permission on the old key as well, and the old key must be kept for 30 more days. Or set LOCKWATCH_MAX_ENVIRONMENTS_PER_POLICY to the number that you accept. Moving them needs a Power Platform administrator.`,
          portal: `Power Platform admin center → Security → Data and privacy → Customer-managed encryption key → ${policyName}`,
          link: CMK_PAGE,
        },
      ],
    });
  },
};
