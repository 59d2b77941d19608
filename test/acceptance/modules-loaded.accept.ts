import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRealRun } from '../bench/real-run.ts';

/**
 * What a cold process compiles is the largest part of what Lockwatch itself adds to a cold start. A library that slips
 * into the path of the first notice is seen here, not in a time that varies with the machine.
 */
const MAX_FILES = 10;
const MAX_BYTES = 1_300_000;

test('a new process has loaded little when its first notice is accepted', async () => {
  const run = await startRealRun({ environments: 10 });
  try {
    const { count, bytes } = await run.modulesOfFirstNotice();
    assert.ok(count > 1 && bytes > 100_000, `counted ${count} files, ${bytes} bytes`);
    assert.ok(count <= MAX_FILES, `${count} files were loaded; the budget is ${MAX_FILES}`);
    assert.ok(bytes <= MAX_BYTES, `${bytes} bytes were loaded; the budget is ${MAX_BYTES}`);
  } finally {
    await run.stop();
  }
});
