import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NeededAccess } from '../../../shared/api/access/admit.ts';
import { ENDPOINTS } from '../../../shared/api/register.ts';
import { incidentId, policyKey } from '../../../shared/incidents/ids.ts';
import { PRODUCT_HOST_JSON, startFixture, type TestHost } from '../../dev/functions-host/host-app.ts';
import { policyId } from '../../pipeline/a-world.ts';
import { principalHeader } from '../access/principal-header.ts';

// Every endpoint under every way of access, asked with every kind of credentials, through the real functions in the
// local host, which asks for keys as Azure does.

const ID = incidentId(policyId('p1'), 1);
const OTHER_ID = incidentId(policyId('p2'), 1);

type Asked = [path: string, body?: object];
const SILENCE = { until: '4h', why: 'known' };

/** The `{id}` of an address, by the word before it. */
const IDS: Record<string, string> = {
  incidents: ID,
  policies: policyKey(policyId('p1')),
  vaults: 'kv-eu',
  environments: 'p1-1',
};
/** The body of each action that needs one, by the endpoint's id. */
const NEEDED_BODIES: Record<string, object> = {
  silence: SILENCE,
  supportCase: { number: '2611200010000123' },
  close: { why: 'retired' },
  policySilence: SILENCE,
  vaultSilence: SILENCE,
};

/** The parameters of each question that needs one, by the endpoint's id. */
const NEEDED_QUERIES: Record<string, string> = { blastRadius: '?vault=kv-eu', whoCan: '?policy=p1' };

/** Every endpoint of the register that needs this access: a new one is in the table by being there. */
const askedOf = (access: NeededAccess, method: 'GET' | 'POST' = 'GET'): Asked[] =>
  ENDPOINTS.filter((endpoint) => endpoint.access === access && endpoint.method === method).map(
    ({ id, path }) => {
      const named = IDS[path.split('/')[1] ?? ''] ?? '';
      const address = path.replace('{id}', id === 'close' ? OTHER_ID : named);
      return [`${address}${NEEDED_QUERIES[id] ?? ''}`, NEEDED_BODIES[id]];
    },
  );
const READS: string[] = [
  ...askedOf('read').map(([path]) => path),
  '/status?policy=p1',
  '/incidents?state=open',
  `/INCIDENTS/${ID}/`,
];
const WRITES: Asked[] = [
  ...askedOf('write', 'POST'),
  ['/policies/p1/check'],
  ['/drill?channel=teams'],
  ['/Drill/'],
];

/** A POST that changes nothing, and a GET for operators alone. */
const QUESTIONS = askedOf('read', 'POST');
const OPERATOR_READS = askedOf('operatorRead');

test('every endpoint is asked with the method that its access allows', () => {
  assert.ok(ENDPOINTS.length > 12);
  const others = ENDPOINTS.filter(({ method, access }) => access !== (method === 'GET' ? 'read' : 'write'));
  assert.deepEqual(
    others.map(({ id, method, access }) => `${method} ${id}: ${access}`),
    ['GET whoCan: operatorRead', 'GET facts: operatorRead', 'POST preview: read'],
  );
});

const role = (...roles: string[]) => ({
  'x-ms-client-principal': principalHeader({ roles, name: 'ann@contoso.com' }),
});
const key = (name: string) => ({ 'x-functions-key': name });

/** What is sent, as headers. */
const CREDENTIALS = {
  nothing: {},
  'a wrong key': key('wrong'),
  'a wrong key in the address': { '?': 'code=wrong' },
  'the key of status': key('status-key'),
  'the key of status in the address': { '?': 'code=status-key' },
  'the key of actions': key('actions-key'),
  'a host key': key('host-key'),
  'the master key': key('master-key'),
  'a reader’s sign-in': role('Lockwatch.Reader'),
  'an operator’s sign-in': role('Lockwatch.Operator'),
  'a sign-in with another role': role('Owner', 'lockwatch.operator'),
  'a sign-in without a role': role(),
  'a sign-in by another provider': {
    'x-ms-client-principal': principalHeader({ auth_typ: 'github', roles: ['Lockwatch.Operator'] }),
  },
  'a principal that can not be read': { 'x-ms-client-principal': 'Lockwatch.Operator' },
  'the other headers of a sign-in': {
    'x-ms-client-principal-name': 'ann@contoso.com',
    'x-ms-client-principal-id': 'oid-1',
    'x-ms-client-principal-idp': 'aad',
    'x-lockwatch-by': 'ann@contoso.com',
  },
  'the key of status and a forged operator’s sign-in': {
    ...key('status-key'),
    ...role('Lockwatch.Operator'),
  },
  'a wrong key and a forged operator’s sign-in': { ...key('wrong'), ...role('Lockwatch.Operator') },
} as const satisfies Record<string, Record<string, string>>;

