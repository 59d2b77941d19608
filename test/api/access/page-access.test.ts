import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { incidentId, policyKey } from '../../../shared/incidents/ids.ts';
import type { StoredRow } from '../../../shared/storage/table-port.ts';
import type { HandClock } from '../../azure/hand-clock.ts';
import { calls, PRODUCT_HOST_JSON, startFixture, type TestHost } from '../../dev/functions-host/host-app.ts';
import { policyId } from '../../pipeline/a-world.ts';
import { principalHeader } from './principal-header.ts';

// Every page and its forms under every way of access, with every kind of credentials, through the real functions in
// the local host, which asks for keys as Azure does.

const ID = incidentId(policyId('p1'), 1);
const OTHER_ID = incidentId(policyId('p2'), 1);
const PAGES = [
  '/',
  '/?policy=p1',
  '/incidents',
  '/incidents?state=open',
  `/incidents/${ID}`,
  '/coverage',
  '/health',
];
const FORMS: [page: string, fields: Record<string, string>][] = [
  [`/incidents/${ID}`, { action: 'acknowledge', why: '' }],
  [`/incidents/${ID}`, { action: 'silence', until: '4h', why: 'known' }],
  [`/incidents/${ID}`, { action: 'supportCase', number: '2611200010000123' }],
  [`/incidents/${ID}`, { action: 'check', policy: policyKey(policyId('p1')) }],
  [`/incidents/${OTHER_ID}`, { action: 'close', why: 'retired' }],
];

const role = (...roles: string[]) => ({
  'x-ms-client-principal': principalHeader({ roles, name: 'ann@contoso.com' }),
});
const key = (name: string) => ({ 'x-functions-key': name });
const cookie = (value: string) => ({ cookie: `other=1; __Host-lockwatch=${value}` });

/** `reading` and `acting` are sessions that were opened before. */
const CREDENTIALS = {
  nothing: {},
  'a wrong key': key('wrong'),
  'the key of status': key('status-key'),
  'the key of actions': key('actions-key'),
  'a host key': key('host-key'),
  'the master key': key('master-key'),
  'a host key in the address': { '?': 'code=host-key' },
  'a reading session': { session: 'reading' },
  'an acting session': { session: 'acting' },
  'a session that was signed out': { session: 'ended' },
  'a session that nobody opened': cookie('A'.repeat(43)),
  'the stored hash as a session': { session: 'hash' },
  'a cookie that is no session': cookie("' or 1"),
  'a session under the name of the local host': { session: 'local' },
  'a reader’s sign-in': role('Lockwatch.Reader'),
  'an operator’s sign-in': role('Lockwatch.Operator'),
  'a sign-in with another role': role('Owner', 'lockwatch.operator'),
  'a sign-in by another provider': {
    'x-ms-client-principal': principalHeader({ auth_typ: 'github', roles: ['Lockwatch.Operator'] }),
  },
  'a principal that can not be read': { 'x-ms-client-principal': 'Lockwatch.Operator' },
  'a reading session and a forged operator’s sign-in': { session: 'reading', ...role('Lockwatch.Operator') },
} as const satisfies Record<string, Record<string, string>>;

/** The status of a page, and of a form. */
type Expected = Record<keyof typeof CREDENTIALS, [read: number, act: number]>;
const everyone = (pair: [number, number]) =>
  Object.fromEntries(Object.keys(CREDENTIALS).map((name) => [name, pair])) as Expected;

// The function of the pages checks no key: only a session counts.
const KEYS: Expected = {
  ...everyone([401, 401]),
  'a reading session': [200, 403],
  'an acting session': [200, 303],
  'a reading session and a forged operator’s sign-in': [200, 403],
};
const ENTRA: Expected = {
  ...everyone([401, 401]),
  'a reader’s sign-in': [200, 403],
  'an operator’s sign-in': [200, 303],
  'a sign-in with another role': [403, 403],
  'a sign-in by another provider': [403, 403],
  // In this mode the platform writes that header itself: it is the sign-in.
  'a reading session and a forged operator’s sign-in': [200, 303],
};

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
const KEY_TEXTS = /host-key|status-key|actions-key|master-key/;
const MODES = {
  keys: { expected: KEYS, settings: { WEBSITE_SITE_NAME: 'func-lockwatch' } },
  entra: { expected: ENTRA, settings: { WEBSITE_SITE_NAME: 'func-lockwatch', WEBSITE_AUTH_ENABLED: 'True' } },
  none: { expected: everyone([200, 303]), settings: {} },
} as const;

