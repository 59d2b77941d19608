import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type HostOptions, startHost } from '../../../dev/functions-host/host.ts';
import { HostError } from '../../../dev/functions-host/host-error.ts';
import { startChild } from '../../../dev/stack/child.ts';
import { buildFixture, until } from './host-app.ts';

const MAIN = join(import.meta.dirname, '../../../dev/functions-host/main.ts');
const cleaning: (() => Promise<void>)[] = [];
let directory: string;

before(async () => {
  const built = await buildFixture('http', {
    'local.settings.json': { IsEncrypted: false, Values: { FIXTURE_SETTING: 'from-file', OTHER: 'x' } },
  });
  cleaning.push(built.remove);
  directory = built.directory;
});
after(async () => {
  for (const clean of cleaning) await clean();
});

const { PATH, NODE_COMPILE_CACHE } = process.env;
const CLEAN = { PATH, ...(NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}) };

async function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: CLEAN });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (out.stdout += chunk));
  child.stderr.on('data', (chunk) => (out.stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, ...out };
}

async function folder(files: Record<string, string>): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'lockwatch-host-'));
  cleaning.push(() => rm(made, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text);
  return made;
}

const start = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  startChild([MAIN, '--directory', directory, '--port', '0', ...args], {
    name: 'The host',
    env: { ...CLEAN, ...env },
    ready: (line) => /ready: http/.test(line),
  });
const urlOf = (output: string) => /ready: (http:\S+)/.exec(output)?.[1] ?? '';

describe('the command', () => {
  test('runs the app with the settings of local.settings.json, and ends well on SIGTERM', async () => {
    const host = await start([]);
    assert.equal(await (await fetch(`${urlOf(host.output())}/api/settings/from-file`)).text(), 'from-file');
    host.process.kill('SIGTERM');
    const [code] = await once(host.process, 'exit');
    assert.equal(code, 0);
  });

  test('answers what runs before it ends on SIGTERM', async () => {
    const host = await start([]);
    const answer = fetch(`${urlOf(host.output())}/api/announced`).then((response) => response.text());
    await until('the function to run', () => host.output().includes('begun'));
    host.process.kill('SIGTERM');
    assert.equal(await answer, 'done');
    const [code] = await once(host.process, 'exit');
    assert.equal(code, 0);
  });

  test('prefers the environment to local.settings.json, and runs the chosen functions only', async () => {
    const host = await start(['--only', 'nothing, %FIXTURE_SETTING%-unused'], {
      FIXTURE_SETTING: 'from-env',
    });
    const url = urlOf(host.output());
    assert.equal((await fetch(`${url}/api/settings/from-env`)).status, 200);
    assert.equal((await fetch(`${url}/api/hooked`)).status, 404);
    await host.stop();
  });
});

// Each fault is reported by `startHost`; that the command prints it alone and ends with 1 is shown below it.
describe('a fault that a person can fix is a HostError of one line:', () => {
  const faults: [string, () => Promise<Omit<HostOptions, 'log'>>, RegExp][] = [
    [
      'a bad host.json, every field at once',
      async () => ({
        directory: await folder({
          'host.json':
            '{"version":"1.0","extensions":{"queues":{"batchSize":33,"visibilityTimeout":"soon","messageEncoding":"hex"}}}',
        }),
      }),
      /"version" must be "2\.0"; .*batchSize must be a whole number from 1 to 32; .*messageEncoding.*; .*visibilityTimeout/,
    ],
    [
      'host.json that is not JSON',
      async () => ({ directory: await folder({ 'host.json': '{' }) }),
      /not valid JSON/,
    ],
    [
      'a missing build',
      async () => ({
        directory: await folder({
          'host.json': '{"version":"2.0"}',
          'package.json': '{"main":"dist/app.mjs"}',
        }),
      }),
      /dist\/app\.mjs does not exist: the app is not built\. Run: npm run build/,
    ],
    [
      'an encrypted settings file',
      async () => ({
        directory: await folder({
          'host.json': '{"version":"2.0"}',
          'local.settings.json': '{"IsEncrypted":true}',
        }),
      }),
      /encrypted/,
    ],
    ['an unknown function', async () => ({ directory, only: ['nobody'] }), /no function 'nobody'.*echo/],
  ];
  for (const [title, options, expected] of faults)
    test(title, async () => {
      await assert.rejects(
        startHost({ env: {}, port: 0, log: () => {}, ...(await options()) }),
        (error: Error) => {
          assert.ok(error instanceof HostError);
          assert.match(error.message, expected);
          assert.equal(error.message.trim().split('\n').length, 1, error.message);
          return true;
        },
      );
    });
});

describe('a fault that a person can fix is told in one line, with exit code 1:', () => {
  const faults: [string, () => Promise<string[]>, RegExp][] = [
    [
      'no host.json',
      async () => ['--directory', await folder({})],
      /There is no host\.json in .*function app/,
    ],
    ['--auth without a key', async () => ['--directory', directory, '--auth'], /LOCAL_FUNCTION_KEY/],
    ['a port that is none', async () => ['--port', '70000'], /--port must be a number from 0 to 65535/],
  ];
  for (const [title, args, expected] of faults)
    test(title, async () => {
      const { code, stderr } = await run(await args());
      assert.equal(code, 1);
      assert.match(stderr, expected);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    });

  test('a port in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await run(['--directory', directory, '--port', `${port}`]);
    taken.close();
    assert.equal(code, 1);
    assert.equal(
      stderr.trim(),
      `Port ${port} of 127.0.0.1 is in use. End what uses it, or choose another with --port.`,
    );
  });

  test('a settings file that is not JSON, without a word of its text', async () => {
    const at = await folder({
      'host.json': '{"version":"2.0"}',
      'local.settings.json': '{"Values":{"A":"s3cret"',
    });
    const { code, stderr } = await run(['--directory', at]);
    assert.equal(code, 1);
    assert.match(stderr, /local\.settings\.json is not valid JSON/);
    assert.ok(!stderr.includes('s3cret'));
  });

  test('an app that fails while it loads', async () => {
    const broken = await buildFixture('broken');
    cleaning.push(broken.remove);
    const { code, stderr } = await run(['--directory', broken.directory, '--port', '0']);
    assert.equal(code, 1);
    assert.match(stderr, /failed while it was loaded: LOCKWATCH_SOMETHING is missing/);
    assert.equal(stderr.trim().split('\n').length, 1);
  });

  test('a queue without a connection, a schedule that is none, a setting that is not set', async () => {
    const queues = await buildFixture('queues');
    const events = await buildFixture('events');
    cleaning.push(queues.remove, events.remove);
    const without = await run(['--directory', queues.directory]);
    assert.match(without.stderr, /'plain' refers to the setting %FIXTURE_QUEUE%, which is not set/);
    const unset = await buildFixture('queues', { 'local.settings.json': { Values: { FIXTURE_QUEUE: 'q' } } });
    cleaning.push(unset.remove);
    const unconnected = await run(['--directory', unset.directory]);
    assert.match(unconnected.stderr, /needs the connection 'Fixture': set Fixture__queueServiceUri/);
    const schedule = await buildFixture('events', {
      'local.settings.json': { Values: { STARTING_SCHEDULE: 'soon' } },
    });
    cleaning.push(schedule.remove);
    const unscheduled = await run(['--directory', schedule.directory]);
    assert.match(unscheduled.stderr, /'starting': the schedule 'soon' is neither/);
    for (const { code, stderr } of [without, unconnected, unscheduled]) {
      assert.equal(code, 1);
      assert.equal(stderr.trim().split('\n').length, 1);
    }
  });
});
