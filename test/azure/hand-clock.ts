import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

/** A clock turned by hand: it moves only where somebody waits and nothing else is left to do. */
export interface HandClock extends Clock {
  /** Runs the work to its end, turning the clock to the next waiter whenever all stand still. */
  drive<T>(work: Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
}

export function handClock(start = '2026-03-01T10:00:00.000Z'): HandClock {
  let nowMs = Date.parse(start);
  const sleepers: { at: number; wake: () => void }[] = [];

  async function advance(ms: number): Promise<void> {
    nowMs += ms;
    for (const sleeper of sleepers.filter(({ at }) => at <= nowMs)) sleeper.wake();
    await setImmediate();
  }

  return {
    now: () => new Date(nowMs).toISOString(),
    nowMs: () => nowMs,
    sleep(ms, abort) {
      if (abort?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          const index = sleepers.indexOf(sleeper);
          if (index >= 0) sleepers.splice(index, 1);
          resolve();
        };
        const sleeper = { at: nowMs + ms, wake };
        sleepers.push(sleeper);
        abort?.addEventListener('abort', wake);
      });
    },
    advance,
    async drive(work) {
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      work.then(done, done);
      for (let recentTransitions = 0; !isDone; recentTransitions += 1) {
        for (let i = 0; i < 3 && !isDone; i += 1) await setImmediate();
        const next = Math.min(...sleepers.map(({ at }) => at));
        if (!isDone && Number.isFinite(next)) await advance(next - nowMs);
        if (recentTransitions > 10_000)
          throw new Error('the work stands still, and nobody waits for the clock');
      }
      return work;
    },
  };
}
