import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { atEnd, startTestSimulator, testCertificate } from './harness.ts';

const MAIN = join(import.meta.dirname, '../../../dev/azure-simulator/main.ts');

describe('the control port', async () => {
  const simulator = await startTestSimulator();
  const get = async (path: string) => (await fetch(`${simulator.control}${path}`)).json();

  test('lists every scenario with its line and what it raises, or why it raises nothing', async () => {
    const scenarios = (await get('/scenarios')) as {
      name: string;
      line: string;
      raises: string | null;
      silent?: string;
    }[];
    assert.ok(scenarios.length >= 40);
    for (const scenario of scenarios)
      assert.ok(scenario.line && (scenario.raises || scenario.silent), scenario.name);
  });

  test('an unknown scenario, a wrong name and a wrong field are refused by name', async () => {
    assert.partialDeepStrictEqual(await simulator.scenario('explode'), {
      status: 404,
      error: { field: 'scenario' },
    });
    assert.partialDeepStrictEqual(await simulator.scenario('key-disabled', { policy: 'nope' }), {
      status: 404,
      error: { field: 'policy' },
    });
    const unknownField = await simulator.scenario('key-disabled', { polcy: 'ep-finance' });
    assert.equal(unknownField.status, 400);
    assert.match(unknownField.error?.message ?? '', /polcy/);
    assert.partialDeepStrictEqual(await simulator.scenario('undo-vault-deleted'), { status: 409 });
  });

  test('a body that is not JSON is refused, and the tenant goes on', async () => {
    const answer = await fetch(`${simulator.control}/scenarios/key-disabled`, { method: 'POST', body: '{' });
    assert.equal(answer.status, 400);
    assert.ok((await get('/state')) !== undefined);
  });

  test('a page of another site can’t run a scenario', async () => {
    const headers = { origin: 'https://evil.example' };
    const answer = await fetch(`${simulator.control}/scenarios/key-disabled`, { method: 'POST', headers });
    assert.equal(answer.status, 403);
  });

  test('the audit records have the form of the resource log', async () => {
    await simulator.scenario('key-disabled', { policy: 'ep-finance' });
    const { records } = (await get('/audit')) as { records: Record<string, unknown>[] };
    const record = records.find(({ resourceId }) => /\/KV-CONTOSO-EU$/.test(String(resourceId)));
    assert.partialDeepStrictEqual(record, {
      category: 'AuditEvent',
      operationName: 'KeyUpdate',
      resultType: 'Success',
      identity: { claim: { upn: 'dana.whitfield@contoso.example' } },
      properties: { httpStatusCode: 200, keyProperties: { attributes: { enabled: false } } },
    });
    assert.match(String(record?.resourceId), /^\/SUBSCRIPTIONS\/.*\/RESOURCEGROUPS\//);
  });
});

describe('the Azure simulator as a process', () => {
  test('prints its endpoints as one JSON line, listens on 127.0.0.1 only, and ends on SIGTERM', async () => {
    const certificate = await testCertificate();
    const child = spawn(process.execPath, [MAIN, '--config', JSON.stringify(certificate)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    atEnd(() => child.kill('SIGKILL'));
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const endpoints = JSON.parse(line) as Record<string, string>;
    assert.deepEqual(Object.keys(endpoints).sort(), [
      'arm',
      'clientId',
      'control',
      'eventSources',
      'graph',
      'identity',
      'identityHeader',
      'powerPlatform',
      'powerPlatformApi',
      'subscriptions',
      'tenantId',
    ]);
    assert.equal((await fetch(`${endpoints.control}/state`)).status, 200);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });

  test('names every fault of a bad configuration and ends with 1', async () => {
    const run = promisify(execFile)(process.execPath, [MAIN, '--config', '{"latencyMs":-1,"colour":"red"}']);
    await assert.rejects(run, (error: unknown) => {
      const { code, stderr } = error as { code: number; stderr: string };
      assert.equal(code, 1);
      for (const field of ['certFile', 'keyFile', 'latencyMs', 'colour'])
        assert.ok(stderr.includes(field), field);
      return true;
    });
  });

  test('the same secret gives the same identity header and tokens that outlive a restart', async () => {
    const secret = 'a secret that is long enough';
    const first = await startTestSimulator({ secret });
    const token = await first.token('https://management.azure.com');
    const second = await startTestSimulator({ secret });
    assert.equal(second.identityHeader, first.identityHeader);
    const path = `/subscriptions/${second.subscriptions[0]}/providers/Microsoft.PowerPlatform/enterprisePolicies`;
    assert.equal((await second.read(`${path}?api-version=2020-10-30-preview`, { token })).status, 200);
    const other = await startTestSimulator();
    assert.equal((await other.read(`${path}?api-version=2020-10-30-preview`, { token })).status, 401);
  });
});
