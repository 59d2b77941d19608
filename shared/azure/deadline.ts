import type { Clock } from '../clock.ts';

/** The end of one read session; everything read in it shares this deadline. */
export interface Deadline {
  atMs: number;
  clock: Clock;
}

export const LATE = Symbol('late');
/** Nobody reads it. Without a reason, each abort makes an error with its stack, and every read ends in one. */
const DONE = Symbol('done');

export function deadlineIn(budgetMs: number, clock: Clock): Deadline {
  return { atMs: clock.nowMs() + budgetMs, clock };
}

/**
 * Does the work unless the deadline comes first: then the signal is aborted and the result is `LATE`, whether
 * or not the work honours the signal. Rethrows the error of work that fails in time.
 */
export async function before<T>(
  deadline: Deadline,
  work: (abort: AbortSignal) => Promise<T>,
): Promise<T | typeof LATE> {
  const left = deadline.atMs - deadline.clock.nowMs();
  if (left <= 0) return LATE;
  const abort = new AbortController();
  const done = new AbortController();
  const late = deadline.clock.sleep(left, done.signal).then((): typeof LATE => {
    // Not after the work is done: aborting a finished request would close a connection that others can use.
    if (!done.signal.aborted) abort.abort();
    return LATE;
  });
  try {
    return await Promise.race([work(abort.signal), late]);
  } finally {
    done.abort(DONE);
  }
}
