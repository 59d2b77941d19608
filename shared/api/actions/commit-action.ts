import type { Refusal } from '../../incidents/actions.ts';
import type { Head, Transition } from '../../incidents/incident.ts';
import {
  afterCommit,
  COMMIT_TRIES,
  CommitConflict,
  commitTransition,
} from '../../pipeline/commit-transition.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { ActProblem } from './action-error.ts';

/**
 * Decides an act on the policy's head and commits it under the head's ETag, as a reading is; whoever was first wins, and
 * the act is decided anew on what is then there. Kind `none`: it was done before, and nothing is written.
 * `unless` is asked after each reading of the head, and throws where the act must not be done any more. Throws
 * `ActProblem` where it is refused, `CommitConflict` where others kept writing.
 */
export async function commitAct(
  policyId: string,
  decideOn: (head: Head, now: string) => Transition | Refusal,
  ports: Ports,
  unless?: () => Promise<void>,
): Promise<Transition> {
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const stored = await ports.store.readHead(policyId);
    if (!stored)
      throw new ActProblem(404, 'Nothing is remembered of this policy yet. Try again after a sweep.');
    await unless?.();
    const now = ports.clock.now();
    const decided = decideOn(stored.head, now);
    if ('refused' in decided) throw new ActProblem(409, decided.refused);
    if (decided.kind === 'none') return decided;
    const committed = await commitTransition(decided, stored, now, ports);
    if (committed) {
      await afterCommit([committed], await ports.watched(), ports);
      return decided;
    }
  }
  throw new CommitConflict(policyId);
}
