import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createClockFile } from '../../../dev/stack/clock-file.ts';

const HOUR_MS = 3_600_000;

/** Answers each line with what it takes the time to be, in every way to ask for it. */
const CHILD = `process.stdin.on('data', () => console.log(JSON.stringify({
  now: Date.now(), made: new Date().getTime(), text: Date.parse(Date()), given: new Date(5).getTime(),
  utc: Date.UTC(1970, 0, 1), isDate: new Date() instanceof Date, own: new (class extends Date {})().getTime() })));`;

test('processes that follow one clock are moved ahead together, and again after a restart', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch clock-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const clock = await createClockFile(directory);
  const start = () => {
    const child = spawn(process.execPath, [...clock.args, '--eval', CHILD], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    return async () => {
      child.stdin.write('\n');
      const [line] = (await once(lines, 'line')) as [string];
      return JSON.parse(line) as Record<'now' | 'made' | 'text' | 'given' | 'utc' | 'own', number> & {
        isDate: boolean;
      };
    };
  };
  const assertAhead = async (ask: ReturnType<typeof start>, aheadMs: number) => {
    const { now, made, text, own, given, utc, isDate } = await ask();
    for (const at of [now, made, text, own])
      assert.ok(Math.abs(at - Date.now() - aheadMs) < HOUR_MS / 2, `${at} is not ${aheadMs} ms ahead`);
    assert.deepEqual({ given, utc, isDate }, { given: 5, utc: 0, isDate: true });
  };
  const both = [start(), start()];
  for (const ask of both) await assertAhead(ask, 0);
  await clock.moveAhead(2 * HOUR_MS);
  for (const ask of both) await assertAhead(ask, 2 * HOUR_MS);
  await clock.moveAhead(24 * HOUR_MS);
  for (const ask of [...both, start()]) await assertAhead(ask, 26 * HOUR_MS);
});
