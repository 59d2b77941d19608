import type { Refusal } from '../../incidents/actions.ts';
import type { PolicyState, Transition } from '../../incidents/incident.ts';
import { afterCommit } from '../../pipeline/after-commit.ts';
import { decideAndCommit } from '../../pipeline/decide-and-commit.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { ActionError } from './action-error.ts';

/**
 * Decides an action on the policy state and commits it under the state's ETag, as a reading does; the first
 * writer wins, and the action is decided again on the new state. Kind `none`: it was done before, and nothing
 * is written. `unless` is called after each reading of the state, and throws where the action must no longer
 * be done. Throws `ActionError` where the action is refused, `CommitConflictError` where other writers
 * kept winning.
 */
export async function commitAction(
  policyId: string,
  decideOn: (policyState: PolicyState, now: string) => Transition | Refusal,
  ports: Ports,
  unless?: () => Promise<void>,
): Promise<Transition> {
  const done = await decideAndCommit(
    policyId,
    (policyState, now) => {
      if (!policyState)
        throw new ActionError(404, 'Nothing is remembered of this policy yet. Try again after a sweep.');
      const decided = decideOn(policyState, now);
      if ('refused' in decided) throw new ActionError(409, decided.refused);
      return { transition: decided, unchanged: decided.kind === 'none' };
    },
    ports,
    async () => {
      const stored = await ports.store.readPolicyState(policyId);
      if (stored) await unless?.();
      return stored;
    },
  );
  if (!done.unchanged) await afterCommit([done], await ports.watched(), ports);
  return done.transition;
}
