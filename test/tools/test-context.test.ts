import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const TESTS = `
import assert from 'node:assert/strict';
import { executionAsyncId } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { describe, it, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
async function nobodyWaits() { await wait(2); throw new Error('of nobody'); }
test('rejects after an await', async () => { await null; nobodyWaits(); await wait(20); });
test('is right', async () => { await wait(1); });
describe('suite', () => {
  it('throws in a timer', async () => { await null; setTimeout(() => { throw new Error('of a timer'); }, 2); await wait(20); });
  it('emits an error', async () => { await wait(1); setImmediate(() => new EventEmitter().emit('error', new Error('of an emitter'))); await wait(20); });
  it('asserts', async () => { await wait(1); assert.equal(1, 2); });
  describe('within', () => { it('is right, too', () => {}); });
});
test('at the same time', { concurrency: 2 }, (t) => Promise.all([
  t.test('rejects beside another', async () => { await wait(2); nobodyWaits(); await wait(20); }),
  t.test('is right beside another', async () => { await wait(30); }),
]));
test('ends before its error', () => { setTimeout(() => { throw new Error('too late'); }, 10); });
test('waits meanwhile', () => wait(30));
test('no hook follows its promises', async () => {
  await null;
  const first = executionAsyncId();
  await null;
  assert.equal(executionAsyncId(), first);
});
`;

describe('what npm test loads before the tests of a process', () => {
  it('lets an error that nobody waits for fail the test that it belongs to, without a hook on each promise', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lockwatch-test-context-'));
    try {
      const file = join(directory, 'some.test.mjs');
      await writeFile(file, TESTS);
      const { stdout, status } = spawnSync(
        process.execPath,
        [
          `--import=${new URL('../../tools/test-context.ts', import.meta.url)}`,
          '--test',
          '--test-reporter=tap',
          file,
        ],
        { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
      );
      assert.equal(status, 1);
      const results = stdout
        .split('\n')
        .flatMap((line) => /^ *((?:not )?ok) \d+ - (.*)$/.exec(line)?.slice(1).join(': ') ?? []);
      assert.deepEqual(results, [
        'not ok: rejects after an await',
        'ok: is right',
        'not ok: throws in a timer',
        'not ok: emits an error',
        'not ok: asserts',
        'ok: is right, too',
        'ok: within',
        'not ok: suite',
        'not ok: rejects beside another',
        'ok: is right beside another',
        'not ok: at the same time',
        'ok: ends before its error',
        'ok: waits meanwhile',
        'ok: no hook follows its promises',
      ]);
      assert.match(stdout, /# Error: Test "ends before its error" at .*some\.test\.mjs:\d+/);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
