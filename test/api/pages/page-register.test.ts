import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiAddress, withPageLink } from '../../../shared/api/alternate.ts';
import { matchPage } from '../../../shared/api/pages/match-page.ts';
import { PAGES } from '../../../shared/api/pages/register.ts';
import { ENDPOINTS } from '../../../shared/api/register.ts';

test('every page renders the answer of an endpoint, and its forms ask for actions that there are', () => {
  assert.ok(PAGES.length > 0);
  for (const { path, endpoint, actions } of PAGES) {
    const found = ENDPOINTS.find(({ id, method }) => id === endpoint && method === 'GET');
    assert.ok(found, `${path}: ${endpoint}`);
    for (const action of actions)
      assert.ok(
        ENDPOINTS.some(({ id, method }) => id === action && method === 'POST'),
        `${path}: ${action}`,
      );
  }
});

test('a page and its endpoint have the same address but for /api, so that each leads to the other', () => {
  const answer = { status: 200, headers: {}, body: '' };
  for (const { path, endpoint } of PAGES) {
    const page = `https://lockwatch.example.com${path.replace('{id}', 'a-1')}`;
    const api = `/api${ENDPOINTS.find(({ id }) => id === endpoint)?.path.replace('{id}', 'a-1')}`;
    assert.equal(apiAddress(new URL(page)), api);
    const { link } = withPageLink(answer, new URL(api, page).href).headers;
    assert.equal(link, `<${new URL(page).pathname}>; rel="alternate"; type="text/html"`);
  }
});

test('a page is found in any case, with or without a slash at the end, and /api never is', () => {
  assert.equal(matchPage('/INCIDENTS/')?.page.path, '/incidents');
  assert.equal(matchPage('/incidents/a-1/')?.encodedId, 'a-1');
  for (const path of ['/api', '/api/status', '/API/incidents/a-1', '/status', '/incidentsx', '//'])
    assert.equal(matchPage(path), undefined, path);
});

test('no endpoint that is read is without a page, but the facts for an offline preview', () => {
  const without = ENDPOINTS.filter(
    ({ id, method }) => method === 'GET' && !PAGES.some(({ endpoint }) => endpoint === id),
  );
  assert.deepEqual(
    without.map(({ id }) => id),
    ['facts'],
  );
});
