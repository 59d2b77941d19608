import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servePage } from '../../../shared/api/pages/serve-page.ts';
import type { PagePorts, PageRequest } from '../../../shared/api/pages/show-page.ts';
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
