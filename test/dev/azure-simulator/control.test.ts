import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { atEnd, startTestSimulator, testCertificate } from './harness.ts';

const MAIN = join(import.meta.dirname, '../../../dev/azure-simulator/main.ts');

describe('the control port', async () => {
  const simulator = await startTestSimulator({
    receivers: { teamsUrl: 'http://127.0.0.1:1/teams', statusUrl: 'http://127.0.0.1:2/api/status' },
  });
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

  test('the page shows the policies and what happened, with nothing unescaped', async () => {
    await simulator.scenario('key-disabled', { policy: 'ep-people' });
    const answer = await fetch(`${simulator.control}/`);
    const page = await answer.text();
    assert.match(answer.headers.get('content-type') ?? '', /text\/html/);
    assert.match(page, /People &amp; Culture/);
    assert.doesNotMatch(page, /People & Culture/);
    assert.match(page, /the key version in use is disabled/);
    assert.match(page, /src="http:\/\/127\.0\.0\.1:1\/teams"/);
  });

  test('each policy leads to what Lockwatch says of it; one without a key of this simulation offers no scenario', async () => {
    const page = await (await fetch(`${simulator.control}/`)).text();
    const row = (policy: string) =>
      page.split('<tr>').find((text) => text.startsWith('\n<td>') && text.includes(`${policy}<`)) ?? '';
    assert.match(row('ep-sales'), /href="http:\/\/127\.0\.0\.1:2\/api\/status\?policy=ep-sales"/);
    assert.match(row('ep-sales'), /key in reach[\s\S]*<select name="scenario"/);
    for (const policy of ['ep-hsm', 'ep-network']) {
      assert.match(row(policy), /not simulated|it has no key/);
      assert.doesNotMatch(row(policy), /key in reach|<select/);
    }
  });

  test('what was done can be undone with a click, and what is locked then re-enabled', async () => {
    const buttons = async (policy: string) => {
      const page = await (await fetch(`${simulator.control}/`)).text();
      const found = page.matchAll(new RegExp(`<button aria-label="[^"]*: (\\S+) ${policy}"`, 'g'));
      return [...found].map(([, scenario]) => scenario);
    };
    await simulator.scenario('key-disabled', { policy: 'ep-field' });
    assert.deepEqual(await buttons('ep-field'), ['undo-key-disabled']);
    await simulator.scenario('undo-key-disabled', { policy: 'ep-field' });
    assert.deepEqual(await buttons('ep-field'), ['reenable-environment', 'undo-key-disabled']);
    await simulator.scenario('reenable-environment', { policy: 'ep-field' });
    assert.deepEqual(await buttons('ep-field'), ['undo-key-disabled']);
  });

  test('a scenario is listed with what a person should know of it', async () => {
    await simulator.scenario('policy-deleted', { policy: 'ep-apps' });
    assert.match(
      await (await fetch(`${simulator.control}/`)).text(),
      /Azure would refuse this: 2 environments link to it/,
    );
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

describe('the console page, for whoever operates Lockwatch', async () => {
  const asked: string[] = [];
  const lockwatch = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      const incident = {
        id: '0278425bf67f5626585d-1',
        policyId: '/subscriptions/s/enterprisePolicies/ep-<b>sales',
        state: 'revoked',
        acknowledged: null,
        recoverBy: '2026-11-27T10:00:30.000Z',
        triggers: [{ trigger: 'key-disabled' }],
      };
      const isOver = request.url?.endsWith('/close');
      response.writeHead(isOver ? 409 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          request.method === 'GET'
            ? { incidents: [incident] }
            : isOver
              ? { detail: 'It is over.' }
              : incident,
        ),
      );
    });
  });
  await once(lockwatch.listen(0, '127.0.0.1'), 'listening');
  atEnd(() => lockwatch.close());
  const address = lockwatch.address();
  assert.ok(typeof address === 'object' && address !== null);
  const base = `http://127.0.0.1:${address.port}`;
  const simulator = await startTestSimulator({
    receivers: { hookUrl: 'http://127.0.0.1:1/hook', statusUrl: `${base}/api/status` },
  });
  const operate = async (body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${simulator.control}/lockwatch`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('shows the open incidents with what can be done, and the webhook', async () => {
    const page = await (await fetch(`${simulator.control}/`)).text();
    assert.match(page, /ep-&lt;b&gt;sales/);
    assert.match(page, /value="acknowledge"><input type="hidden" name="id" value="0278425bf67f5626585d-1"/);
    assert.match(page, /src="http:\/\/127\.0\.0\.1:1\/hook"/);
  });

  test('acts as an operator would, and gives the command to copy', async () => {
    const { body } = await operate({ action: 'silence', id: '0278425bf67f5626585d-1' });
    const sent = '{"until":"1h","why":"asked for on the console page"}';
    assert.equal(asked.at(-1), `POST /api/incidents/0278425bf67f5626585d-1/silence ${sent}`);
    assert.equal(
      body.command,
      `curl -X POST ${base}/api/incidents/0278425bf67f5626585d-1/silence -H 'content-type: application/json' -d '${sent}'`,
    );
    assert.equal(
      (await operate({ action: 'close', id: '0278425bf67f5626585d-1' })).body.said,
      '409: It is over.',
    );
  });

  test('takes no id that is none, and says when one is missing', async () => {
    const before = asked.length;
    assert.equal((await operate({ action: 'close', id: '../drill' })).status, 400);
    assert.equal((await operate({ action: 'close' })).status, 400);
    assert.equal(asked.length, before);
  });
});
