import { evaluateTimers } from '../incidents/evaluate-timers.ts';
import type { PolicyState } from '../incidents/incident.ts';
import {
  afterCommit,
  COMMIT_TRIES,
  type CommittedTransition,
  commitTransition,
} from './commit-transition.ts';
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
  const results = await Promise.allSettled(due.map(({ policyId }) => remindOne(policyId, ports)));
  const done = results.flatMap((result) => (result.status === 'fulfilled' && result.value) || []);
  await afterCommit(done, await ports.watched(), ports);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return done.length;
}

/**
 * Decided on the currently stored state, since another process may have been first. Undefined: nothing is due
 * any more.
 */
async function remindOne(policyId: string, ports: Ports): Promise<CommittedTransition | undefined> {
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const stored = await ports.store.readPolicyState(policyId);
    if (!stored) return undefined;
    const now = ports.clock.now();
    const transition = evaluateTimers(stored.policyState, now);
    if (transition.policyState === stored.policyState) return undefined;
    const done = await commitTransition(transition, stored, now, ports);
    if (done) return done;
  }
  // It is still due in the next sweep.
  ports.log.warn('reminder-left-for-later', { policyId });
  return undefined;
}
