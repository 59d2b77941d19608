import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
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

  test('reaches the function whose name comes first, although another has the literal route', async () => {
    const { functionName } = (await (await get('/api/echo/exact')).json()) as { functionName: string };
    assert.equal(functionName, 'echo');
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

  test('keeps an empty part within the rest of a path, as ASP.NET Core does', async () => {
    assert.deepEqual(await (await get('/api/files/a//b/')).json(), { path: 'a//b' });
    assert.deepEqual(await (await get('/api/files/')).json(), {});
    assert.equal((await get('/api/nothing/')).status, 204);
  });

  test('with an empty part elsewhere reaches no function', async () => {
    for (const path of [
      '//api/nothing',
      '/api//nothing',
      '/api/nothing//',
      '///api/nothing',
      '//api/files/a',
      '/api/files//a',
      '/api/echo//widget',
      '//',
      '//runtime/webhooks/EventGrid',
    ])
      assert.equal((await get(path)).status, 404, path);
  });

  test('with an encoded NUL in its path reaches no function; in its query it is a character', async () => {
    for (const path of ['/api/files/a%00', '/api/echo/widget/%00', '/%00/api/nothing', '/api/nothing%00'])
      assert.equal((await get(path)).status, 400, path);
    const { query } = (await (await get('/api/echo/widget?x=%00')).json()) as { query: { x: string } };
    assert.equal(query.x, '\0');
  });

  test('whose first line is longer than 8 KB is 414, and a function is not called', async () => {
    const lineOf = (target: string) => `GET ${target} HTTP/1.1\r\n`.length;
    const filled = (bytes: number) => {
      const start = '/api/echo/widget?x=';
      return start + 'a'.repeat(bytes - lineOf(start));
    };
    assert.equal((await get(filled(8_192))).status, 201);
    for (const bytes of [8_193, 20_000, 100_000])
      assert.equal((await get(filled(bytes))).status, 414, String(bytes));
  });

  test('with more than 32 KB of headers is 431', async () => {
    const withHeader = (bytes: number) => get('/api/nothing', { headers: { 'x-pad': 'a'.repeat(bytes) } });
    assert.equal((await withHeader(31_000)).status, 204);
    assert.equal((await withHeader(33_000)).status, 431);
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
  assert.equal((await get('/api/masterOnly')).status, 200);
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
  for (const name of ['Code', 'CODE', 'cOdE'])
    assert.equal(await status(`secured?${name}=fn-key`), 200, name);
  assert.equal(await status('secured?code=fn-key', { 'x-functions-key': 'wrong' }), 401, 'the header counts');
  assert.equal(await status('secured?code=master-key'), 200);
  assert.equal(await status('masterOnly?code=fn-key'), 401);
  assert.equal(await status('masterOnly?code=master-key'), 200);
  assert.equal(await status('nothing'), 204);
});

test('a key of one function opens no other', async () => {
  const env = { FIXTURE_SETTING: 'x', LOCAL_FUNCTION_KEY_SECURED: 'own-key', LOCAL_SYSTEM_KEY: 's' };
  const guarded = await startFixture('http', { env, auth: true, onCleanup });
  const status = async (path: string) => (await fetch(`${guarded.url}/api/${path}?code=own-key`)).status;
  assert.equal(await status('secured'), 200);
  assert.equal(await status('alsosecured'), 401);
  assert.equal(await status('masterOnly'), 401);
});

test('a controller of the runtime answers 403 to a known key of too low a level, and 401 to any other', async () => {
  const env = {
    STARTING_SCHEDULE: '0 0 4 * * *',
    AzureWebJobsStorage__queueServiceUri: 'https://a.example',
    LOCAL_FUNCTION_KEY: 'fn-key',
    LOCAL_FUNCTION_KEY_GRID: 'own-key',
    LOCAL_SYSTEM_KEY: 'system-key',
    LOCAL_MASTER_KEY: 'master-key',
  };
  const guarded = await startFixture('events', { env, auth: true, only: ['grid'], onCleanup });
  const push = async (query: string) => {
    const { status } = await fetch(`${guarded.url}/runtime/webhooks/EventGrid?functionName=grid${query}`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification' },
      body: '[]',
    });
    return status;
  };
  const run = async (query: string, type = 'application/json') => {
    const { status } = await fetch(`${guarded.url}/admin/functions/grid${query}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{"input":"{}"}',
    });
    return status;
  };
  const before = calls('grid').length;
  assert.deepEqual(await Promise.all(['', '&code=wrong', '&code=own-key'].map(push)), [401, 401, 401]);
  assert.equal(await push('&code=fn-key'), 403);
  assert.deepEqual(await Promise.all(['&Code=system-key', '&code=master-key'].map(push)), [202, 202]);
  assert.deepEqual(
    await Promise.all(['', '?code=wrong', '?code=own-key'].map((query) => run(query))),
    [401, 401, 401],
  );
  assert.deepEqual(
    await Promise.all(['?code=fn-key', '?code=system-key'].map((query) => run(query))),
    [403, 403],
  );
  assert.equal(await run('', 'text/plain'), 401, 'the key is looked at first');
  assert.equal(await run('?code=master-key', 'text/plain'), 415);
  assert.equal(calls('grid').length, before);
  assert.equal(await run('?code=master-key'), 202);
  await until('the run', () => calls('grid').length > before);
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

test('a stop waits for what runs, however long it takes, and not for a connection without a request', async (t) => {
  const ending = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, onCleanup });
  const idle = connect(ending.port, '127.0.0.1');
  await once(idle, 'connect');
  const answer = fetch(`${ending.url}/api/gated`).then((response) => response.text());
  const open = await until('the function to begin', () => calls<() => void>('gated')[0]);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stopped = ending.stop();
  t.mock.timers.tick(10 * 60_000);
  // The invocation's own timer is a real one, and only the real clock clears it.
  t.mock.timers.reset();
  open();
  await stopped;
  assert.equal(await answer, 'done');
  assert.ok(!ending.logged.some(({ message }) => message.startsWith('Stopped with')));
});

test('a stop ends at its patience, and says what still ran', async () => {
  const ending = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, onCleanup });
  const before = calls('gated').length;
  const cut = assert.rejects(fetch(`${ending.url}/api/gated`));
  const open = await until('the function to begin', () => calls<() => void>('gated')[before]);
  await ending.stop(10);
  await cut;
  assert.ok(ending.logged.some(({ message }) => message === 'Stopped with 1 invocation(s) still running.'));
  open();
});

test('a function that runs longer than functionTimeout has failed', async () => {
  const files = { 'host.json': { version: '2.0', functionTimeout: '00:00:00.050' } };
  const hasty = await startFixture('http', { env: { FIXTURE_SETTING: 'x' }, files, onCleanup });
  assert.equal((await fetch(`${hasty.url}/api/slow`)).status, 500);
  assert.ok(hasty.logged.some(({ message }) => message.includes('Timeout value of 50 ms')));
});
