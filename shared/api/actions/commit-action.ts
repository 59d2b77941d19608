import type { Refusal } from '../../incidents/action-result.ts';
import type { PolicyState, Transition } from '../../incidents/incident.ts';
import { afterCommit } from '../../pipeline/after-commit.ts';
import { decideAndCommit } from '../../pipeline/decide-and-commit.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { ProblemError } from '../problem.ts';

/**
 * Decides an action on the policy state and commits it under the state's ETag, as a reading does; the first
 * writer wins, and the action is decided again on the new state. Kind `none`: it was done before, and nothing
 * is written. `unless` is called after each reading of the state, and throws where the action must no longer
 * be done. Throws `ProblemError` where the action is refused, `CommitConflictError` where other writers
 * kept winning.
 */
export async function commitAction(
  policyId: string,
  decideOn: DecideAction,
  ports: Ports,
  unless?: () => Promise<void>,
): Promise<Transition> {
  const done = await commitQuietly(policyId, decideOn, ports, unless);
  await afterActions([done], ports);
  return done.transition;
}

type DecideAction = (policyState: PolicyState, now: string) => Transition | Refusal;

/** Sends the notices of these actions, those of one group in one message. */
export async function afterActions(
  done: readonly Awaited<ReturnType<typeof commitQuietly>>[],
  ports: Ports,
): Promise<void> {
  const changed = done.filter(({ unchanged }) => !unchanged);
  if (changed.length > 0) await afterCommit(changed, await ports.watched(), ports);
}

/** The same as `commitAction`; `afterActions` must follow. */
export function commitQuietly(
  policyId: string,
  decideOn: DecideAction,
  ports: Ports,
  unless?: () => Promise<void>,
) {
  return decideAndCommit(
    policyId,
    (policyState, now) => {
      if (!policyState)
        throw new ProblemError(
          'not-found',
          'Nothing is remembered of this policy yet. Try again after a sweep.',
        );
      const decided = decideOn(policyState, now);
      if ('refused' in decided) throw new ProblemError('not-possible-now', decided.refused);
      return { transition: decided, unchanged: decided.kind === 'none' };
    },
    ports,
    async () => {
      const stored = await ports.store.readPolicyState(policyId);
      if (stored) await unless?.();
      return stored;
    },
  );
}
