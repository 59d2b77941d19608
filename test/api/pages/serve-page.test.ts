import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servePage } from '../../../shared/api/pages/serve-page.ts';
import type { PagePorts, PageRequest } from '../../../shared/api/pages/show-page.ts';
import { policyKey } from '../../../shared/incidents/ids.ts';
import { sessionStore } from '../../../shared/storage/sessions.ts';
import { refusal } from '../../simulation/memory-table.ts';
import { locked } from '../actions/post.ts';

async function aSite(access: PagePorts['access'] = 'none') {
  const { world, id } = await locked();
  const ports: PagePorts = {
    ...world.ports,
    access,
    isInAzure: false,
    sessions: async () => sessionStore(async () => world.tables.readModel),
    read: { ...world.ports, eventSources: { event: true, audit: false } },
    links: { adminCenterUrl: 'https://admin.example.com', portalUrl: 'https://portal.example.com' },
  };
  const ask = (path: string, more: Partial<PageRequest> & { headers?: Record<string, string> } = {}) => {
    const headers = new Headers({ host: 'localhost', ...more.headers });
    const request: PageRequest = {
      method: 'GET',
      url: `http://localhost${path}`,
      header: (name) => headers.get(name),
      body: async () => new Uint8Array(),
      ...more,
    };
    return world.clock.drive(servePage(request, ports));
  };
  return { world, ports, ask, id };
}

test('an address under /api is no page, however the request came here', async () => {
  const { ask, id } = await aSite();
  // A front end may pass on `/api\\status`, which the address parser reads as `/api/status`.
  for (const path of ['/api', '/api/', '/api/status', `/api/incidents/${id}`, '/API/health', '/api\\status'])
    for (const method of ['GET', 'HEAD'])
      assert.equal((await ask(path, { method })).status, 404, `${method} ${path}`);
  const form = await ask(`/api/incidents/${id}`, {
    method: 'POST',
    headers: { origin: 'http://localhost', 'content-type': 'application/x-www-form-urlencoded' },
    body: async () => new TextEncoder().encode('action=acknowledge'),
  });
  assert.equal(form.status, 404);
});

test('where the storage can’t be read, a page says so and does not name what failed', async () => {
  for (const access of ['none', 'keys'] as const) {
    const { ask, world } = await aSite(access);
    const fails = () => {
      throw refusal(503, 'ServerBusy');
    };
    world.tables.policies.before = fails;
    world.tables.readModel.before = fails;
    const { status, headers, body } = await ask('/', {
      headers: { cookie: `lockwatch-local=${'A'.repeat(43)}` },
    });
    assert.equal(status, 503);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(body, /Try again/);
    assert.doesNotMatch(body, /SECRET|ServerBusy/);
  }
});

test('an id in an address that is no encoded text is a page of an error, not a fault', async () => {
  const { ask } = await aSite();
  for (const path of ['/incidents/%', '/incidents/%E0%A4', '/incidents/no-such']) {
    const { status } = await ask(path);
    assert.ok(status === 400 || status === 404, `${path} ${status}`);
  }
});

test('what an address contains is shown as text', async () => {
  const { ask } = await aSite();
  const path = '/<script>alert(1)</script>"onload="x';
  for (const method of ['GET', 'DELETE']) {
    const { body } = await ask(path, { method });
    assert.doesNotMatch(body, /<script>alert|"onload="/);
  }
});

test('every page names the deployment, and only where it has a name', async () => {
  const { ask, ports } = await aSite();
  const paths = ['/', '/incidents', '/health', '/configuration', '/docs'];
  for (const path of paths) assert.match((await ask(path)).body, /<a class="brand" href="\/">Lockwatch<\/a>/);
  ports.config = { ...ports.config, deployment: 'contoso-prod' };
  for (const path of paths)
    assert.match((await ask(path)).body, /<a class="brand" href="\/">Lockwatch contoso-prod<\/a>/);
});

function formOf(fields: Record<string, string>): Partial<PageRequest> & { headers: Record<string, string> } {
  return {
    method: 'POST',
    headers: { origin: 'http://localhost', 'content-type': 'application/x-www-form-urlencoded' },
    body: async () => new TextEncoder().encode(new URLSearchParams(fields).toString()),
  };
}

