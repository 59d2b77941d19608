import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { deadlineIn } from '../../shared/azure/deadline.ts';
import type { Part } from '../../shared/azure/part.ts';
import { systemClock } from '../../shared/clock.ts';
import type { EnvironmentsFact } from '../../shared/facts/facts.ts';
import { inventoryEnvironments } from '../../shared/facts/inventory.ts';
import { InventoryError, inventoryRows } from '../../shared/facts/inventory-rows.ts';
import { type Answer, armError, fakeAzure } from './fake-azure.ts';
import { POLICY } from './tenant.ts';

const ENV = 'ABCDEF01-0000-0000-0000-00000000000';
const HEAD = 'policyId,environmentId,displayName,sku,region,url';
const BLOB = 'https://acct.blob.core.windows.net/lockwatch/environments.csv';
const credential = {
  getToken: async (scope: string | string[]) => ({ token: `secret-${scope}`, expiresOnTimestamp: 1e15 }),
};

function factOf(part: Part<EnvironmentsFact>): EnvironmentsFact {
  return part.state === 'known' ? part.value : assert.fail(JSON.stringify(part));
}
async function faultsOf(text: string): Promise<string> {
  try {
    await inventoryRows(text);
  } catch (error) {
    assert.ok(error instanceof InventoryError, String(error));
    return error.message;
  }
  return '';
}

describe('the rows of an inventory', () => {
  it('are the same from JSON and from CSV, with comma or semicolon, a byte order mark, quotes and blank lines', async () => {
    const json = JSON.stringify([
      {
        policyId: POLICY,
        environmentId: `${ENV}1`,
        displayName: 'Sales, EMEA',
        sku: 'Production',
        note: 'x',
      },
      {
        policyId: POLICY.toUpperCase(),
        environmentId: `${ENV}2`,
        url: 'https://org.example/',
        region: 'europe',
      },
    ]);
    const lines = [
      HEAD,
      `${POLICY},${ENV}1,"Sales, EMEA",Production,,`,
      '',
      `${POLICY.toUpperCase()}, ${ENV}2 ,,,europe,https://org.example/`,
    ];
    const expected = await inventoryRows(json);
    assert.deepEqual(expected.get(POLICY.toLowerCase()), [
      {
        id: `${ENV}1`.toLowerCase(),
        displayName: 'Sales, EMEA',
        sku: 'Production',
        region: '',
        url: undefined,
      },
      {
        id: `${ENV}2`.toLowerCase(),
        displayName: `${ENV}2`.toLowerCase(),
        sku: 'Unknown',
        region: 'europe',
        url: 'https://org.example/',
      },
    ]);
    const csv = lines.join('\r\n');
    assert.deepEqual(await inventoryRows(csv), expected);
    assert.deepEqual(await inventoryRows(`\uFEFF${csv}`), expected);
    assert.deepEqual(
      await inventoryRows(csv.replaceAll(',', ';').replace('Sales; EMEA', 'Sales, EMEA')),
      expected,
    );
  });

  it('find their columns in any case and order, and may leave out all but two', async () => {
    const rows = await inventoryRows(`owner,ENVIRONMENTID, PolicyId \nme,${ENV}1,${POLICY}\n`);
    assert.equal(rows.get(POLICY.toLowerCase())?.length, 1);
    const standard = await inventoryRows(`environmentId,policyId\nDefault-${ENV}1,${POLICY}`);
    assert.equal(standard.get(POLICY.toLowerCase())?.[0]?.id, `default-${ENV}1`.toLowerCase());
  });

  it('may be none', async () => {
    assert.equal((await inventoryRows('[]')).size, 0);
    assert.equal((await inventoryRows(HEAD)).size, 0);
  });

  it('that are wrong are all named, by row and column', async () => {
    const csv = `${HEAD}\n${POLICY},${ENV}1\nno-policy,${ENV}2\n${POLICY},\n,${ENV}3`;
    const message = await faultsOf(csv);
    assert.match(message, /3 fault\(s\)/);
    assert.match(message, /row 3: policyId is not the ARM id of an enterprise policy/);
    assert.match(message, /row 4: environmentId is missing/);
    assert.match(message, /row 5: policyId is missing/);
    const json = JSON.stringify([{ policyId: POLICY, environmentId: 'x', displayName: 7 }, 42]);
    assert.match(
      await faultsOf(json),
      /item 1: environmentId is not an environment id.*item 1: displayName is not a text.*item 2: policyId is missing/,
    );
  });

  it('can’t put one environment under two policies; the same row twice is one', async () => {
    const twice = `${HEAD}\n${POLICY},${ENV}1\n${POLICY.toUpperCase()},${ENV.toLowerCase()}1`;
    assert.equal((await inventoryRows(twice)).get(POLICY.toLowerCase())?.length, 1);
    assert.match(
      await faultsOf(`${twice}\n${POLICY}2,${ENV}1`),
      /row 4: environmentId stands under another policy/,
    );
  });

  it('need both columns, and JSON needs an array', async () => {
    assert.match(await faultsOf('policyId,name\na,b'), /lacks the column environmentId/);
    assert.match(await faultsOf(''), /lacks the column policyId/);
    assert.match(await faultsOf('{"environments":[]}'), /not an array/);
    assert.match(await faultsOf('[{'), /not valid JSON/);
    assert.match(await faultsOf(`${HEAD}\n"${POLICY},${ENV}1`), /row \d+: a quote is not closed/);
  });

  it('from any text are rows or a fault, never a crash', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string().map((tail) => `${HEAD}\n${tail}`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        await inventoryRows(body).catch((error) => assert.ok(error instanceof InventoryError, String(error)));
      }),
    );
  });

  it('name at most five faults, and count the others', async () => {
    const message = await faultsOf(`${HEAD}\n${'x,y\n'.repeat(100)}`);
    assert.match(message, /200 fault\(s\).*and 195 more/);
    assert.ok(message.length < 700);
  });
});

