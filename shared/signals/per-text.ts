/**
 * The same work, done once for each text. Events bring the same few types and operations again and again, and nearly
 * all of them concern nobody: looking at one must cost next to nothing beside parsing it. So texts are found by their
 * length and compared: a table keyed by text would read each to its end, only to hash it.
 */
export function perText<T>(work: (text: string) => T): (text: string) => T {
  const byLength = new Map<number, { text: string; result: T }[]>();
  // One event is asked about more than once, by the very same text: that is found without reading it.
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
    // Whoever sends ever new texts fills no memory: then the work is done anew each time.
    if (known.length < MAX_OF_A_LENGTH) byLength.set(text.length, [...known, { text, result }]);
    return result;
  };
}

const MAX_OF_A_LENGTH = 16;
