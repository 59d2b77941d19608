import { withSmallHeap } from '../../pipeline/small-heap.ts';

/** At most this many different answers are computed at a time; each may hold megabytes for a large tenant. */
const MAX_RUNNING = 2;
/** At most this many different ones wait. */
const MAX_WAITING = 100;

/** So many different questions wait already that one more would only take memory. */
export class TooManyQuestionsError extends Error {
  override readonly name = 'TooManyQuestionsError';
}

export interface AnswerSharing<T> {
  /**
   * The answer of a computation that begins after this call. Throws what the computation throws, or
   * `TooManyQuestionsError`.
   */
  share(question: string, compute: () => Promise<T>): Promise<T>;
}

/**
 * Computes an answer once for all who ask the same at the same time. Who asks while a computation runs shares
 * the next one instead: the running one may have read before an action that this caller knows of. So there are
 * at most two for each question, and nothing is kept after its callers have it.
 * @example
 * const answers = createAnswerSharing<string>();
 * await answers.share('/api/status', async () => 'clear');
 */
export function createAnswerSharing<T>({
  maxRunning = MAX_RUNNING,
  maxWaiting = MAX_WAITING,
} = {}): AnswerSharing<T> {
  const waiting = new Map<string, { answer: Promise<T>; begin: () => void }>();
  const running = new Set<string>();
  const beginNext = () => {
    for (const [question, { begin }] of waiting) {
      if (running.size >= maxRunning) return;
      // The same question twice at once would be the cost that sharing avoids.
      if (running.has(question)) continue;
      waiting.delete(question);
      running.add(question);
      begin();
    }
  };
  return {
    share(question, compute) {
      const shared = waiting.get(question);
      if (shared) return shared.answer;
      if (waiting.size >= maxWaiting)
        return Promise.reject(new TooManyQuestionsError(`${waiting.size} questions wait.`));
      const begun = Promise.withResolvers<void>();
      const answer = begun.promise
        .then(() => withSmallHeap(compute))
        .finally(() => {
          running.delete(question);
          beginNext();
        });
      waiting.set(question, { answer, begin: begun.resolve });
      // Callers of the same moment share this one before it begins.
      queueMicrotask(beginNext);
      return answer;
    },
  };
}
