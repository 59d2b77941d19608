import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cleanEnvironment } from '../../dev/stack/clean-environment.ts';
import { aServer } from '../notices/a-server.ts';
import { anSmtpServer, refusal } from '../notices/an-smtp-server.ts';

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

test('it prints what each receiver itself answered, in the table and in JSON, without a secret', async (context) => {
  const { origin } = await aServer(
    context,
    ({ path }, response) => {
      if (path.startsWith('/teams')) return response.writeHead(202).end();
      if (path.startsWith('/slack')) return response.writeHead(404).end('no_service');
      const message = 'Event object is invalid: s3cret-routing-key';
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'invalid event', message }));
    },
    { tls: true },
  );
  const { url, mails } = await anSmtpServer(context, {
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('left') ? refusal(550, '5.1.1 no such user') : null),
  });
  const values = {
    LOCKWATCH_TEAMS_WEBHOOK_URL: `${origin}/teams`,
    LOCKWATCH_WEBHOOK_URL_CHAT: `${origin}/slack`,
    LOCKWATCH_WEBHOOK_PRESET_CHAT: 'slack',
    LOCKWATCH_WEBHOOK_URL_PAGE: `${origin}/pagerduty`,
    LOCKWATCH_WEBHOOK_PRESET_PAGE: 'pagerduty',
    LOCKWATCH_WEBHOOK_SECRET_PAGE: 's3cret-routing-key',
    LOCKWATCH_WEBHOOK_URL_GONE: 'https://localhost:1/hook',
    LOCKWATCH_SMTP_URL: url,
    LOCKWATCH_EMAIL_FROM: 'lockwatch@example.com',
    LOCKWATCH_EMAIL_TO: 'admins@example.com,left@example.com',
  };
  const { code, stdout, stderr } = await run(context, values);
  assert.equal(code, 1, stderr);
  const answerTo = (channel: string) =>
    new RegExp(`^${channel} .*\\n +(.*)`, 'm').exec(stdout)?.[1] ?? assert.fail(`${channel}\n${stdout}`);
  assert.equal(answerTo('teams'), 'Its answer: 202, without words');
  assert.equal(answerTo('webhook-chat'), 'Its answer: 404 “no_service”');
  assert.match(answerTo('webhook-page'), /^Its answer: 400 “.*Event object is invalid/);
  assert.equal(answerTo('webhook-gone'), 'It answered nothing.');
  assert.match(answerTo('email'), /^Its answer: .*250/);
  assert.match(stdout, /left@example\.com .*550 5\.1\.1/);
  assert.equal(mails.length, 1);
  assert.ok(!`${stdout}${stderr}`.includes('s3cret'));

  const json = await run(context, values, ['--json']);
  const answers = JSON.parse(json.stdout).map(({ channel, answer }: Record<string, unknown>) => [
    channel,
    answer,
  ]);
  assert.deepEqual(new Map(answers).get('webhook-chat'), '404 “no_service”');
  assert.deepEqual(new Map(answers).get('webhook-gone'), null);
});