const cleanups: (() => Promise<void>)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

for (const [access, { expected, settings }] of Object.entries(MODES))
  describe(`pages with LOCKWATCH_ACCESS ${access}`, () => {
    let host: TestHost;
    let rows: () => StoredRow[];
    let clock: HandClock;
    const sessions: Record<string, string> = {};
    before(async () => {
      host = await startFixture('../../../../api/actions/http-app', {
        files: PRODUCT_HOST_JSON,
        env: { ...SETTINGS, ...settings, LOCKWATCH_ACCESS: access },
        auth: true,
        onCleanup: (clean) => cleanups.push(clean),
      });
      rows = calls<() => StoredRow[]>('stored').at(-1) ?? assert.fail();
      clock = calls<HandClock>('clock').at(-1) ?? assert.fail();
      if (access !== 'keys') return;
      sessions.reading = await opened('GET', 'status-key');
      sessions.acting = await opened('POST', 'actions-key');
      sessions.ended = await opened('POST', 'host-key');
      await send('/', { action: 'sign-out' }, cookie(sessions.ended));
      sessions.hash = sha256(sessions.acting);
    });

    const open = (method: string, headers: Record<string, string>, query = '') =>
      fetch(`${host.url}/api/session${query}`, {
        method,
        headers: { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(method === 'POST' ? { body: '{}' } : {}),
      });
    const opened = async (method: string, functionKey: string) => {
      const answer = await open(method, key(functionKey));
      assert.equal(answer.status, 200);
      return /^__Host-lockwatch=([^;]+);/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1] ?? assert.fail();
    };
    const headersOf = (credentials: Record<string, string>) => {
      const { '?': query, session, ...headers } = credentials;
      if (session === 'local') return { query, headers: { cookie: `lockwatch-local=${sessions.acting}` } };
      return {
        query,
        headers: session === undefined ? headers : { ...headers, ...cookie(sessions[session] ?? '') },
      };
    };
    const withQuery = (path: string, query: string | undefined) =>
      `${host.url}${path}${query ? `${path.includes('?') ? '&' : '?'}${query}` : ''}`;
    const ask = (path: string, credentials: Record<string, string> = {}, method = 'GET') => {
      const { query, headers } = headersOf(credentials);
      return fetch(withQuery(path, query), { method, headers, redirect: 'manual' });
    };
    const send = (
      path: string,
      fields: Record<string, string>,
      credentials: Record<string, string>,
      from: Record<string, string> = { origin: host.url, 'sec-fetch-site': 'same-origin' },
    ) => {
      const { query, headers } = headersOf(credentials);
      return fetch(withQuery(path, query), {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers, ...from },
        body: `${new URLSearchParams(fields)}`,
      });
    };
    const operator: Record<string, string> =
      access === 'keys' ? { session: 'acting' } : access === 'entra' ? role('Lockwatch.Operator') : {};
    const state = () => JSON.stringify(rows().filter(({ partitionKey }) => partitionKey !== 'sessions'));

    for (const [name, [read, act]] of Object.entries(expected))
      test(`${name}: ${read} to look, ${act} to act`, async () => {
        const credentials: Record<string, string> = { ...CREDENTIALS[name as keyof typeof CREDENTIALS] };
        if (credentials.session !== undefined && access !== 'keys')
          sessions[credentials.session] ??= 'B'.repeat(43);
        const isOnce = access === 'none' && name !== 'nothing';
        for (const path of isOnce ? PAGES.slice(0, 1) : PAGES) {
          const answer = await ask(path, credentials);
          assert.equal(answer.status, read, path);
          assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8', path);
          if (read !== 200)
            assert.doesNotMatch(await answer.text(), /vault-deleted|enterprisePolicies/, path);
        }
        const before = state();
        for (const [path, fields] of isOnce ? FORMS.slice(0, 1) : FORMS) {
          const answer = await send(path, fields, credentials);
          assert.equal(answer.status, act, `${path} ${fields.action} ${await answer.text()}`);
          if (act === 303)
            assert.equal(answer.headers.get('location'), `${path}?done=${fields.action}`, path);
        }
        if (act !== 303) assert.equal(state(), before, 'nothing was written');
        // Who may not look does not even learn what there is.
        assert.equal((await ask('/nothing', credentials)).status, read === 200 ? 404 : read);
        assert.equal(
          (await send('/nothing', { action: 'close' }, credentials)).status,
          read === 200 ? 404 : read,
        );
      });

    const fromOtherSites: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: '' },
      { origin: 'https://evil.example' },
      { origin: `${PUBLIC_URL}.evil.example` },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'evil.example' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      ...['cross-site', 'same-site', 'none', ''].map((site) => ({
        origin: PUBLIC_URL,
        'sec-fetch-site': site,
      })),
    ];

    test('a form that was not sent by a page of its own does nothing, whoever has signed in', async () => {
      const before = state();
      for (const from of fromOtherSites)
        for (const [path, fields] of [...FORMS, ['/', { action: 'sign-out' }] as const])
          assert.equal(
            (await send(path, { ...fields }, operator, from)).status,
            403,
            `${path} ${JSON.stringify(from)}`,
          );
      assert.equal(state(), before);
      assert.equal((await ask('/', operator)).status, 200, 'nobody was signed out');
    });

    test('a page of its own may act: the address that was called, and the public one', async () => {
      const ofItsOwn: Record<string, string>[] = [
        { origin: host.url },
        { origin: host.url.replace('http:', 'https:'), 'sec-fetch-site': 'same-origin' },
        { origin: PUBLIC_URL },
      ];
      const check = FORMS[3] ?? assert.fail();
      for (const from of ofItsOwn)
        assert.equal((await send(...check, operator, from)).status, 303, JSON.stringify(from));
    });

    test('what is no form of that page does nothing, and says so', async () => {
      const before = state();
      const at = `/incidents/${ID}`;
      assert.equal((await send(at, { action: 'nothing' }, operator)).status, 400);
      assert.equal((await send(at, {}, operator)).status, 400);
      assert.equal((await send('/coverage', { action: 'acknowledge' }, operator)).status, 400);
      assert.equal((await send(at, { action: 'check' }, operator)).status, 400, 'of no policy');
      assert.equal((await send(at, { action: 'close', why: 'x'.repeat(20_000) }, operator)).status, 413);
      const { headers } = headersOf(operator);
      for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
        assert.equal(
          (
            await fetch(`${host.url}${at}`, {
              method: 'POST',
              headers: { ...headers, origin: host.url, 'content-type': type },
              body: 'action=acknowledge',
            })
          ).status,
          415,
          type,
        );
      assert.equal(state(), before);
    });

    test('a form that can’t be done shows its page again, with the reason', async () => {
      const bad = await send(
        `/incidents/${ID}`,
        { action: 'silence', until: 'tomorrow', why: 'known' },
        operator,
      );
      assert.equal(bad.status, 400);
      assert.match(await bad.text(), /must be a time with its zone/);
      const over = await send(`/incidents/${OTHER_ID}`, { action: 'acknowledge' }, operator);
      assert.equal(over.status, 409);
    });

    test('every page has the security headers, and is kept by no cache', async () => {
      const answers = await Promise.all([
        ask('/', operator),
        ask(`/incidents/${ID}`, operator),
        ask('/nothing', operator),
        ask('/', {}),
        ask('/', operator, 'DELETE'),
        ask('/', operator, 'HEAD'),
        send(...(FORMS[3] ?? assert.fail()), operator),
        send('/', { action: 'x' }, operator, {}),
      ]);
      for (const { status, headers } of answers) {
        assert.equal(headers.get('cache-control'), 'no-store');
        assert.equal(headers.get('referrer-policy'), 'same-origin');
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.equal(headers.get('x-frame-options'), 'DENY');
        assert.match(headers.get('strict-transport-security') ?? '', /^max-age=\d{8}/);
        if (status === 303) continue;
        const policy = headers.get('content-security-policy') ?? '';
        assert.match(policy, /default-src 'none'/);
        assert.match(policy, /frame-ancestors 'none'/);
        assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      }
    });

    test('a page and its JSON name each other', async () => {
      const { headers } = headersOf(operator);
      const json = { ...headers, ...key('host-key') };
      for (const [page, api] of [
        ['/', '/api/status'],
        ['/?policy=p1', '/api/status?policy=p1'],
        [`/incidents/${ID}`, `/api/incidents/${ID}`],
        ['/incidents?state=open', '/api/incidents?state=open'],
      ] as const) {
        const html = await ask(page, operator);
        assert.ok(
          html.headers.get('link')?.includes(`<${api}>; rel="alternate"; type="application/json"`),
          page,
        );
        const answer = await fetch(`${host.url}${api}`, { headers: json });
        assert.ok(answer.headers.get('link')?.includes(`<${page}>; rel="alternate"; type="text/html"`), api);
      }
    });

    test('a key in the address of a page opens nothing, and is handed on to nothing', async () => {
      const page = await ask(`/incidents/${ID}?code=host-key`, operator);
      const sent = await send(
        `/incidents/${ID}?code=host-key&Code=master-key`,
        FORMS[3]?.[1] ?? {},
        operator,
      );
      assert.equal(sent.status, 303);
      const refused = await ask(`/incidents/${ID}?code=host-key`);
      for (const answer of [page, sent, refused])
        assert.doesNotMatch(JSON.stringify([...answer.headers]) + (await answer.text()), KEY_TEXTS);
    });

    test('another method is 405 with what there is; a wrong address is a page as well', async () => {
      const wrong = await ask('/incidents', operator, 'PUT');
      assert.equal(wrong.status, 405);
      assert.equal(wrong.headers.get('allow'), 'GET, HEAD, POST');
      for (const path of ['/api%2Fstatus', '/api%5Cstatus', '/nothing', '/incidents//', '/status'])
        assert.notEqual((await ask(path, operator)).status, 200, path);
      const head = await ask('/', operator, 'HEAD');
      assert.deepEqual([head.status, await head.text()], [200, '']);
    });

    test('what was done is said only where this site’s own form led there', async () => {
      const at = `${host.url}/incidents/${ID}?done=check`;
      const { headers } = headersOf(operator);
      const shown = async (from: Record<string, string>) =>
        (await fetch(at, { headers: { ...headers, ...from } })).text();
      const says = /It was read just now|&quot;done&quot;:&quot;check&quot;/;
      assert.ok(says.test(await shown({ 'sec-fetch-site': 'same-origin' })));
      assert.ok(says.test(await shown({})), 'an old browser');
      for (const site of ['cross-site', 'same-site', 'none'])
        assert.ok(!says.test(await shown({ 'sec-fetch-site': site })), site);
    });

    if (access === 'keys') {
      test('a key opens a session once the host has checked it, and only by the header', async () => {
        assert.equal((await open('GET', {})).status, 401);
        assert.equal((await open('GET', key('actions-key'))).status, 401);
        assert.equal((await open('POST', key('status-key'))).status, 401);
        assert.equal((await open('POST', key('wrong'))).status, 401);
        assert.equal((await open('POST', {}, '?code=host-key')).status, 400);
        assert.equal((await open('GET', key('host-key'), '?code=host-key')).status, 400);
        const foreign: Record<string, string>[] = [
          { origin: 'https://evil.example' },
          { 'sec-fetch-site': 'cross-site' },
        ];
        for (const from of foreign)
          for (const method of ['GET', 'POST'])
            assert.equal((await open(method, { ...key('host-key'), ...from })).status, 403, method);
        const answer = await open('POST', { ...key('actions-key'), origin: host.url });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('cache-control'), 'no-store');
        assert.match(
          answer.headers.getSetCookie().join('\n'),
          /^__Host-lockwatch=[A-Za-z0-9_-]{43}; max-age=28800; path=\/; secure; samesite=lax; httponly$/,
        );
      });

      test('no key and no session’s id is in a row or in a line of the log', async () => {
        await ask('/', { session: 'acting' });
        const stored = JSON.stringify(rows());
        assert.ok(stored.includes(sha256(sessions.acting ?? '')));
        assert.doesNotMatch(stored, KEY_TEXTS);
        const logged = JSON.stringify(host.logged);
        assert.match(logged, /session-opened/);
        assert.doesNotMatch(logged, KEY_TEXTS);
        for (const id of Object.values(sessions).filter((one) => one !== sessions.hash)) {
          assert.ok(!stored.includes(id));
          assert.ok(!logged.includes(id));
        }
      });

      test('a session opens pages, and nothing of the API', async () => {
        for (const session of ['reading', 'acting']) {
          const { headers } = headersOf({ session });
          for (const path of ['/api/status', `/api/incidents/${ID}`, '/api/session'])
            assert.equal((await fetch(`${host.url}${path}`, { headers })).status, 401, path);
          const act = await fetch(`${host.url}/api/policies/p1/check`, {
            method: 'POST',
            headers: { ...headers, origin: host.url, 'content-type': 'application/json' },
          });
          assert.equal(act.status, 401);
        }
      });

      test('signing out ends the session in the store and in the browser', async () => {
        const id = await opened('POST', 'host-key');
        assert.equal((await ask('/', cookie(id))).status, 200);
        const out = await send('/incidents', { action: 'sign-out' }, cookie(id));
        assert.deepEqual([out.status, out.headers.get('location')], [303, '/']);
        assert.match(out.headers.getSetCookie()[0] ?? '', /^__Host-lockwatch=; max-age=0; path=\/; secure/);
        assert.equal((await ask('/', cookie(id))).status, 401);
        assert.ok(!rows().some(({ rowKey }) => rowKey === sha256(id)));
      });

      test('a session ends after eight hours, and its row is removed', async () => {
        const id = await opened('GET', 'status-key');
        await clock.advance(8 * 3_600_000 - 60_000);
        assert.equal((await ask('/', cookie(id))).status, 200);
        await clock.advance(60_000);
        assert.equal((await ask('/', cookie(id))).status, 401);
        assert.ok(!rows().some(({ rowKey }) => rowKey === sha256(id)));
      });

      test('who has not signed in gets a form that needs a script, and is told so', async () => {
        const answer = await ask(`/incidents/${ID}`);
        const text = await answer.text();
        assert.match(text, /<form id="sign-in" method="post" action="\/" data-asked="GET" hidden>/);
        assert.match(text, /<noscript>/);
        assert.doesNotMatch(text, /<input[^>]* name=/);
      });
    } else
      test('there is no address for sessions', async () => {
        for (const method of ['GET', 'POST'])
          assert.equal(
            (await open(method, { ...headersOf(operator).headers, ...key('host-key') })).status,
            404,
          );
      });

    if (access === 'entra')
      test('who may not is told the role, and where to sign in', async () => {
        assert.match(
          await (await ask('/incidents')).text(),
          /\.auth\/login\/aad\?post_login_redirect_uri=%2Fincidents/,
        );
        assert.match(
          await (await ask('/', role('Owner'))).text(),
          /Lockwatch\.Reader or Lockwatch\.Operator/,
        );
        const form = await send(...(FORMS[0] ?? assert.fail()), role('Lockwatch.Reader'));
        assert.match(await form.text(), /Lockwatch\.Operator/);
      });
  });
