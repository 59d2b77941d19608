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
 * Decides an action on the policy state and commits it under the state's ETag, as a reading does; the first
 * writer wins, and the action is decided again on the new state. Kind `none`: it was done before, and nothing
 * is written. `unless` is called after each reading of the state, and throws where the action must no longer
 * be done. Throws `ActionError` where the action is refused, `CommitConflict` where other writers kept
 * winning.
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
