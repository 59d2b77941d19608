import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { cleanEnvironment } from '../../../dev/stack/clean-environment.ts';
import { patient } from './doctor-harness.ts';

const SCRIPT = join(import.meta.dirname, '../../../tools/doctor/main.ts');

async function run(args: string[], settings: Record<string, string>, input = '') {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    env: { ...cleanEnvironment(process.env), ...certificates(), ...settings },
    cwd: import.meta.dirname,
  });
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { out, err, code };
}

function certificates(): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS } = process.env;
  return NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS };
}

describe('npm run doctor', async () => {
  const sick = await patient();
  const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '', ...app } = sick.settings;
  const identity = { IDENTITY_ENDPOINT, IDENTITY_HEADER };

  it('ends with 0 where all is well, and its JSON has the documented shape', async () => {
    const { out, code } = await run(['--json'], sick.settings);
    const report = JSON.parse(out);
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(report), [
      'report',
      'at',
      'outcome',
      'cloud',
      'docs',
      'signedIn',
      'settings',
      'facts',
      'wiring',
      'unverified',
      'coverage',
      'next',
    ]);
    assert.equal(report.report, 'lockwatch-doctor/1');
    for (const check of [...report.facts, ...report.wiring])
      for (const field of ['about', 'id', 'state', 'says', 'docs'])
        assert.equal(typeof check[field], 'string');
    assert.doesNotMatch(out, /top-secret|eyJ/);
  });

  it('ends with 1 where something is missing; it takes the settings as az prints them, from the standard input', async () => {
    const list = JSON.stringify(
      Object.entries(app).map(([name, value]) => ({ name, value, slotSetting: false })),
    );
    await sick.simulator.scenario('audit-log-off');
    const { out, code } = await run(['--settings', '-'], identity, list);
    await sick.simulator.scenario('audit-log-on');
    assert.equal(code, 1);
    assert.match(out, /MISS {2}audit log: kv-contoso-eu/);
  });

  it('ends with 2 where it could not run: each fault by name, no secret', async () => {
    const bad = { ...sick.settings, LOCKWATCH_CLOUD: 'moon', LOCKWATCH_SMTP_URL: 'http://u:hidden@relay' };
    const { err, code } = await run([], bad);
    assert.equal(code, 2);
    assert.match(err, /LOCKWATCH_CLOUD must be/);
    assert.match(err, /LOCKWATCH_SMTP_URL/);
    assert.doesNotMatch(err, /hidden|top-secret/);
  });

  it('says how to sign in where nobody is', async () => {
    const { err, code } = await run(
      ['--seconds', '1', '--subscription', sick.simulator.subscriptions[0] ?? ''],
      {
        IDENTITY_ENDPOINT: 'http://127.0.0.1:9/none',
        IDENTITY_HEADER: 'x',
      },
    );
    assert.equal(code, 2);
    assert.match(err, /az login/);
  });

  it('prints what the owners of subscriptions run, without a sign-in', async () => {
    const [id = ''] = sick.simulator.subscriptions;
    const { out, code } = await run(
      ['--grants', '--identity', 'aaaaaaaa-0000-4000-8000-00000000000a', '--subscription', id],
      {},
    );
    assert.equal(code, 0);
    assert.match(out, /az rest --method put .*roleDefinitions.*az role assignment create/s);
  });

  for (const [args, fault] of [
    [['--grants'], /--grants needs --settings FILE.*or --identity/s],
    [['--identity', 'me'], /--identity must be/],
    [['--settings', 'no-such-file.json'], /no-such-file\.json/],
    [['--fast'], /npm run doctor --/],
  ] as const)
    it(`refuses ${args.join(' ')} with what to fix`, async () => {
      const { err, code } = await run([...args], sick.settings);
      assert.equal(code, 2);
      assert.match(err, fault);
    });

  it('says for machines that it could not run, and why', async () => {
    const { out, code } = await run(['--json', '--seconds', '0'], sick.settings);
    assert.equal(code, 2);
    const { outcome, faults } = JSON.parse(out);
    assert.equal(outcome, 'couldNotRun');
    assert.match(faults[0], /--seconds must be/);
  });
});
