import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { until } from '../../dev/demo/observe.ts';
import { withStack } from './with-stack.ts';

interface Envelope {
  name: string;
  tags: Record<string, string>;
  data: {
    baseData: {
      name?: string;
      message?: string;
      properties?: Record<string, string>;
      metrics?: { name: string; value: number }[];
    };
  };
}

const got: Envelope[] = [];
const ingestion = createServer(
  {
    cert: readFileSync(process.env.LOCKWATCH_LOCAL_TEST_CERT ?? assert.fail('no certificate')),
    key: readFileSync(process.env.LOCKWATCH_LOCAL_TEST_KEY ?? assert.fail('no key')),
  },
  async (request, response) => {
    const body = await buffer(request);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const envelopes: Envelope[] = JSON.parse(text.toString());
    got.push(...envelopes);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ itemsReceived: envelopes.length, itemsAccepted: envelopes.length, errors: [] }),
    );
  },
);
await new Promise<void>((resolve) => ingestion.listen(0, '127.0.0.1', resolve));
after(() => {
  ingestion.close();
  ingestion.closeAllConnections();
});
const address = ingestion.address();
assert.ok(address && typeof address === 'object');

const { seen } = await withStack({
  sweepSeconds: 5,
  simulator: { demoPolicies: true },
  settings: {
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://localhost:${address.port}/`,
  },
});

test('the built app sends a trace of the signal that opened an incident, from receipt to delivery, with its id', async () => {
  await until('ep-vault-deleted is clear', 60_000, async () =>
    (await seen.status('ep-vault-deleted'))?.verdict === 'clear' ? true : undefined,
  );
  await seen.scenario('vault-deleted', { policy: 'ep-vault-deleted' });
  const id = await until(
    'an incident',
    30_000,
    async () => (await seen.status('ep-vault-deleted'))?.incident?.id,
  );
  const trace = await until('its trace', 60_000, async () =>
    got.find(
      ({ name, data }) => name.endsWith('Request') && data.baseData.properties?.incidents?.includes(id),
    ),
  );
  const operation = trace.tags['ai.operation.id'];
  const lines = got
    .filter(({ tags }) => tags['ai.operation.id'] === operation)
    .map(({ data }) => data.baseData.message);
  for (const line of ['transition', 'notice-sent'])
    assert.ok(lines.includes(line), `${line} is not in the trace: ${lines.join(' ')}`);
});

test('its measures come too: what was read, how soon people were notified, and how old the sweep was', async () => {
  await until('the measures', 90_000, async () => {
    const names = new Set(got.flatMap(({ data }) => data.baseData.metrics ?? []).map(({ name }) => name));
    return ['lockwatch.reads', 'lockwatch.timeToNotify', 'lockwatch.sweepAge'].every((name) =>
      names.has(name),
    )
      ? true
      : undefined;
  });
});

test('nothing secret is in what is sent', () => {
  const all = JSON.stringify(got);
  for (const secret of [/sig=/i, /password/i, /Bearer /, /AccountKey/i]) assert.doesNotMatch(all, secret);
});
