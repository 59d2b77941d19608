import { RBAC_GUIDE_PAGE } from '../links.ts';
import { totalOf } from '../remember-principals.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory } from './make-advisory.ts';

/** Who may change the key, the vault or the permissions can take the environments down, on purpose or not. */
export const morePrincipalsCanLock: Advisory = {
  id: 'more-principals-can-lock',
  words: 'More principals than before can take the environments of the policy offline',
  link: RBAC_GUIDE_PAGE,
  severities: ['info'],
  judge(facts, history, { settings: { countsPrincipals } }) {
    const self = morePrincipalsCanLock;
    const { policyId } = facts;
    const { principals } = history;
    if (!countsPrincipals)
      return unknownAdvisory(
        self,
        policyId,
        'The principals who can lock environments are not counted by this process.',
      );
    if (principals === undefined)
      return unknownAdvisory(
        self,
        policyId,
        'How many principals can lock the environments has not been counted yet: all rights must be readable for that.',
      );
    const { grew, able, inTwoSteps, at } = principals;
    const { policyName } = subjectOf(facts, history);
    const evidence = [
      {
        text: `Rights: ${able} principals can take the environments of ${policyName} offline, and ${inTwoSteps} more after they have given themselves a right`,
        source: policyId,
        readAt: at,
      },
    ];
    if (grew === undefined)
      return absent(
        self,
        policyId,
        'The number of principals who can lock the environments has not grown.',
        evidence,
      );
    return present(self, policyId, {
      summary: `${totalOf(principals)} principals can take the environments of the policy ${policyName} offline; before ${grew.at} it was ${grew.from}.`,
      evidence,
      remediation: [
        {
          text: 'Look at who can do it, and take back what nobody needs. A group counts as one principal. It needs a role that may write role assignments, such as User Access Administrator or Owner.',
          portal: 'Key vaults → the vault of the policy → Access control (IAM) → Role assignments',
          link: RBAC_GUIDE_PAGE,
        },
      ],
    });
  },
};