/** The status of a read, and of an act. */
type Expected = Record<keyof typeof CREDENTIALS, [read: number, act: number]>;

const KEYS: Expected = {
  nothing: [401, 401],
  'a wrong key': [401, 401],
  'a wrong key in the address': [401, 401],
  'the key of status': [200, 401],
  'the key of status in the address': [200, 401],
  'the key of actions': [401, 200],
  'a host key': [200, 200],
  'the master key': [200, 200],
  'a reader’s sign-in': [401, 401],
  'an operator’s sign-in': [401, 401],
  'a sign-in with another role': [401, 401],
  'a sign-in without a role': [401, 401],
  'a sign-in by another provider': [401, 401],
  'a principal that can not be read': [401, 401],
  'the other headers of a sign-in': [401, 401],
  'the key of status and a forged operator’s sign-in': [200, 401],
  'a wrong key and a forged operator’s sign-in': [401, 401],
};
// Keys open nothing where people sign in.
const ENTRA: Expected = {
  nothing: [401, 401],
  'a wrong key': [401, 401],
  'a wrong key in the address': [401, 401],
  'the key of status': [401, 401],
  'the key of status in the address': [401, 401],
  'the key of actions': [401, 401],
  'a host key': [401, 401],
  'the master key': [401, 401],
  'a reader’s sign-in': [200, 403],
  'an operator’s sign-in': [200, 200],
  'a sign-in with another role': [403, 403],
  'a sign-in without a role': [403, 403],
  'a sign-in by another provider': [403, 403],
  'a principal that can not be read': [401, 401],
  'the other headers of a sign-in': [401, 401],
  // In this mode the platform writes that header itself, over whatever was sent: it is the sign-in.
  'the key of status and a forged operator’s sign-in': [200, 200],
  'a wrong key and a forged operator’s sign-in': [200, 200],
};
const NONE = Object.fromEntries(Object.keys(CREDENTIALS).map((name) => [name, [200, 200]])) as Expected;

const PUBLIC_URL = 'https://lockwatch.contoso.com';
const SETTINGS = {
  LOCKWATCH_PUBLIC_URL: PUBLIC_URL,
  LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
  AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=abc',
  LOCAL_FUNCTION_KEY: 'host-key',
  LOCAL_FUNCTION_KEY_STATUS: 'status-key',
  LOCAL_FUNCTION_KEY_ACTIONS: 'actions-key',
  LOCAL_MASTER_KEY: 'master-key',
  WEBSITE_SITE_NAME: '',
  WEBSITE_AUTH_ENABLED: '',
};
const MODES = {
  keys: {
    expected: KEYS,
    settings: { WEBSITE_SITE_NAME: 'func-lockwatch' },
    by: 'someone with a function key',
  },
  entra: {
    expected: ENTRA,
    settings: { WEBSITE_SITE_NAME: 'func-lockwatch', WEBSITE_AUTH_ENABLED: 'True' },
    by: 'ann@contoso.com',
  },
  none: { expected: NONE, settings: {}, by: 'someone at the local host' },
} as const;

