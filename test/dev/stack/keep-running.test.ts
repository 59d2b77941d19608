import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Child } from '../../../dev/stack/child.ts';
import { keepRunning } from '../../../dev/stack/keep-running.ts';

const RESTART_ON = 75;

/** Children that end when the test says so, under a clock of the test's own; a wait is over at once unless it is held. */
function setUp(start: (count: number) => void = () => {}) {
  const seen = { starts: 0, pauses: [] as number[], faults: [] as string[], ended: [] as string[] };
  let time = 0;
  let hold: Promise<void> | undefined;
  let end: (fault: string, code: number | null) => void = () => {};
  const kept = keepRunning({
    async start(onEnd) {
      seen.starts += 1;
      start(seen.starts);
      const number = seen.starts;
      end = onEnd;
      return {
        stop: async () => void seen.ended.push(`stop ${number}`),
        kill: async () => void seen.ended.push(`kill ${number}`),
      } as unknown as Child;
    },
    restartOn: RESTART_ON,
    onRestart: (_fault, pauseMs) => seen.pauses.push(pauseMs),
    onEnd: (fault) => seen.faults.push(fault),
    clock: {
      now: () => time,
      async wait(ms, signal) {
        const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await Promise.race([hold ?? Promise.resolve(), aborted]);
        time += ms;
      },
    },
  });
  return {
    kept,
    seen,
    hold(until: Promise<void>) {
      hold = until;
    },
    async end(code: number | null, afterMs = 25_000) {
      time += afterMs;
      end(`It ended (${code}).`, code);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('a child that ends as a host does whose queues are away is started again, after a pause that grows to 2 min', async () => {
  const { kept, seen, end } = setUp();
  await kept;
  for (let times = 0; times < 9; times += 1) await end(RESTART_ON);
  assert.equal(seen.starts, 10);
  assert.deepEqual(
    seen.pauses.map((ms) => ms / 1000),
    [1, 2, 4, 8, 16, 32, 64, 120, 120],
  );
  assert.deepEqual(seen.faults, []);
});

test('after a run of two minutes the next pause is the first again', async () => {
  const { kept, seen, end } = setUp();
  await kept;
  for (const runMs of [25_000, 25_000, 120_000, 25_000]) await end(RESTART_ON, runMs);
  assert.deepEqual(
    seen.pauses.map((ms) => ms / 1000),
    [1, 2, 1, 2],
  );
});

test('any other end is a fault: a crash, a signal, an end without an error', async () => {
  for (const code of [1, null, 0]) {
    const { kept, seen, end } = setUp();
    await kept;
    await end(code);
    assert.deepEqual([seen.starts, seen.pauses, seen.faults], [1, [], [`It ended (${code}).`]]);
  }
});

test('a restart that fails is tried again after a longer pause; a first start that fails throws', async () => {
  const failing = setUp((count) => {
    if (count === 2 || count === 3) throw new Error('not ready in time');
  });
  await failing.kept;
  await failing.end(RESTART_ON);
  const { starts, pauses, faults } = failing.seen;
  assert.deepEqual([starts, pauses, faults], [4, [1000, 2000, 4000], []]);
  const never = setUp(() => {
    throw new Error('not built');
  });
  await assert.rejects(never.kept, /not built/);
});

test('a child that is stopped or killed is not started again, also while it waits for its restart', async () => {
  for (const how of ['stop', 'kill'] as const) {
    const { kept, seen, end, hold } = setUp();
    const running = await kept;
    await end(RESTART_ON);
    hold(new Promise(() => {}));
    await end(RESTART_ON);
    assert.equal(seen.pauses.length, 2);
    await running[how]();
    assert.deepEqual([seen.starts, seen.ended, seen.faults], [2, [`${how} 2`], []]);
  }
});
