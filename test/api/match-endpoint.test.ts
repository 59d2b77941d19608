import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchEndpoint } from '../../shared/api/match-endpoint.ts';
import { ProblemError } from '../../shared/api/problem.ts';
import { ENDPOINTS } from '../../shared/api/register.ts';

const POLICY =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/ep';
const found = (method: string, pathname: string) => {
  const match = matchEndpoint(method, pathname);
  return 'endpoint' in match ? [match.endpoint.id, match.id] : [match.status, ...match.allow];
};

test('every endpoint is found at its own address, in any case, with or without /api and a slash at the end', () => {
  assert.ok(ENDPOINTS.length > 12);
  for (const { id, method, path } of ENDPOINTS)
    for (const spelt of [path, `/api${path}`, `/API${path.toUpperCase()}/`, `${path}//`]) {
      const address = spelt.replace(/\{id\}/i, 'x-1');
      assert.deepEqual(found(method, address), [id, path.includes('{id}') ? 'x-1' : ''], address);
    }
});

test('no two endpoints have the same id, or the same method at the same address', () => {
  const distinct = (keys: string[]) => assert.equal(new Set(keys).size, ENDPOINTS.length);
  distinct(ENDPOINTS.map(({ id }) => id));
  distinct(ENDPOINTS.map(({ method, path }) => `${method} ${path.toLowerCase()}`));
});

test('an ARM id is found encoded, and as a front end decodes it', () => {
  for (const named of [POLICY, encodeURIComponent(POLICY), POLICY.slice(1), POLICY.replaceAll('/', '%2f')]) {
    assert.deepEqual(found('POST', `/api/policies/${named}/check`), ['check', decodeURIComponent(named)]);
    assert.deepEqual(found('POST', `/api/policies/${named}/silence/`), [
      'policySilence',
      decodeURIComponent(named),
    ]);
  }
});

test('an id is decoded once', () => {
  assert.deepEqual(found('GET', '/api/incidents/%2541'), ['incident', '%41']);
  assert.throws(
    () => matchEndpoint('GET', '/api/incidents/%'),
    (error) => error instanceof ProblemError && error.kind === 'bad-request',
  );
});

test('another method at an address is answered with those that it has', () => {
  assert.deepEqual(found('GET', '/api/incidents/x/acknowledge'), [405, 'POST']);
  assert.deepEqual(found('GET', `/api/policies/${POLICY}/check`), [405, 'POST']);
  assert.deepEqual(found('POST', '/api/status'), [405, 'GET']);
  assert.deepEqual(found('DELETE', '/api/incidents/x'), [405, 'GET']);
});

test('what is nothing is nothing', () => {
  for (const path of [
    '',
    '/',
    '/api',
    '/api/',
    '/apistatus',
    '/api/api/status',
    '/statuses',
    '//',
    '/api//status',
  ])
    assert.deepEqual(found('GET', path), [404], path);
  assert.deepEqual(found('POST', '/api/nothing'), [404]);
});

test('an address of a hundred thousand slashes or words takes no longer than another', () => {
  for (const piece of ['/', '/x', '/check', '/policies/'])
    matchEndpoint('POST', `/api/policies${piece.repeat(100_000)}!`);
});
