/**
 * The same computation, done once for each text. Events repeat the same few types and operations, and nearly
 * all are irrelevant: examining one must cost next to nothing compared with parsing it. So texts are found by
 * their length and compared: a map keyed by text would have to read each to its end to hash it.
 */
export function perText<T>(work: (text: string) => T): (text: string) => T {
  const byLength = new Map<number, { text: string; result: T }[]>();
  // The same text is looked up more than once per event: the repeated look-up finds it by identity.
  let last: { text: string; result: T } | undefined;
  return (text) => {
    if (last?.text === text) return last.result;
    const known = byLength.get(text.length) ?? [];
    for (const one of known) {
      if (one.text !== text) continue;
      last = { text, result: one.result };
      return one.result;
    }
    const result = work(text);
    // Ever new texts must not fill the memory: beyond the limit, the computation is repeated each time.
    if (known.length < MAX_OF_A_LENGTH) byLength.set(text.length, [...known, { text, result }]);
    return result;
  };
}

const MAX_OF_A_LENGTH = 16;
