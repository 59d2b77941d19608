import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../../../dev/stack/child.ts';

const MODULE = join(import.meta.dirname, '../../../dev/stack/on-shutdown.ts');
const WAITS = `import(${JSON.stringify(MODULE)}).then(({ onShutdown }) => {
  onShutdown(() => { console.log('told'); setTimeout(() => process.exit(0), 300); });
  console.log('ready');
  setInterval(() => {}, 1000);
});`;

test('Ctrl-C that arrives twice at once, from the terminal and from npm, is one: what runs may end', async () => {
  const lines: string[] = [];
  const child = await startChild(['-e', WAITS], {
    name: 'It',
    ready: (line) => line === 'ready',
    onLine: (line) => lines.push(line),
  });
  child.process.kill('SIGINT');
  child.process.kill('SIGINT');
  const [code] = await once(child.process, 'exit');
  assert.deepEqual([code, lines], [0, ['ready', 'told']]);
});

test('a command that npm started ends with npm, though the shell between them passes no signal on', async () => {
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(WAITS)}], { stdio: 'inherit' })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, npm_lifecycle_event: 'start' } },
  );
  let said = '';
  for await (const chunk of parent.stdout.setEncoding('utf8')) {
    said += chunk;
    if (said === 'ready\n') parent.kill('SIGKILL');
  }
  assert.equal(said, 'ready\ntold\n');
});

test('a part that ends by itself is reported with what it said last; one that was asked to is not', async () => {
  const faults: string[] = [];
  const start = (code: string) =>
    startChild(['-e', `console.log('ready'); ${code}`], {
      name: 'The part',
      ready: (line) => line === 'ready',
      onEnd: (fault) => faults.push(fault),
    });
  const asked = await start('setInterval(() => {}, 1000)');
  await asked.stop();
  const broken = await start(`setTimeout(() => { console.error('out of luck'); process.exit(3); }, 50)`);
  await once(broken.process, 'exit');
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^The part ended \(3\)[\s\S]*out of luck/);
});
