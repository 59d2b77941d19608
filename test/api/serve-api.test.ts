import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchEndpoint } from '../../shared/api/match-endpoint.ts';
import { PROBLEMS, ProblemError } from '../../shared/api/problem.ts';
import { ENDPOINTS } from '../../shared/api/register.ts';
import { askEndpoint, performAction } from '../../shared/api/serve-api.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import { policyId } from '../pipeline/a-world.ts';
import { get, locked, post, readPortsOf, written } from './actions/post.ts';

const { world, id } = await locked();
const IDS: Record<string, string> = {
  incidents: id,
  policies: policyKey(policyId('p1')),
  vaults: 'kv-eu',
  environments: 'p1-1',
};
const addressOf = (path: string) => path.replace('{id}', IDS[path.split('/')[1] ?? ''] ?? '');
const endpointAt = (method: 'GET' | 'POST', path: string) => {
  const match = matchEndpoint(method, path);
  assert.ok('endpoint' in match, path);
  return match;
};

test('a parameter that an address does not have is refused by name, at every endpoint, and nothing is done', async () => {
  const before = written(world);
  for (const { method, path } of ENDPOINTS) {
    const address = `${addressOf(path)}?untill=4h`;
    const { status, json } = await (method === 'GET' ? get(world, address) : post(world, address, {}));
    assert.deepEqual([status, json.field], [400, 'untill'], address);
    assert.match(json.detail, /'untill' is not/);
  }
  assert.deepEqual(written(world), before);
});

test('a problem has a type that is an address of the documents, and the title of its kind', async () => {
  const problems = [
    await get(world, '/nothing'),
    await get(world, '/incidents/no-such'),
    await get(world, '/drill'),
    await get(world, '/status?vault='),
    await post(world, `/incidents/${id}/close`, 'no JSON'),
    await post(world, `/incidents/${id}/close`, {}, { headers: { 'content-type': 'text/plain' } }),
  ];
  const kinds = problems.map(({ json }) => json.type.replace(/^\/docs#/, ''));
  assert.deepEqual(kinds, [
    'not-found',
    'not-found',
    'wrong-method',
    'bad-request',
    'bad-request',
    'not-json',
  ]);
  for (const [index, { status, headers, json }] of problems.entries()) {
    const kind: { status: number; title: string } = PROBLEMS[kinds[index] as keyof typeof PROBLEMS];
    assert.deepEqual([json.status, json.title, status], [kind.status, kind.title, kind.status]);
    assert.equal(headers['content-type'], 'application/problem+json');
  }
});

test('an address that has only the other method says which, and what is nowhere is told what there is', async () => {
  const asAction = await post(world, '/status');
  assert.deepEqual([asAction.status, asAction.headers.allow], [405, 'GET']);
  assert.match(asAction.json.detail, /ask for it with GET/);
  const asPage = await get(world, `/incidents/${id}/close`);
  assert.deepEqual([asPage.status, asPage.headers.allow], [405, 'POST']);
  for (const [method, { json }] of [
    ['GET', await get(world, '/nothing')],
    ['POST', await post(world, '/nothing')],
  ] as const)
    for (const endpoint of ENDPOINTS)
      assert.equal(
        json.detail
          .split(/[\s,]+/)
          .some((word: string) => word.replace(/\.$/, '') === `/api${endpoint.path}`),
        endpoint.method === method,
        endpoint.path,
      );
});

test('a page gets the data that the address answers as JSON', async () => {
  for (const path of ['/status', '/incidents', `/incidents/${id}`, '/health', '/coverage']) {
    const { endpoint, id: named } = endpointAt('GET', path);
    assert.ok(endpoint.method === 'GET');
    const data = await askEndpoint({ endpoint, id: named }, new URLSearchParams(), readPortsOf(world));
    assert.deepEqual(JSON.parse(JSON.stringify(data)), (await get(world, path)).json, path);
  }
});

test('a form does what the same POST does, and its fault names the field', async () => {
  const { endpoint, id: named } = endpointAt('POST', `/incidents/${id}/silence`);
  assert.ok(endpoint.method === 'POST');
  const actor = { access: 'entra' as const, signedIn: { name: 'ann@contoso.com' } };
  await assert.rejects(
    performAction({ endpoint, id: named }, { until: 'tomorrow', why: 'known' }, actor, world.ports),
    (error) => error instanceof ProblemError && error.kind === 'bad-request' && error.field === 'until',
  );
  await assert.rejects(
    performAction({ endpoint, id: named }, { until: '4h', why: 'known', by: 'Eve' }, actor, world.ports),
    (error) => error instanceof ProblemError && error.field === 'by',
  );
  await world.clock.drive(
    performAction({ endpoint, id: named }, { until: '4h', why: 'known' }, actor, world.ports),
  );
  const { silence } = (await get(world, `/incidents/${id}`)).json;
  assert.deepEqual([silence.why, silence.by], ['known', { name: 'ann@contoso.com' }]);
});