describe('an inventory', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockwatch-inventory-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function ask(location: string, id = POLICY, answer?: Answer) {
    const azure = fakeAzure(systemClock);
    if (answer) azure.on(new URL(BLOB).pathname, answer);
    const source = inventoryEnvironments({ location, credential, clock: systemClock, httpClient: azure });
    const session = source.begin(deadlineIn(5000, systemClock));
    const [part] = await Promise.all([1, 2].map(() => session.forPolicy(id, Promise.resolve({}))));
    return { part: part ?? assert.fail(), azure };
  }

  it('in a file is as old as the file', async () => {
    const file = join(folder, 'inventory.csv');
    await writeFile(file, `${HEAD}\n${POLICY},${ENV}1`);
    await utimes(file, 1_700_000_000, 1_700_000_000);
    const fact = factOf((await ask(file, POLICY.toUpperCase())).part);
    assert.deepEqual(
      [fact.source, fact.asOf, fact.environments.length],
      ['inventory', '2023-11-14T22:13:20.000Z', 1],
    );
    assert.deepEqual(factOf((await ask(file, `${POLICY}9`)).part).environments, []);
  });

  it('in a file that isn’t there is not configured', async () => {
    const { part } = await ask(join(folder, 'none.json'));
    assert.equal(part.state === 'unknown' && part.reason, 'notConfigured');
    assert.match(JSON.stringify(part), /ENOENT/);
  });

  it('in a blob is read once a pass by the identity, and is as old as its last change', async () => {
    const headers = { 'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT' };
    const { part, azure } = await ask(BLOB, POLICY, { body: `${HEAD}\n${POLICY},${ENV}1`, headers });
    assert.equal(factOf(part).asOf, '2023-11-14T22:13:20.000Z');
    assert.equal(azure.requests.length, 1);
    const sent = azure.requests[0]?.headers;
    assert.equal(sent?.get('authorization'), 'Bearer secret-https://storage.azure.com/.default');
    assert.ok(sent?.get('x-ms-version'));
  });

  it('that can’t be read is unknown, and names the right; its address’s query is never shown', async () => {
    const { part } = await ask(
      `${BLOB}?sig=secret`,
      POLICY,
      armError(403, 'AuthorizationPermissionMismatch'),
    );
    assert.equal(part.state === 'unknown' && part.reason, 'forbidden');
    assert.match(JSON.stringify(part), /Storage Blob Data Reader/);
    assert.doesNotMatch(JSON.stringify(part), /secret/);
  });

  it('with a bad row is unknown as a whole, and says which', async () => {
    const { part } = await ask(BLOB, POLICY, { body: `${HEAD}\n${POLICY},${ENV}1\n${POLICY},x` });
    assert.equal(part.state === 'unknown' && part.reason, 'invalidAnswer');
    assert.match(JSON.stringify(part), /row 3: environmentId/);
  });
});