test('a form that was not done keeps what was typed, and names the field at fault', async () => {
  const { ask, id } = await aSite();
  const path = `/incidents/${id}`;
  const why = '"><script>alert(1)</script>';
  const { status, body } = await ask(
    path,
    formOf({ action: 'silence', until: '2020-01-01T00:00:00Z', why, by: 'Ada' }),
  );
  assert.equal(status, 400);
  assert.match(body, /id="silence" data-kept>/);
  assert.match(
    body,
    /<select id="silence-until" name="until" aria-invalid="true" aria-describedby="problem">/,
  );
  assert.match(body, /<option value="2020-01-01T00:00:00Z" selected>/);
  assert.match(body, /id="silence-why"[^>]* value="&quot;&gt;&lt;script&gt;alert/);
  assert.match(body, /id="silence-by"[^>]* value="Ada"/);
  assert.match(body, /role="alert"[^>]*>.*<a href="#silence">Back to the form<\/a>/);
  assert.doesNotMatch(body, /<script>alert/);
  // The other forms have fields of the same names.
  assert.doesNotMatch(body, /id="(?:close|acknowledge)-why"[^>]* value=/);
});

test('a form that met others who write, or a storage that failed, keeps what was typed as well', async () => {
  for (const [code, words] of [
    [412, /It was not done\.<\/strong> Others keep writing at the same time\. Send it again in a moment\./],
    [503, /It may not have been done\.<\/strong> .*Whether this was done is not certain/],
  ] as const) {
    const { ask, id, world } = await aSite();
    world.tables.policies.before = ({ operation }) => {
      if (/transaction|update|create/i.test(operation)) throw refusal(code, 'UpdateConditionNotSatisfied');
    };
    const fields = { action: 'silence', until: '4h', why: 'the vault team works on it', by: 'Ada' };
    const { status, body } = await ask(`/incidents/${id}`, formOf(fields));
    assert.equal(status, 503);
    assert.match(body, words);
    assert.match(body, /id="silence-why"[^>]* value="the vault team works on it"/);
    assert.match(body, /id="silence-by"[^>]* value="Ada"/);
    assert.match(body, /<option value="4h" selected>/);
    assert.match(body, /<a href="#silence">Back to the form<\/a>/);
    world.tables.policies.before = undefined;
    assert.equal((await ask(`/incidents/${id}`, formOf(fields))).status, 303, 'sent again, it is done');
  }
});

test('the sign-in and every page of an error name the deployment, as the other pages do', async () => {
  const visits = [
    ['keys', '/', {}, 401],
    ['entra', '/', {}, 401],
    ['none', '/no-such-page', {}, 404],
    ['none', '/', formOf({ action: 'explode' }), 400],
    ['none', '/', { method: 'PUT' }, 405],
    ['none', '/', {}, 200],
  ] as const;
  for (const [access, path, more, wanted] of visits) {
    const { ports, world } = await aSite(access);
    const named = { ...ports, config: { ...ports.config, deployment: 'contoso <prod>' } };
    const headers = new Headers({ host: 'localhost', ...('headers' in more ? more.headers : {}) });
    const { status, body } = await world.clock.drive(
      servePage(
        {
          method: 'GET',
          body: async () => new Uint8Array(),
          ...more,
          url: `http://localhost${path}`,
          header: (name) => headers.get(name),
        },
        named,
      ),
    );
    assert.equal(status, wanted, `${access} ${path}`);
    assert.match(body, /<title>[^<]* · Lockwatch contoso &lt;prod&gt;<\/title>/, `${access} ${path}`);
    assert.match(body.split('</title>')[1] ?? '', />Lockwatch contoso &lt;prod&gt;</, `${access} ${path}`);
  }
});

test('of two forms of one action, only the refused one keeps its text; a folded one is opened', async () => {
  const { ask, id, world } = await aSite();
  const [stored] = await world.ports.store.listPolicyStates();
  assert.ok(stored);
  const policy = `/policies/${policyKey(stored.policyState.policyId)}`;
  await ask(policy, formOf({ action: 'policySilence', until: '4h', why: 'planned' }));
  const ended = await ask(
    policy,
    formOf({ action: 'policySilence', form: '-end', until: 'never', why: 'over' }),
  );
  assert.equal(ended.status, 400);
  assert.match(ended.body, /id="policySilence-end-why"[^>]* value="over"/);
  assert.doesNotMatch(ended.body, /id="policySilence-why"[^>]* value="over"/);
  const folded = await ask(
    `/incidents/${id}`,
    formOf({ action: 'supportCase', number: 'x'.repeat(65), note: 'called' }),
  );
  assert.equal(folded.status, 400);
  assert.match(folded.body, /<details open><summary>Note a Microsoft Support case/);
  assert.match(folded.body, /id="supportCase-note"[^>]* value="called"/);
});

test('where the form itself is gone, the page repeats what was typed', async () => {
  const { ask, id } = await aSite();
  const path = `/incidents/${id}`;
  await ask(path, formOf({ action: 'close', why: 'a drill' }));
  const { status, body } = await ask(path, formOf({ action: 'acknowledge', why: 'I am <b>on it</b>' }));
  assert.equal(status, 409);
  assert.match(body, /You typed: <q>I am &lt;b&gt;on it&lt;\/b&gt;<\/q>/);
});

test('who may look keeps the navigation on a page of an error; nobody else sees it', async () => {
  const navigation = /<nav aria-label="Pages"><ul><li><a href="\/"[^>]*>Status<\/a>/;
  const { ask, world, id } = await aSite();
  const refused = formOf({ action: 'acknowledge' });
  for (const [path, more, wanted] of [
    ['/no-such-page', {}, 404],
    ['/incidents/no-such', {}, 404],
    [
      `/incidents/${id}`,
      { ...refused, headers: { ...refused.headers, origin: 'https://evil.example' } },
      403,
    ],
    [`/incidents/${id}`, formOf({ action: 'explode' }), 400],
  ] as const) {
    const { status, body } = await ask(path, more);
    assert.equal(status, wanted, path);
    assert.match(body, navigation, `${path} ${wanted}`);
    // An error does not change by itself, and what it says is current.
    assert.doesNotMatch(body, /data-refresh/);
  }
  world.tables.policies.before = () => {
    throw refusal(503, 'ServerBusy');
  };
  const unread = await ask('/');
  assert.equal(unread.status, 503);
  assert.match(unread.body, navigation);
  const signedOut = await aSite('keys');
  for (const path of ['/no-such-page', '/']) assert.doesNotMatch((await signedOut.ask(path)).body, /<nav/);
});

test('a planned silence is confirmed below what it would hide, and a refused one keeps its question', async () => {
  const { ask, world } = await aSite();
  const [stored] = await world.ports.store.listPolicyStates();
  assert.ok(stored);
  const key = policyKey(stored.policyState.policyId);
  const onPolicy = await ask(`/policies/${key}`);
  assert.match(onPolicy.body, new RegExp(`href="/blast-radius\\?policy=${key}#silence"`));
  assert.doesNotMatch(onPolicy.body, /id="policySilence-until"/, 'no silence without its preview');
  const path = `/blast-radius?policy=${key}`;
  const { body } = await ask(path);
  assert.ok(body.indexOf('Which operation takes what down') < body.indexOf('id="policySilence-until"'));
  assert.match(body, new RegExp(`action="/blast-radius\\?policy=${key}" id="policySilence"`));
  const refused = await ask(
    path,
    formOf({ action: 'policySilence', policy: key, until: 'never', why: 'planned' }),
  );
  assert.equal(refused.status, 400);
  assert.match(refused.body, /Which operation takes what down/);
  assert.match(refused.body, /id="policySilence-why"[^>]* value="planned"/);
  const done = await ask(path, formOf({ action: 'policySilence', policy: key, until: '4h', why: 'planned' }));
  assert.deepEqual([done.status, done.headers.location], [303, `${path}&done=policySilence`]);
  const [after] = await world.ports.store.listPolicyStates();
  assert.equal(after?.policyState.silences?.[0]?.why, 'planned');
});
