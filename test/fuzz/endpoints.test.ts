import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Access } from '../../shared/api/access/admit.ts';
import { principalHeader } from '../api/access/principal-header.ts';
import { policyId } from '../pipeline/a-world.ts';
import { VAULT_ID } from '../triggers/a-reading.ts';
import { ADDRESSES, type Asked, ask } from './ask.ts';
import { isPlainPrototypes } from './hold.ts';
import { garbled, jsonOf, mutated, oddText, PLANTED } from './mutate.ts';
import { runs } from './runs.ts';
import { storedRows, worldOver } from './stored-world.ts';

/** Calls of a table for one request: each row kind is read once, and an action writes a handful of rows. */
const MAX_TABLE_CALLS = 200;
/** The state of this small tenant is a few KB; the longest answer is the OpenAPI document, which has every endpoint. */
const MAX_BODY = 120_000;

const { id, endedId, ...rows } = await storedRows();
const NAMES: Readonly<Record<string, readonly string[]>> = {
  incidents: [id, endedId, 'no-such-incident'],
  policies: ['p1', 'p9', policyId('p2'), encodeURIComponent(policyId('p1'))],
  vaults: ['kv-eu', encodeURIComponent(VAULT_ID)],
};

const placed = (path: string): fc.Arbitrary<string> =>
  idLike(NAMES[path.split('/')[1] ?? ''] ?? ['x']).map((put) => path.replace('{id}', () => put));
const idLike = (known: readonly string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: oddText.map((text) => encodeURIComponent(text.toWellFormed())) },
    { weight: 1, arbitrary: oddText },
  );
const BODIES = [
  { why: 'we move the vault' },
  { until: '4h', why: 'rotation' },
  { until: 'now', why: 'over' },
  { from: '2d', until: '3d', why: 'planned' },
  { number: '2603010040001', note: 'asked' },
  { by: 'Ann' },
  {},
];
const text = oddText.map((one) => one.replace(/[^\x20-\x7e\u00a1-\u00ff]/g, '').slice(0, 300));
const headers = fc
  .record({
    type: fc.constantFrom('application/json', 'application/json;charset=utf-8', 'text/plain', ''),
    principal: fc.oneof(
      fc.constantFrom(
        '',
        ...['Lockwatch.Operator', 'Lockwatch.Reader', 'Owner'].map((role) =>
          principalHeader({ roles: [role], name: 'ann' }),
        ),
      ),
      mutated([
        JSON.parse(Buffer.from(principalHeader({ roles: ['Lockwatch.Operator'] }), 'base64').toString()),
      ]).map((one) => Buffer.from(jsonOf(one)).toString('base64')),
    ),
    more: fc.dictionary(
      fc.constantFrom(
        'if-match',
        'if-none-match',
        'origin',
        'host',
        'sec-fetch-site',
        'x-lockwatch-by',
        'transfer-encoding',
      ),
      fc.oneof(
        fc.constantFrom('*', '"abc"', 'W/"x"', 'same-origin', 'https://localhost', 'localhost', 'chunked'),
        text,
      ),
      { maxKeys: 3 },
    ),
  })
  .map(({ type, principal, more }) => ({
    ...more,
    ...(type === '' ? {} : { 'content-type': type }),
    ...(principal === '' ? {} : { 'x-ms-client-principal': principal }),
    // What a caller proves who they are with; none of it is for an answer.
    'x-functions-key': PLANTED,
    authorization: `Bearer ${PLANTED}`,
    cookie: `AppServiceAuthSession=${PLANTED}`,
  }));
const query = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    'policy=p1',
    'state=open',
    'trigger=key-disabled',
    'channel=teams',
    'after=x',
    `code=${PLANTED}`,
    `CODE=${PLANTED}`,
  ),
  oddText.map((one) => `policy=${encodeURIComponent(one.toWellFormed())}&code=${PLANTED}`),
  oddText,
);

function requests({ method, path }: (typeof ADDRESSES)[number]): fc.Arbitrary<Asked> {
  return fc
    .record({
      path: fc.oneof({ weight: 6, arbitrary: placed(path) }, { weight: 1, arbitrary: garbled(placed(path)) }),
      query,
      headers,
      body: fc.oneof(
        fc.constant(''),
        mutated(BODIES).map(jsonOf),
        garbled(mutated(BODIES).map(jsonOf)),
        fc.constant(`{"why":"${'x'.repeat(20_000)}"}`),
      ),
    })
    .map(({ path, query, headers, body }) => ({
      method,
      url: urlOf(path, query),
      headers,
      body: Buffer.from(method === 'GET' ? '' : body),
    }));
}

/** As the host builds it: what no URL can hold does not reach the app. */
function urlOf(path: string, query: string): string {
  const url = URL.parse(`https://localhost/api${path.replace(/[?#]/g, '')}?${query.replaceAll('#', '')}`);
  return url?.origin === 'https://localhost' ? url.href : 'https://localhost/api/status';
}

async function isAnsweredWell(access: Access, asked: Asked): Promise<void> {
  const world = await worldOver(rows);
  let calls = 0;
  for (const table of Object.values(world.tables))
    table.before = () => {
      calls += 1;
    };
  const { status, headers, body } = await ask(world, access, asked);
  assert.ok(status >= 200 && status < 500, `${status} ${body}`);
  assert.ok(calls <= MAX_TABLE_CALLS, `${calls} calls of the tables`);
  assert.ok(body.length <= MAX_BODY, `${body.length} characters`);
  if (status !== 304) assert.equal(typeof JSON.parse(body), 'object');
  assert.match(headers['content-type'] ?? '', /^application\/(?:problem\+)?json/);
  for (const value of Object.values(headers)) assert.match(value, /^[\x20-\x7e]*$/);
  assert.ok(!(body + JSON.stringify(headers)).includes(PLANTED), 'a key of the request came back');
  isPlainPrototypes();
}

describe('whatever is asked', () => {
  for (const address of ADDRESSES) {
    const name = `${address.method} ${address.path}`;
    it(`${name} is answered with JSON, below 500, without a key of the request`, async () => {
      const { skip, ...parameters } = runs(name);
      if (skip) return;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom<Access>('keys', 'entra', 'none'), requests(address), isAnsweredWell),
        parameters as fc.Parameters<[Access, Asked]>,
      );
    });
  }

  it('a command to copy holds no quote of the address, neither of its path nor of its host', async () => {
    const world = await worldOver(rows);
    for (const url of ["https://localhost/api/drill';id;'", "https://local';id;'host/api/drill"]) {
      const { body } = await ask(world, 'none', { method: 'GET', url, headers: {}, body: new Uint8Array() });
      const [, command] = /curl -X POST '([^ ]*)' -H/.exec(JSON.parse(body).detail) ?? [];
      assert.ok(command === undefined || !command.includes("'"), command);
    }
  });
});
