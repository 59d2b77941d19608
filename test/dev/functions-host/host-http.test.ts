import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { calls, startFixture, type TestHost, until } from './host-app.ts';

const cleaning: (() => Promise<void>)[] = [];
const onCleanup = (clean: () => Promise<void>) => void cleaning.unshift(clean);
let host: TestHost;

before(async () => {
  host = await startFixture('http', { env: { FIXTURE_SETTING: 'From-Env' }, onCleanup });
});
after(async () => {
  for (const clean of cleaning) await clean();
});

const get = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);

describe('a request', () => {
  test('reaches the function with method, address, parameters, query, headers and body', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const response = await get('/api/ECHO/Widget/a%2Fb?x=1&y=%C3%A9&x=2', {
      method: 'POST',
      body: '{"deep":true}',
      headers: { 'x-agent': 'tester', traceparent },
    });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('x-fixture'), 'yes');
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.deepEqual(await response.json(), {
      method: 'POST',
      url: `${host.url}/api/ECHO/Widget/a%2Fb?x=1&y=%C3%A9&x=2`,
      params: { kind: 'Widget', id: 'a/b' },
      query: { x: '1,2', y: 'é' },
      agent: 'tester',
      body: '{"deep":true}',
      functionName: 'echo',
      trigger: 'httpTrigger',
      traceParent: traceparent,
    });
  });

  test('that is sent in chunks reaches the function with an empty body, as in Azure', async () => {
    for (const method of ['POST', 'DELETE']) {
      const chunked = await get('/api/echo/chunked', {
        method,
        // No length is known of a stream, so it goes out with Transfer-Encoding: chunked.
        body: new Blob(['{"lost":true}']).stream(),
        duplex: 'half',
        headers: { 'content-type': 'application/json' },
      } as RequestInit);
      assert.equal(chunked.status, 201);
      assert.equal(((await chunked.json()) as { body: string }).body, '');
      const whole = await get('/api/echo/whole', { method, body: '{"kept":true}' });
      assert.equal(((await whole.json()) as { body: string }).body, '{"kept":true}');
    }
  });

  test('may leave out an optional part of the route', async () => {
    const answer = (await (await get('/api/echo/widget')).json()) as { params: unknown };
    assert.deepEqual(answer.params, { kind: 'widget' });
  });

  test('prefers the literal route to the one with a parameter', async () => {
    assert.equal(await (await get('/api/echo/exact')).text(), 'literal');
  });

  test('is not found with a value that the route forbids, another method, HEAD, or outside the prefix', async () => {
    assert.equal((await get('/api/echo/no-letters1')).status, 404);
    assert.equal((await get('/api/echo/widget', { method: 'PUT' })).status, 404);
    assert.equal((await get('/api/echo/widget', { method: 'HEAD' })).status, 404);
    assert.equal((await get('/echo/widget')).status, 404);
    assert.equal((await get('/api/echo/widget/1/2')).status, 404);
  });

  test('takes the whole rest of a path where the route ends in a star', async () => {
    assert.deepEqual(await (await get('/api/files/a/b%20c')).json(), { path: 'a/b c' });
    assert.deepEqual(await (await get('/api/files')).json(), {});
  });

  test('finds a route that names a setting', async () => {
    assert.equal(await (await get('/api/settings/from-env')).text(), 'From-Env');
  });

  test('longer than 100 MB is refused without being read', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${host.url}/api/echo/big`, {
        method: 'POST',
        headers: { 'content-length': 104_857_601 },
      });
      request.on('response', (response) => resolve(response.statusCode));
      request.on('error', reject);
      request.flushHeaders();
    });
    assert.equal(status, 413);
  });
});

describe('a response', () => {
  test('carries bytes and cookies unchanged', async () => {
    const response = await get('/api/cookies');
    assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [0, 255, 1]);
    assert.deepEqual(response.headers.getSetCookie(), [
      'a=one%20two; max-age=60; path=/api; samesite=strict; httponly',
      'b=2; expires=Wed, 02 Jan 2030 03:04:05 GMT; path=/; secure',
    ]);
  });

  test('is 204 when the function returns nothing', async () => {
    assert.equal((await get('/api/nothing')).status, 204);
  });

  test('is an empty 500 when the function throws, and the host goes on', async () => {
    const response = await get('/api/boom');
    assert.equal(response.status, 500);
    assert.equal(await response.text(), '');
    assert.ok(
      host.logged.some(
        ({ level, message }) => level === 'error' && message.includes('a fault of the function'),
      ),
    );
    assert.equal((await get('/api/nothing')).status, 204);
  });
});

describe('hooks', () => {
  test('may replace the input, and are awaited before the answer', async () => {
    const before = calls('postInvocation').length;
    assert.equal(await (await get('/api/hooked')).text(), 'replaced by a hook');
    assert.deepEqual(calls('postInvocation').slice(before), ['pre']);
  });

  test('may turn a failure into a result', async () => {
    assert.equal((await get('/api/forgiven')).status, 299);
  });

  test('of the start ran once, before the first request', () => {
    assert.equal(calls('appStart').length, 1);
  });

  test('may change what the app logs, with the function it belongs to', async () => {
    await get('/api/echo/logged');
    const line = host.logged.find(({ category, level }) => category === 'user' && level === 'information');
    assert.equal(line?.message, '[echo] echoing');
    assert.equal(line?.functionName, 'echo');
    assert.ok(line?.invocationId);
    assert.ok(host.logged.some(({ level, message }) => level === 'debug' && message === '[echo] in detail'));
  });
});

test('keys are not asked for, as in Core Tools', async () => {
  assert.equal((await get('/api/secured')).status, 200);
  assert.equal((await get('/api/administered')).status, 200);
});

test('the list of functions tells their triggers', async () => {
  const { functions } = (await (await get('/local/functions')).json()) as {
    functions: { name: string; trigger: Record<string, unknown>; runsHere: boolean }[];
  };
  assert.deepEqual(
    functions.find(({ name }) => name === 'files'),
    {
      name: 'files',
      trigger: { type: 'httpTrigger', methods: ['GET'], route: 'files/{*path}', authLevel: 'anonymous' },
      runsHere: true,
    },
  );
});

test('the root says that the app is running', async () => {
  assert.equal((await get('/')).status, 200);
});

test('keys are asked for with --auth: each level its own, the master key for all', async () => {
  const env = { FIXTURE_SETTING: 'x', LOCAL_FUNCTION_KEY: 'fn-key', LOCAL_MASTER_KEY: 'master-key' };
  const guarded = await startFixture('http', { env, auth: true, onCleanup });
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${guarded.url}/api/${path}`, { headers })).status;
  assert.equal(await status('secured'), 401);
  assert.equal(await status('secured?code=wrong'), 401);
  assert.equal(await status('secured?code=fn-key'), 200);
  assert.equal(await status('secured', { 'x-functions-key': 'fn-key' }), 200);
  assert.equal(await status('secured?code=master-key'), 200);
  assert.equal(await status('administered?code=fn-key'), 401);
  assert.equal(await status('administered?code=master-key'), 200);
  assert.equal(await status('nothing'), 204);
});

