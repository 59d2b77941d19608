import { CMK_PAGE } from '../links.ts';
import { unhealthyEvidence } from '../lock-signs.ts';
import { subjectOf } from '../subject.ts';
import { isUnhealthyUnwitnessed } from '../witnesses.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unreadableAdvisory } from './make-advisory.ts';

/**
 * A policy that was Unhealthy when Lockwatch first read it, or has stayed so since a loss that is over, is no
 * witness of a lock: its environments may have run like this for long.
 */
export const unhealthyWithoutLock: Advisory = {
  id: 'unhealthy-without-lock',
  words: 'The enterprise policy calls itself Unhealthy, and its environments show no lock',
  link: CMK_PAGE,
  severities: ['warning'],
  judge(facts, history, { now }) {
    const self = unhealthyWithoutLock;
    const { policy, policyId } = facts;
    if (policy.state !== 'known')
      return unreadableAdvisory(self, policyId, 'The health of the policy is', policy);
    const { policyName } = subjectOf(facts, history);
    const status = policy.value.healthStatus;
    if (status !== 'Unhealthy' || !isUnhealthyUnwitnessed(history, now))
      return absent(self, policyId, `The policy ${policyName} reports ${status ?? 'no health'}.`);
    return present(self, policyId, {
      summary: `The policy ${policyName} has called itself Unhealthy since ${history.effect?.unhealthy?.since ?? policy.readAt} or longer, and nothing that Lockwatch reads explains it.`,
      evidence: [unhealthyEvidence(policyId, policy.readAt)],
      remediation: [
        {
          text: 'Open one of its environments. If it works, ask Microsoft Support why the policy is Unhealthy. If it is disabled, treat it as locked.',
          portal: 'Power Platform admin center → Manage → Environments',
          link: CMK_PAGE,
        },
      ],
    });
  },
};
