import { LOCKS_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { judgeLocks } from './delete-locks.ts';

/**
 * Azure refuses to delete a policy that environments link to; a lock also protects environments about to be
 * linked.
 */
export const noDeleteLockOnPolicy: Advisory = {
  id: 'no-delete-lock-on-policy',
  words: 'No lock keeps the enterprise policy from being deleted',
  link: LOCKS_PAGE,
  severities: ['info'],
  judge(facts, history) {
    const { policyName } = subjectOf(facts, history);
    const guarded = {
      id: facts.policyId,
      words: `the enterprise policy ${policyName}`,
      portal: `All resources → Manage view → Show hidden types → ${policyName}`,
    };
    return judgeLocks(noDeleteLockOnPolicy, facts.policyId, guarded, facts.protection?.policyLocks);
  },
};
