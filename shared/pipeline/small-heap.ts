import { setFlagsFromString } from 'node:v8';

let running = 0;
let ending: NodeJS.Timeout | undefined;

/** The runtime still copies an answer of megabytes several times after the function has returned it. */
const LASTS_MS = 2_000;

/**
 * Does heavy work with V8 collecting often instead of letting the heap grow: a sweep of 1,000 policies or an answer of
 * megabytes keeps some 100 MB alive but takes several times that otherwise. V8 reads the flag at each collection, so it
 * takes effect at once; it costs processor time, and so a signal, which must be fast, does without. Bounds of the whole
 * process can be set only at its start, which would lose Azure's warm placeholder (`languageWorkers__node__arguments`).
 */
export async function withSmallHeap<T>(work: () => Promise<T>): Promise<T> {
  running += 1;
  clearTimeout(ending);
  if (running === 1) setFlagsFromString('--optimize-for-size');
  try {
    return await work();
  } finally {
    running -= 1;
    if (running === 0) {
      ending = setTimeout(setFlagsFromString, LASTS_MS, '--no-optimize-for-size');
      ending.unref();
    }
  }
}
