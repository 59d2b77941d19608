import type { Refusal } from '../../incidents/actions.ts';
import type { PolicyState, Transition } from '../../incidents/incident.ts';
import {
  afterCommit,
  COMMIT_TRIES,
  CommitConflictError,
  commitTransition,
} from '../../pipeline/commit-transition.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { ActionError } from './action-error.ts';

/**
 * Decides an act on the policy's head and commits it under the head's ETag, as a reading is; whoever was first wins, and
 * the act is decided anew on what is then there. Kind `none`: it was done before, and nothing is written.
 * `unless` is asked after each reading of the head, and throws where the act must not be done any more. Throws
 * `ActionError` where it is refused, `CommitConflictError` where others kept writing.
 */
export async function commitAction(
  policyId: string,
  decideOn: (policyState: PolicyState, now: string) => Transition | Refusal,
  ports: Ports,
  unless?: () => Promise<void>,
): Promise<Transition> {
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const stored = await ports.store.readPolicyState(policyId);
    if (!stored)
      throw new ActionError(404, 'Nothing is remembered of this policy yet. Try again after a sweep.');
    await unless?.();
    const now = ports.clock.now();
    const decided = decideOn(stored.policyState, now);
    if ('refused' in decided) throw new ActionError(409, decided.refused);
    if (decided.kind === 'none') return decided;
    const committed = await commitTransition(decided, stored, now, ports);
    if (committed) {
      await afterCommit([committed], await ports.watched(), ports);
      return decided;
    }
  }
  throw new CommitConflictError(policyId);
}
