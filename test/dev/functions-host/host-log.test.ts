import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { calls, startFixture, type TestHost, until } from './host-app.ts';

const cleaning: (() => Promise<void>)[] = [];
const onCleanup = (clean: () => Promise<void>) => void cleaning.unshift(clean);
let host: TestHost;

before(async () => {
  host = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, onCleanup });
});
after(async () => {
  for (const clean of cleaning) await clean();
});

const userLines = (running = host) =>
  running.logged.filter(({ category }) => category === 'user').map(({ message }) => message);
const droppedLines = async () =>
  (await (await fetch(`${host.url}/local/dropped-lines`)).json()) as ReturnType<TestHost['dropped']>;

/** Calls the function, then lets it log once more; what the host made of that. */
async function logAfter(path: string) {
  const before = host.dropped().count;
  await fetch(`${host.url}/api/${path}`);
  assert.equal(host.dropped().count, before, 'nothing is dropped before the answer');
  calls<() => void>('afterwards').at(-1)?.();
  return host.dropped().count - before;
}

test('what a function logs after its answer is dropped, counted, and shown by the host', async () => {
  assert.equal(await logAfter('afterwards'), 1);
  const lines = userLines();
  assert.ok(lines.includes('[afterwards] before the answer'), lines.join('\n'));
  assert.ok(!lines.some((line) => line.includes('after the answer')), lines.join('\n'));
  const dropped = await droppedLines();
  assert.equal(dropped.count, host.dropped().count);
  const { level, functionName, message, invocationId } = dropped.lines.at(-1) ?? assert.fail('no line');
  assert.deepEqual([level, functionName], ['warning', 'afterwards']);
  assert.match(message, /after the answer/);
  assert.ok(
    host.logged.some(
      (entry) =>
        entry.level === 'debug' &&
        entry.message.startsWith(`Ignoring RpcLog from invocation '${invocationId}'`),
    ),
  );
});

test('what a function logs after it has failed is dropped', async () => {
  assert.equal(await logAfter('afterwards?fail'), 1);
  assert.ok(!userLines().some((line) => line.includes('after the answer')));
});

test('a line of the app that belongs to no invocation is dropped; a system line never is', () => {
  const core = createRequire(import.meta.url)('@azure/functions-core');
  const before = host.logged.length;
  const dropped = host.dropped().count;
  core.log('error', 'user', 'of nobody');
  core.log('warning', 'system', 'of the worker');
  const after = host.logged.slice(before);
  assert.equal(after.filter(({ message }) => message.includes('of nobody')).length, 0);
  assert.equal(after.filter(({ message }) => message === 'of the worker').length, 1);
  assert.equal(host.dropped().count, dropped + 1);
});

test('the newest hundred dropped lines are kept, and all of them counted', async () => {
  const before = host.dropped().count;
  await fetch(`${host.url}/api/afterwards`);
  const log = calls<() => void>('afterwards').at(-1);
  for (let times = 0; times < 150; times += 1) log?.();
  const { count, lines } = await droppedLines();
  assert.deepEqual([count - before, lines.length], [150, 100]);
});

test('what a function logs after functionTimeout has failed it is dropped', async () => {
  const files = { 'host.json': { version: '2.0', functionTimeout: '00:00:00.050' } };
  const hasty = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, files, onCleanup });
  assert.equal((await fetch(`${hasty.url}/api/slow`)).status, 500);
  await until('the late line', () => hasty.dropped().count === 1);
  assert.deepEqual(userLines(hasty), []);
});