test('a key of one function opens no other', async () => {
  const env = { FIXTURE_SETTING: 'x', LOCAL_FUNCTION_KEY_SECURED: 'own-key', LOCAL_SYSTEM_KEY: 's' };
  const guarded = await startFixture('http', { env, auth: true, onCleanup });
  const status = async (path: string) => (await fetch(`${guarded.url}/api/${path}?code=own-key`)).status;
  assert.equal(await status('secured'), 200);
  assert.equal(await status('alsosecured'), 401);
  assert.equal(await status('administered'), 401);
});

test('only the chosen functions run; a disabled one does not', async () => {
  const env = { FIXTURE_SETTING: 'x', 'AzureWebJobs.boom.Disabled': 'true' };
  const few = await startFixture('http', { env, only: ['nothing', 'BOOM'], onCleanup });
  assert.deepEqual(few.functions, ['nothing']);
  assert.equal((await fetch(`${few.url}/api/nothing`)).status, 204);
  assert.equal((await fetch(`${few.url}/api/boom`)).status, 404);
  assert.equal((await fetch(`${few.url}/api/hooked`)).status, 404);
});

test('the route prefix of host.json holds', async () => {
  const files = { 'host.json': { version: '2.0', extensions: { http: { routePrefix: '' } } } };
  const bare = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, files, onCleanup });
  assert.equal((await fetch(`${bare.url}/nothing`)).status, 204);
  assert.equal((await fetch(`${bare.url}/api/nothing`)).status, 404);
});

test('a stop lets the running invocation answer, then tells the app that it ends', async () => {
  const ending = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, onCleanup });
  const before = { slow: calls('slow').length, terminate: calls('appTerminate').length };
  const answer = fetch(`${ending.url}/api/slow`).then((response) => response.text());
  await until('the slow function to begin', () => calls('slow').length > before.slow);
  await ending.stop();
  assert.equal(await answer, 'done');
  assert.equal(calls('appTerminate').length, before.terminate + 1);
  await assert.rejects(fetch(`${ending.url}/api/nothing`));
});

test('a function that runs longer than functionTimeout has failed', async () => {
  const files = { 'host.json': { version: '2.0', functionTimeout: '00:00:00.050' } };
  const hasty = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, files, onCleanup });
  assert.equal((await fetch(`${hasty.url}/api/slow`)).status, 500);
  assert.ok(hasty.logged.some(({ message }) => message.includes('Timeout value of 50 ms')));
});
