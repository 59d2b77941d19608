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
 * What the passing of time calls for: reminders, deadlines, the ends of silences. All policies commit first, then what
 * they share goes out as one message. Needs no reading, so what Azure does not answer delays none of it. Returns how
 * many policies had something to say or to forget. Throws the first failure of storage, after the others are done.
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

/** Decided anew on what is stored now: another may have been first. Undefined: there is nothing left to say. */
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
  // The next sweep finds it due again.
  ports.log.warn('reminder-left-for-later', { policyId });
  return undefined;
}
