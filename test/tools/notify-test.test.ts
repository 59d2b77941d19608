import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cleanEnvironment } from '../../dev/stack/clean-environment.ts';
import { aServer } from '../notices/a-server.ts';

const MAIN = join(import.meta.dirname, '../../tools/notify-test.ts');

/** Runs the command in a folder of its own, whose local.settings.json holds `values`. */
async function run(
  context: TestContext,
  values: Record<string, string>,
  args: string[] = [],
  environment: Record<string, string> = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-notify-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'local.settings.json'), JSON.stringify({ Values: values }));
  const child = spawn(process.execPath, [MAIN, '--directory', directory, ...args], {
    env: { ...cleanEnvironment(process.env), ...environment },
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (out.stdout += chunk));
  child.stderr.on('data', (chunk) => (out.stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, ...out };
}

test('each channel gets one drill, marked as such; a table tells how it went, and one failure ends with 1', async (context) => {
  const { origin, got } = await aServer(
    context,
    ({ path }, response) => response.writeHead(path.startsWith('/teams') ? 202 : 503).end(),
    { tls: true },
  );
  const values = {
    LOCKWATCH_TEAMS_WEBHOOK_URL: `${origin}/teams?sig=s3cret`,
    LOCKWATCH_WEBHOOK_URL_OPS: `${origin}/hook?key=s3cret`,
  };
  const { code, stdout, stderr } = await run(context, values);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /^channel +outcome +ms +detail\n/);
  assert.match(stdout, /^teams +sent +\d+ +Accepted by localhost:\d+ \(202\)/m);
  assert.match(stdout, /^webhook-ops +failed +\d+ +localhost:\d+ answered 503: it is busy/m);
  assert(!`${stdout}${stderr}`.includes('s3cret'));
  assert.equal(got.length, 2);
  for (const { body } of got) assert.match(body, /drill/i);
});

test('--channel tries one alone, --json tells it to machines, and what is only for watching is not asked for', async (context) => {
  const { origin, got } = await aServer(context, (_got, response) => response.writeHead(202).end(), {
    tls: true,
  });
  const values = {
    LOCKWATCH_TEAMS_WEBHOOK_URL: `${origin}/teams`,
    LOCKWATCH_WEBHOOK_URL: `${origin}/hook`,
    LOCKWATCH_SUBSCRIPTIONS: 'not a guid, and not looked at here',
  };
  const { code, stdout } = await run(context, values, ['--channel', 'webhook', '--json']);
  assert.equal(code, 0);
  const [tried, ...others] = JSON.parse(stdout);
  assert.equal(others.length, 0);
  assert.deepEqual([tried.channel, tried.outcome, typeof tried.milliseconds], ['webhook', 'sent', 'number']);
  assert.deepEqual(
    got.map(({ path }) => path),
    ['/hook'],
  );
  assert.equal(JSON.parse(got[0]?.body ?? '').type, 'Lockwatch.Incident.Drill');
});

test('the environment comes before the file', async (context) => {
  const { origin, got } = await aServer(context, (_got, response) => response.writeHead(202).end(), {
    tls: true,
  });
  const values = { LOCKWATCH_WEBHOOK_URL: `${origin}/from-file` };
  const environment = { LOCKWATCH_WEBHOOK_URL: `${origin}/from-environment` };
  await run(context, values, [], environment);
  assert.deepEqual(
    got.map(({ path }) => path),
    ['/from-environment'],
  );
});

test('a channel that is not set, a misspelt setting and no channel at all are reported by name', async (context) => {
  const values = { LOCKWATCH_WEBHOOK_URL: 'https://localhost:1/hook' };
  const unknown = await run(context, values, ['--channel', 'teams']);
  assert.deepEqual(
    [unknown.code, unknown.stderr.trim()],
    [1, "There is no channel 'teams'. Set are: webhook."],
  );
  const misspelt = await run(context, { ...values, LOCKWATCH_TEAMS_URL: 'https://x.example' });
  assert.equal(misspelt.code, 1);
  assert.match(misspelt.stderr, /LOCKWATCH_TEAMS_URL is not a setting/);
  const none = await run(context, {});
  assert.equal(none.code, 1);
  assert.match(none.stderr, /No channel is set/);
});
