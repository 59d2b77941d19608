import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { openApiDocument } from '../../shared/api/openapi.ts';
import { PROBLEMS } from '../../shared/api/problem.ts';
import { ENDPOINTS } from '../../shared/api/register.ts';
import { answer } from '../../shared/api/serve-api.ts';
import { policyId } from '../pipeline/a-world.ts';
import { get, locked, post, readPortsOf } from './actions/post.ts';
import { checkOf, undescribed } from './described.ts';

const document = openApiDocument(ENDPOINTS);

/** The objects of OpenAPI 3.1 that this document uses, each with every field that it may have here. */
const REFERENCE = z.strictObject({ $ref: z.string().regex(/^#\/components\/\w+\/[\w.-]+$/) });
const CONTENT = z.record(
  z.string().regex(/^application\/(problem\+)?json$/),
  z.strictObject({ schema: z.object({}).loose() }),
);
const RESPONSE = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), z.strictObject({ schema: z.object({}).loose() })).optional(),
  content: CONTENT.optional(),
});
const OPERATION = z.strictObject({
  operationId: z.string().regex(/^\w+$/),
  summary: z.string().min(1),
  description: z.string().min(1).optional(),
  'x-access': z.enum(['read', 'write', 'operatorRead']),
  parameters: z.array(
    z.union([
      z.strictObject({
        name: z.string(),
        in: z.literal('path'),
        required: z.literal(true),
        description: z.string(),
        schema: z.object({}).loose(),
      }),
      z.strictObject({
        name: z.string(),
        in: z.literal('query'),
        required: z.boolean(),
        description: z.string().optional(),
        schema: z.object({}).loose(),
      }),
    ]),
  ),
  requestBody: z.strictObject({ content: CONTENT }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.union([REFERENCE, RESPONSE])),
});
const DOCUMENT = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post']), OPERATION)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.object({}).loose()),
    responses: z.record(z.string().regex(/^[\w.-]+$/), RESPONSE),
    securitySchemes: z.record(z.string(), z.object({ type: z.enum(['apiKey', 'http']) }).loose()),
  }),
  'x-problems': z.array(z.object({}).loose()),
});

test('the document has the shape of OpenAPI 3.1, and names every endpoint', () => {
  const parsed = DOCUMENT.safeParse(JSON.parse(JSON.stringify(document)));
  assert.equal(parsed.error?.message, undefined);
  const named = Object.entries(document.paths).flatMap(([path, those]) =>
    Object.entries(those).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
  );
  assert.deepEqual(
    named.sort(),
    ENDPOINTS.map(({ id, method, path }) => `${id} ${method.toLowerCase()} ${path}`).sort(),
  );
});

test('every reference leads somewhere, and every schema is one of JSON Schema 2020-12', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
  assert.ok(references.length > 50);
  for (const reference of new Set(references)) {
    const [, , group = '', name = ''] = reference.split('/');
    assert.ok(name in (document.components[group as 'schemas'] ?? {}), reference);
  }
  for (const schema of Object.values(document.components.schemas)) checkOf(schema as object);
  assert.ok(!text.includes('"pattern"'), 'times are given by their format');
});

test('the published document lets answers get more fields, and requests have no others', () => {
  const closed = (schema: object) => JSON.stringify(schema).includes('"additionalProperties":false');
  assert.ok(!closed(document.components));
  for (const those of Object.values(document.paths))
    for (const { operationId, requestBody, responses } of Object.values(those)) {
      assert.ok(!closed(responses), operationId);
      assert.equal(requestBody === undefined || closed(requestBody), true, operationId);
    }
});

test('an answer with a field that is not described is found, and so is one without a field that is', async () => {
  const { world, id } = await locked();
  const { body } = await get(world, `/incidents/${id}`);
  const seen = {
    method: 'GET',
    pathname: `/api/incidents/${id}`,
    status: 200,
    contentType: 'application/json',
  };
  assert.deepEqual(undescribed({ ...seen, body }), []);
  assert.match(
    undescribed({ ...seen, body: body.replace('{', '{"more":1,') })[0] ?? '',
    /additional properties/,
  );
  assert.match(undescribed({ ...seen, body: body.replace('"causes"', '"grounds"') })[0] ?? '', /causes/);
  assert.match(
    undescribed({ ...seen, body: body.replace('"revoked"', '"gone"') })[0] ?? '',
    /allowed values/,
  );
  const problem = { type: '/docs#too-long', status: 413, title: 'Too long', detail: 'x' };
  assert.match(
    undescribed({
      ...seen,
      status: 413,
      contentType: 'application/problem+json',
      body: JSON.stringify(problem),
    })[0] ?? '',
    /does not list/,
  );
});

test('the document is answered at its address, with the help for every kind of problem', async () => {
  const { world } = await locked();
  const { status, json, headers } = await get(world, '/openapi.json');
  assert.equal(status, 200);
  assert.deepEqual(json.paths['/status'].get.operationId, 'status');
  assert.deepEqual(
    json['x-problems'].map(({ kind }: { kind: string }) => kind),
    Object.keys(PROBLEMS),
  );
  assert.ok(headers.etag);
});

test('every answer says where the API is described, explained and watched', async () => {
  const { world } = await locked();
  const known = (await get(world, '/status')).headers.etag ?? null;
  const unchanged = await answer(
    { url: 'https://lockwatch.example.com/api/status', ifNoneMatch: known },
    readPortsOf(world),
  );
  assert.equal(unchanged.status, 304);
  for (const { headers } of [
    unchanged,
    await get(world, '/status'),
    await get(world, '/nothing'),
    await post(world, '/drill'),
    await post(world, '/nothing'),
  ]) {
    assert.match(headers.link ?? '', /<\/api\/openapi\.json>; rel="service-desc"/);
    assert.match(headers.link ?? '', /<\/docs>; rel="service-doc"/);
    assert.match(headers.link ?? '', /<\/api\/health>; rel="status"/);
  }
});

test('many policies and states are answered as described', async () => {
  const { world } = await locked(['p1', 'p2', 'p3']);
  assert.equal((await get(world, `/status?policy=${policyId('p1')}`)).status, 200);
  for (const path of ['/status', '/coverage', '/health', '/incidents']) await get(world, path);
  await post(world, '/vaults/kv-eu/silence', { until: '4h', why: 'known' });
  await post(world, '/policies/p2/check');
});