for (const [access, { expected, settings, by }] of Object.entries(MODES))
  describe(`with LOCKWATCH_ACCESS ${access}`, () => {
    let host: TestHost;
    const cleanups: (() => Promise<void>)[] = [];
    before(async () => {
      host = await startFixture('../../../../api/actions/http-app', {
        files: PRODUCT_HOST_JSON,
        env: { ...SETTINGS, ...settings, LOCKWATCH_ACCESS: access },
        auth: true,
        onCleanup: (clean) => cleanups.push(clean),
      });
    });
    after(async () => {
      for (const clean of cleanups.reverse()) await clean();
    });

    const ask = async (method: string, path: string, credentials: Record<string, string>, body?: object) => {
      const { '?': query, ...headers } = credentials;
      const url = `${host.url}/api${path}${query ? `${path.includes('?') ? '&' : '?'}${query}` : ''}`;
      return fetch(url, {
        method,
        headers: { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    };

    for (const [name, [read, act]] of Object.entries(expected))
      test(`${name}: ${read} to ask, ${act} to act`, async () => {
        const credentials: Record<string, string> = { ...CREDENTIALS[name as keyof typeof CREDENTIALS] };
        // Where access is open, no credentials are looked at: one of each shows that.
        const isOnce = access === 'none' && name !== 'nothing';
        for (const path of isOnce ? READS.slice(0, 1) : READS)
          assert.equal((await ask('GET', path, credentials)).status, read, path);
        for (const [path, body] of isOnce ? WRITES.slice(0, 1) : WRITES) {
          const response = await ask('POST', path, credentials, body);
          assert.equal(response.status, act, `${path} ${await response.text()}`);
        }
        // The key of the function opens a question that is sent as a POST; in Entra, whoever may read asks it.
        for (const [path] of isOnce ? [] : QUESTIONS)
          assert.equal(
            (await ask('POST', path, credentials, {})).status,
            access === 'entra' ? read : act,
            path,
          );
        // In the mode `keys`, one key opens every GET, so what is for operators alone is asked for with POST.
        const operator = access === 'entra' ? (read === 200 ? act : read) : read === 200 ? 403 : read;
        for (const [path] of isOnce ? [] : OPERATOR_READS) {
          const got = (await ask('GET', path, credentials)).status;
          assert.equal(got, access === 'none' ? 200 : operator, path);
          assert.equal((await ask('POST', path, credentials)).status, act, path);
        }
        // Who may not, does not even learn what there is.
        assert.equal((await ask('GET', '/nothing', credentials)).status, read === 200 ? 404 : read);
        assert.equal((await ask('POST', '/nothing', credentials)).status, act === 200 ? 404 : act);
      });

    const allowed = { ...key('master-key'), ...role('Lockwatch.Operator') };
    const fromOtherSites: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'https://other.contoso.com' },
      { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'http://localhost' },
      { origin: `${PUBLIC_URL}.evil.example` },
      { origin: 'null' },
      { origin: 'file://' },
      { origin: '' },
      { origin: 'evil.example' },
    ];

    test('a page of another site may not act, though it may have a sign-in, with and without Fetch Metadata', async () => {
      for (const from of fromOtherSites)
        for (const [path, body] of [...WRITES, ['/nothing'] as const])
          assert.equal(
            (await ask('POST', path, { ...allowed, ...from }, body)).status,
            403,
            `${path} ${JSON.stringify(from)}`,
          );
    });

    test('a page of its own may act: the address that was called, and the public one', async () => {
      const ofItsOwn: Record<string, string>[] = [
        { origin: host.url },
        { origin: host.url, 'sec-fetch-site': 'same-origin' },
        { origin: host.url.replace('http:', 'https:') },
        { origin: PUBLIC_URL },
        { 'sec-fetch-site': 'none' },
      ];
      for (const from of ofItsOwn) {
        const answered = await ask('POST', '/policies/p1/check', { ...allowed, ...from });
        assert.equal(answered.status, 200, JSON.stringify(from));
      }
    });

    test('what a form of another site could send does nothing, with an empty body as well', async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain; application/json',
        '',
      ])
        for (const [path, body] of WRITES) {
          const send = { ...allowed, 'content-type': type };
          assert.equal((await ask('POST', path, send)).status, 415, `${path} ${type}, empty`);
          if (body) assert.equal((await ask('POST', path, send, body)).status, 415, `${path} ${type}`);
        }
      const named = { ...allowed, 'content-type': '', 'x-lockwatch-by': 'Ann' };
      assert.equal((await ask('POST', '/policies/p1/check', named)).status, 200);
      const filled = await ask('POST', '/policies/p1/check', named, {});
      assert.equal(filled.status, 415, 'a body is JSON whoever sends it');
    });

    test('what was done is told with who did it, and never with who only said so', async () => {
      const credentials = { ...key('host-key'), ...role('Lockwatch.Operator') };
      const response = await ask('GET', `/incidents/${ID}`, credentials);
      const incident = (await response.json()) as { acknowledged: { by: { name: string } } };
      // The first that was let through in the table.
      assert.equal(incident.acknowledged.by.name, access === 'entra' ? 'ann@contoso.com' : by);
    });

    test('no other method does anything', async () => {
      const credentials = { ...key('master-key'), ...role('Lockwatch.Operator') };
      for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'])
        assert.equal((await ask(method, `/incidents/${ID}`, credentials)).status, 404, method);
    });

    if (access === 'entra')
      test('who may not is told what is missing, as a problem document', async () => {
        const nobody = await ask('GET', '/health', {});
        assert.equal(nobody.headers.get('www-authenticate'), 'Bearer');
        assert.equal(nobody.headers.get('content-type'), 'application/problem+json');
        const reader = await ask('POST', '/drill', role('Lockwatch.Reader'));
        const problem = (await reader.json()) as { status: number; detail: string };
        assert.equal(problem.status, 403);
        assert.match(problem.detail, /Lockwatch\.Operator/);
      });
  });
