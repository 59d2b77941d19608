/** Time is a parameter, so that tests and the simulation control it. */
export interface Clock {
  /** ISO 8601, UTC, milliseconds. */
  now(): string;
  /** Milliseconds since the epoch. */
  nowMs(): number;
  sleep(ms: number, abort?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  nowMs: () => Date.now(),
  sleep: (ms, abort) =>
    new Promise((resolve) => {
      if (abort?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        abort?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      abort?.addEventListener('abort', done);
    }),
};
