import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { findHttpFunction, httpFunctions } from '../../../dev/functions-host/http-trigger.ts';
import { loadFunctionApp } from '../../../dev/functions-host/load-app.ts';
import { WEB_FUNCTION } from '../../../shared/api/api-route.ts';
import { buildFixture, PRODUCT_HOST_JSON } from '../../dev/functions-host/host-app.ts';

// What the app registers, as Microsoft's host would route to it: the function whose name comes first.

const GOOD = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.invalid/workflows?sig=abc',
  AzureWebJobsStorage__tableServiceUri: 'https://x.invalid/table',
  LOCKWATCH_SWEEP_SECONDS: '60',
  WEBSITE_SITE_NAME: 'func-lockwatch',
  WEBSITE_AUTH_ENABLED: 'True',
};
const APPS = {
  'with keys': { LOCKWATCH_ACCESS: 'keys' },
  'with Entra': { LOCKWATCH_ACCESS: 'entra' },
  'on the local host': { LOCKWATCH_ACCESS: 'none', WEBSITE_SITE_NAME: '' },
  'that can’t start': { LOCKWATCH_ACCESS: 'keys', LOCKWATCH_SWEEP_SECONDS: '7777' },
};
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const OF_THE_API = [
  '/api',
  '/api/',
  '/API',
  '/Api/status',
  '/api/status/',
  '/api/incidents/1-1/acknowledge',
  '/api/session',
  '/api/policies/%2Fsubscriptions%2Fx/check',
  '/%61pi/status',
  '/api%0A',
  '/api/..%2fstatus',
];
/** Before and after every function of the app. */
const NAMES = ['a', 'A', 'actionr', 'statusa', 'web', 'zzz'];

const cleaning: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const clean of cleaning.reverse()) await clean();
});

/** An app is loaded once in a process, and reads its settings then: each has a copy of its own. */
async function registered(settings: Record<string, string>) {
  for (const name of Object.keys(process.env))
    if (/^(LOCKWATCH_(?!LOCAL_)|WEBSITE_)/.test(name)) delete process.env[name];
  Object.assign(process.env, GOOD, settings);
  const { directory, remove } = await buildFixture('the-app', PRODUCT_HOST_JSON);
  cleaning.push(remove);
  return [...(await loadFunctionApp(directory, () => {})).functions.values()];
}

for (const [title, settings] of Object.entries(APPS))
  describe(`an app ${title}`, () => {
    test('answers at no address of the API by its anonymous function of pages, whatever that is named', async () => {
      const functions = await registered(settings);
      assert.ok(functions.some(({ name }) => name === 'web'));
      for (const name of NAMES) {
        const renamed = functions.map((one) => (one.name === 'web' ? { ...one, name } : one));
        const http = httpFunctions(renamed, '', {});
        for (const path of OF_THE_API)
          for (const method of METHODS)
            assert.notEqual(findHttpFunction(http, method, path)?.http.fn.name, name, `${method} ${path}`);
        for (const path of ['/', '/incidents', '/incidents/1-1', '/apis', '/status/api', '/nothing/at/all'])
          for (const method of METHODS)
            assert.equal(findHttpFunction(http, method, path)?.http.fn.name, name, `${method} ${path}`);
      }
    });

    if (settings.LOCKWATCH_ACCESS === 'keys')
      test('has no other anonymous function', async () => {
        const http = httpFunctions(await registered(settings), '', {});
        const anonymous = http.filter(({ authLevel }) => authLevel === 'anonymous');
        assert.deepEqual(
          anonymous.map(({ fn, template }) => [fn.name, template]),
          [['web', WEB_FUNCTION.route]],
        );
      });
  });

test('a route without that constraint, with an early name, would open the API: the test finds it', async () => {
  const functions = await registered(APPS['with keys']);
  const open = functions.map((one) =>
    one.name === 'web' ? { ...one, name: 'a', trigger: { ...one.trigger, route: '{*path}' } } : one,
  );
  const http = httpFunctions(open, '', {});
  assert.equal(findHttpFunction(http, 'GET', '/api/status')?.http.authLevel, 'anonymous');
});
