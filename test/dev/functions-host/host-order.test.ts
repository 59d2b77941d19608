import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startFixture, type TestHost } from './host-app.ts';

const cleaning: (() => Promise<void>)[] = [];
const onCleanup = (clean: () => Promise<void>) => void cleaning.unshift(clean);
const files = { 'host.json': { version: '2.0', extensions: { http: { routePrefix: '' } } } };
const env = { LOCAL_FUNCTION_KEY: 'fn-key', LOCAL_MASTER_KEY: 'master-key' };
let host: TestHost;

before(async () => {
  host = await startFixture('order', { files, env, auth: true, onCleanup });
});
after(async () => {
  for (const clean of cleaning) await clean();
});

async function ask(path: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(`${host.url}${path}`, init);
  return [response.status, await response.text()];
}

describe('where several routes match', () => {
  test('the function whose name comes first answers, in any case of its name', async () => {
    assert.deepEqual(await ask('/api/status'), [401, '']);
    assert.deepEqual(await ask('/api/status?code=fn-key'), [200, 'status']);
    assert.deepEqual(await ask('/anything', { method: 'PUT' }), [200, 'Beta']);
  });

  test('an anonymous function with an earlier name opens what a later one protects', async () => {
    assert.deepEqual(await ask('/api/open/status'), [200, 'alpha']);
    assert.deepEqual(await ask('/api/status', { method: 'PUT' }), [200, 'Beta']);
  });

  test('a route with a regular expression and a default takes the root, and never /api', async () => {
    assert.deepEqual(await ask('/'), [200, JSON.stringify({ by: 'web', params: { page: 'home' } })]);
    assert.deepEqual(await ask('/incidents/7'), [
      200,
      JSON.stringify({ by: 'web', params: { page: 'incidents', path: '7' } }),
    ]);
    for (const path of ['/api', '/API/status', '/%61pi/status'])
      assert.notEqual((await ask(path))[0], 200, path);
  });
});

test('/admin and /runtime never reach a function, however they are written', async () => {
  for (const path of [
    '/admin',
    '/admin/x',
    '/Admin/functions/x',
    '/runtime',
    '/RUNTIME/webhooks/x',
    '/%61dmin/x',
  ])
    for (const method of ['GET', 'PUT'])
      assert.deepEqual(await ask(path, { method }), [404, ''], `${method} ${path}`);
  assert.deepEqual(await ask('/administrators', { method: 'PUT' }), [200, 'Beta']);
});

test('a route that begins with admin or runtime is refused at the start', async () => {
  for (const route of ['admin/x', '/Runtime', 'administrators'])
    await assert.rejects(
      startFixture('order', { files, env: { ...env, FIXTURE_ROUTE: route }, onCleanup }),
      (error) =>
        error instanceof Error && /'given'.*conflicts with one or more built in routes/.test(error.message),
      route,
    );
  delete process.env.FIXTURE_ROUTE;
});

test('the root without a function is 204 where the homepage is turned off', async () => {
  const only = ['status'];
  const off = await startFixture('order', {
    files,
    env: { ...env, AzureWebJobsDisableHomepage: 'true' },
    only,
    onCleanup,
  });
  assert.equal((await fetch(off.url)).status, 204);
  const on = await startFixture('order', {
    files,
    env: { ...env, AzureWebJobsDisableHomepage: 'false' },
    only,
    onCleanup,
  });
  assert.equal((await fetch(on.url)).status, 200);
});
