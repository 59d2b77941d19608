import type { Clock } from '../clock.ts';
import { armPath } from './arm-id.ts';
import type { Failed, Outcome } from './outcome.ts';

/** The answers of one read session: each is asked for once, for any number of callers. */
export interface SharedAnswers {
  /** `id`: an ARM id as received, even if malformed; `query` begins with 'api-version='. */
  document(id: string, query: string, ask: Ask<unknown>): Promise<Outcome<unknown>>;
  list(id: string, query: string, ask: Ask<unknown[]>): Promise<Outcome<unknown[]>>;
}

/** `target`: path and query. */
type Ask<T> = (target: string) => Promise<Outcome<T>>;

export interface SessionAnswers {
  answers: SharedAnswers;
  /** Asks for nothing and never answers: adds to `targets` what would have to be asked for. */
  planned(targets: Set<string>): SharedAnswers;
}

export function sharedAnswers(clock: Clock): SessionAnswers {
  const documents = new Map<string, Promise<Outcome<unknown>>>();
  const lists = new Map<string, Promise<Outcome<unknown[]>>>();
  const once =
    <T>(memory: Map<string, Promise<Outcome<T>>>) =>
    async (id: string, query: string, ask: Ask<T>): Promise<Outcome<T>> => {
      const target = targetOf(id, query);
      if (target === undefined) return notAnId(clock.now());
      const key = target.toLowerCase();
      const answer = memory.get(key) ?? ask(target);
      memory.set(key, answer);
      return answer;
    };
  return {
    answers: { document: once(documents), list: once(lists) },
    planned(targets) {
      const note = (memory: Map<string, unknown>) => (id: string, query: string) => {
        const key = targetOf(id, query)?.toLowerCase();
        if (key !== undefined && !memory.has(key)) targets.add(key);
        return new Promise<never>(() => {});
      };
      return { document: note(documents), list: note(lists) };
    },
  };
}

function targetOf(id: string, query: string): string | undefined {
  const path = armPath(id);
  return path === undefined ? undefined : `${path}?${query}`;
}

export function notAnId(at: string): Failed {
  const because = 'would have to be asked by an ARM id that is none';
  return { kind: 'failed', what: 'Azure Resource Manager', reason: 'invalidAnswer', because, at };
}
