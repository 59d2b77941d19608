/** A fixed number at once; the others wait in order of arrival. */
export interface Semaphore {
  /** Waits for a free slot; call the returned function to free it again. */
  take(): Promise<() => void>;
}

export function makeSemaphore(count: number): Semaphore {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let held = true;
      return () => {
        if (held) release();
        held = false;
      };
    },
  };
}
