import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildFixture, PRODUCT_HOST_JSON, until } from '../../dev/functions-host/host-app.ts';
import { startCopy } from '../../dev/functions-host/host-copy.ts';
import { principalHeader } from './principal-header.ts';

// The app itself, built and started in the local host, with settings that it can't work with.

const GOOD = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
  AzureWebJobsStorage__tableServiceUri: 'https://x.invalid/table',
  AzureWebJobsStorage__queueServiceUri: 'https://x.invalid/queue',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.invalid/workflows?sig=abc',
  LOCAL_FUNCTION_KEY: 'host-key',
  WEBSITE_SITE_NAME: 'func-lockwatch',
};
/** One of each kind: missing, of the wrong form, misspelt, and a secret that is wrong. */
const BAD = {
  LOCKWATCH_SUBSCRIPTIONS: '',
  LOCKWATCH_SWEEP_SECONDS: '7777',
  LOCKWATCH_TIMEZONE: 'Europe/Secretville',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'http://c2VjcmV0.example/',
};
const NAMES = [
  'LOCKWATCH_SUBSCRIPTIONS',
  'LOCKWATCH_SWEEP_SECONDS',
  'LOCKWATCH_TIMEZONE',
  'LOCKWATCH_TEAMS_WEBHOOK_URL',
];
const VALUES = /7777|Secretville|c2VjcmV0/;

const READER_ROLE = { 'x-ms-client-principal': principalHeader({ roles: ['Lockwatch.Reader'] }) };
const OPERATOR_ROLE = { 'x-ms-client-principal': principalHeader({ roles: ['Lockwatch.Operator'] }) };
const OTHER = { 'x-ms-client-principal': principalHeader({ roles: ['Owner'] }) };
const KEY = { 'x-functions-key': 'host-key' };

type Headers = Record<string, string>;
const CASES: {
  title: string;
  settings: Headers;
  /** Who reads the names, whom the host sends away, and who hears only that something is wrong. */
  named: Headers[];
  refused: Headers[];
  unnamed: Headers[];
}[] = [
  {
    title: 'with keys, who has one reads the names; the host asks everybody for one',
    settings: { LOCKWATCH_ACCESS: 'keys' },
    named: [KEY],
    refused: [{}, { 'x-functions-key': 'wrong' }, OPERATOR_ROLE],
    unnamed: [],
  },
  {
    title: 'with Entra, who may read reads the names, and nobody else does',
    settings: { LOCKWATCH_ACCESS: 'entra', WEBSITE_AUTH_ENABLED: 'True' },
    named: [READER_ROLE, OPERATOR_ROLE],
    refused: [],
    unnamed: [{}, OTHER, KEY],
  },
  {
    title: 'on the local host everybody reads the names',
    settings: { LOCKWATCH_ACCESS: 'none', WEBSITE_SITE_NAME: '' },
    named: [{}],
    refused: [],
    unnamed: [],
  },
  {
    title: 'where the access is of no known kind, nobody reads the names',
    settings: { LOCKWATCH_ACCESS: 'open' },
    named: [],
    refused: [],
    unnamed: [{}, KEY, OPERATOR_ROLE],
  },
  {
    title:
      'where the platform’s sign-in is not on, nobody reads the names: its header can be written by anyone',
    settings: { LOCKWATCH_ACCESS: 'entra' },
    named: [],
    refused: [],
    unnamed: [{}, KEY, OPERATOR_ROLE],
  },
  {
    title: 'where access is open in Azure, nobody reads the names',
    settings: { LOCKWATCH_ACCESS: 'none' },
    named: [],
    refused: [],
    unnamed: [{}, KEY, OPERATOR_ROLE],
  },
];

const ADDRESSES = [
  ['GET', '/api/status'],
  ['GET', '/api/health'],
  ['GET', '/api/incidents/inc-1'],
  ['GET', '/api/nothing/at/all'],
  ['POST', '/api/drill'],
  ['POST', '/api/incidents/inc-1/acknowledge'],
] as const;

const cleaning: (() => Promise<unknown>)[] = [];
let built: string;
before(async () => {
  const { directory, remove } = await buildFixture('the-app', PRODUCT_HOST_JSON);
  cleaning.push(remove);
  built = directory;
});
after(async () => {
  for (const clean of cleaning.reverse()) await clean();
});

/** The entry reads the variables of its process, once: each start has a copy of its own. */
async function start(settings: Headers) {
  const ours = /^(LOCKWATCH_(?!LOCAL_)|WEBSITE_|AzureWebJobs)/;
  for (const name of Object.keys(process.env)) if (ours.test(name)) delete process.env[name];
  const env = { ...GOOD, ...settings };
  Object.assign(process.env, env);
  return startCopy(built, { env, auth: true, onCleanup: (clean) => cleaning.push(clean) });
}

describe('settings that can not be used', () => {
  for (const { title, settings, named, refused, unnamed } of CASES)
    test(title, async () => {
      const host = await start({ ...BAD, ...settings });
      const ask = async (method: string, path: string, headers: Record<string, string>) => {
        const answer = await fetch(`${host.url}${path}`, { method, headers });
        return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
      };
      for (const [method, path] of ADDRESSES) {
        for (const headers of named) {
          const { status, type, text } = await ask(method, path, headers);
          assert.deepEqual([status, type], [503, 'application/problem+json'], path);
          for (const name of NAMES) assert(JSON.parse(text).settings.includes(name), `${path}: ${text}`);
          for (const name of NAMES) assert(JSON.parse(text).detail.includes(name), `${path}: ${text}`);
          assert.doesNotMatch(text, VALUES);
        }
        for (const headers of refused) assert.equal((await ask(method, path, headers)).status, 401, path);
        for (const headers of unnamed) {
          const { status, type, text } = await ask(method, path, headers);
          assert.deepEqual([status, type], [503, 'application/problem+json'], path);
          assert.doesNotMatch(text, /LOCKWATCH_|AzureWebJobs/);
          assert.doesNotMatch(text, VALUES);
        }
      }
      // The host asks for no key at a page, so with keys a page names nothing.
      for (const path of ['/', '/incidents/inc-1', '/nothing/at/all'])
        for (const headers of [...named, ...refused, ...unnamed]) {
          const { status, type, text } = await ask('GET', path, headers);
          assert.deepEqual([status, type], [503, 'text/html; charset=utf-8'], path);
          assert.match(text, /Lockwatch does not work/);
          assert.doesNotMatch(text, VALUES);
          const isNamed = settings.LOCKWATCH_ACCESS !== 'keys' && named.includes(headers);
          for (const name of NAMES) assert.equal(text.includes(name), isNamed, `${path}: ${name}`);
        }
    });

  test('make the timer fail with the names, where the platform’s own alerts see it', async () => {
    const host = await start(BAD);
    const failed = await until('the timer failed', () =>
      host.logged.find(({ functionName, level }) => functionName === 'timer' && level === 'error'),
    );
    for (const name of NAMES) assert(failed.message.includes(name), failed.message);
    assert.doesNotMatch(failed.message, VALUES);
  });

  test('leave what waits in the queues where it is: nothing listens', async () => {
    const host = await start(BAD);
    const answer = await fetch(`${host.url}/local/functions`);
    const listed = ((await answer.json()) as { functions: { name: string }[] }).functions;
    assert.deepEqual(listed.map(({ name }) => name).sort(), ['actions', 'status', 'timer', 'web']);
  });
});
