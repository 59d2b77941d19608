import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

interface Envelope {
  name: string;
  time: string;
  data: {
    baseData: {
      name?: string;
      duration?: string;
      message?: string;
      properties?: Record<string, string>;
      metrics?: { name: string; value: number }[];
    };
  };
}

test('a trace and a measure reach the ingestion endpoint over TLS, signed in by the identity, and nothing else does', async () => {
  const got: { url: string; authorization?: string; envelopes: Envelope[] }[] = [];
  const server = createServer(
    {
      cert: readFileSync(process.env.LOCKWATCH_LOCAL_TEST_CERT ?? assert.fail('no certificate')),
      key: readFileSync(process.env.LOCKWATCH_LOCAL_TEST_KEY ?? assert.fail('no key')),
    },
    async (request, response) => {
      const body = await buffer(request);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const envelopes: Envelope[] = JSON.parse(text.toString());
      got.push({ url: request.url ?? '', authorization: request.headers.authorization, envelopes });
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ itemsReceived: envelopes.length, itemsAccepted: envelopes.length, errors: [] }),
      );
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  try {
    // A process of its own: the exporter registers itself for the whole process.
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'send-one.ts')], {
      env: {
        ...process.env,
        LOCKWATCH_LOCAL_TEST_INGESTION: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://localhost:${address.port}/`,
      },
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const envelopes = got.flatMap((one) => one.envelopes);
  const request = envelopes.find(({ name }) => name.endsWith('Request')) ?? assert.fail('no trace came');
  assert.equal(request.data.baseData.duration, '00:00:05.000');
  assert.equal(request.data.baseData.properties?.incidents, 'abc-1');
  assert.ok(
    envelopes.some(({ data }) => data.baseData.message === 'transition'),
    'its lines come with it',
  );
  const metrics = envelopes.flatMap(({ data }) => data.baseData.metrics ?? []).map(({ name }) => name);
  assert.deepEqual(
    metrics.filter((name) => !name.startsWith('_')),
    ['lockwatch.timeToDetect'],
  );
  assert.ok(got.every(({ url }) => url === '/v2.1/track'));
  assert.ok(got.every(({ authorization }) => authorization === 'Bearer a-token'));
});
