import { evaluateTimers } from '../incidents/evaluate-timers.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { afterCommit } from './after-commit.ts';
import { CommitConflictError, type CommittedTransition, decideAndCommit } from './decide-and-commit.ts';
import type { Ports } from './ports.ts';

/**
 * Sends the notices that the timers need: reminders, deadlines, the ends of silences. All policies commit
 * first, then notices that they share go out as one message. It needs no reading, so Azure can't delay it.
 * Returns how many policies had something to report or to remove. Throws the first storage error, after the
 * others are done.
 */
export async function remind(policyStates: readonly PolicyState[], ports: Ports): Promise<number> {
  const due = policyStates.filter(
    (policyState) => evaluateTimers(policyState, ports.clock.now()).policyState !== policyState,
  );
  if (due.length === 0) return 0;
  const results = await Promise.allSettled(due.map((policyState) => remindOne(policyState, ports)));
  const done = results.flatMap((result) => (result.status === 'fulfilled' && result.value) || []);
  await afterCommit(done, await ports.watched(), ports);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return done.length;
}

/**
 * Decided on the currently stored state, since another process may have been first. Undefined: nothing is due
 * any more.
 */
async function remindOne(listed: PolicyState, ports: Ports): Promise<CommittedTransition | undefined> {
  const { policyId } = listed;
  try {
    const done = await decideAndCommit(
      policyId,
      (policyState, now) => {
        const transition = evaluateTimers(policyState ?? listed, now);
        const unchanged = policyState === undefined || transition.policyState === policyState;
        return { transition, unchanged };
      },
      ports,
    );
    return done.unchanged ? undefined : done;
  } catch (error) {
    if (!(error instanceof CommitConflictError)) throw error;
    // It is still due in the next sweep.
    ports.log.warn('reminder-left-for-later', { policyId });
    return undefined;
  }
}
