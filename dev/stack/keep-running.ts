import { performance } from 'node:perf_hooks';
import { pause } from '../functions-host/pause.ts';
import type { Child } from './child.ts';

export interface KeptChild {
  stop(): Promise<void>;
  /** SIGKILL; it is not started again. */
  kill(): Promise<void>;
}

const MAX_PAUSE_MS = 120_000;
/** A run of at least this length was healthy, and the next restart counts as the first again. */
const WELL_AFTER_MS = 120_000;
const REAL_CLOCK = { now: () => performance.now(), wait: pause };

/**
 * Starts a child, and restarts it each time it ends with `restartOn`, after a pause that doubles from 1 s to
 * 2 min. A restart that fails is repeated in the same way. If it ends by itself in any other way, `onEnd` is
 * called. Throws when the first start fails.
 * Microsoft doesn't say how long the platform waits before it starts a host again; these are the pauses
 * between restarts inside a host's process: azure-functions-host,
 * src/WebJobs.Script.WebHost/WebJobsScriptHostService.cs and src/WebJobs.Script/Utility.cs (ComputeBackoff).
 */
export async function keepRunning(options: {
  start: (onEnd: (fault: string, code: number | null) => void) => Promise<Child>;
  restartOn: number;
  onRestart: (fault: string, pauseMs: number) => void;
  onEnd: (fault: string) => void;
  /** The time in milliseconds, and a wait that ends early when the signal aborts. */
  clock?: { now(): number; wait(ms: number, signal: AbortSignal): Promise<void> };
}): Promise<KeptChild> {
  const { restartOn, onRestart, onEnd, clock = REAL_CLOCK } = options;
  const ending = new AbortController();
  let child: Child;
  let inARow = 0;
  let startedAt = clock.now();
  let restarting: Promise<void> | undefined;

  const begin = async () => {
    child = await options.start((fault, code) => {
      if (code === restartOn) restarting = restart(fault);
      else onEnd(fault);
    });
    startedAt = clock.now();
  };
  const restart = async (fault: string) => {
    if (clock.now() - startedAt >= WELL_AFTER_MS) inARow = 0;
    let why: string | undefined = fault;
    while (why !== undefined) {
      const pauseMs = Math.min(1000 * 2 ** inARow, MAX_PAUSE_MS);
      inARow += 1;
      onRestart(why, pauseMs);
      await clock.wait(pauseMs, ending.signal);
      if (ending.signal.aborted) return;
      why = await begin().then(
        () => undefined,
        (error) => (error instanceof Error ? error.message : String(error)),
      );
    }
  };
  const end = async (how: (ended: Child) => Promise<void>) => {
    ending.abort();
    await restarting;
    await how(child);
  };
  await begin();
  return { stop: () => end((ended) => ended.stop()), kill: () => end((ended) => ended.kill()) };
}
