/**
 * The same work, done once for each text. Events bring the same few types and operations again and again, and nearly
 * all of them concern nobody: looking at one must cost next to nothing beside parsing it. So texts are found by their
 * length and compared: a table keyed by text would read each to its end, only to hash it.
 */
export function perText<T>(work: (text: string) => T): (text: string) => T {
  const byLength = new Map<number, { text: string; result: T }[]>();
  return (text) => {
    const known = byLength.get(text.length) ?? [];
    for (const one of known) if (one.text === text) return one.result;
    const result = work(text);
    // Whoever sends ever new texts fills no memory: then the work is done anew each time.
    if (known.length < MOST_OF_A_LENGTH) byLength.set(text.length, [...known, { text, result }]);
    return result;
  };
}

const MOST_OF_A_LENGTH = 16;
