import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudEventsPreset } from '../../../shared/notices/channels/cloudevents/webhook-cloudevents.ts';
import { createEventGridChannel } from '../../../shared/notices/channels/event-grid/event-grid-topic.ts';
import { aNotice, anEnvironment, anIncident, NOW, SAY } from '../a-notice.ts';
import { aCredential, aServer, never, TOKEN } from '../a-server.ts';

test('the topic gets the same events as a webhook, in one batch, by the app’s identity', async (context) => {
  const { origin, got } = await aServer(context, (_got, response) => response.end(), { tls: true });
  const credential = aCredential();
  const notice = aNotice('opened', [anIncident('ep-a'), anIncident('ep-b')]);
  const result = await createEventGridChannel({
    endpoint: `${origin}/api/events`,
    credential,
    say: SAY,
  }).send(notice, never());
  assert.equal(result.outcome, 'sent', result.detail);
  assert.match(result.detail, /^2 published to localhost/);
  assert.equal(got.length, 1);
  const [request] = got;
  assert.match(request?.path ?? '', /^\/api\/events\?api-version=/);
  assert.match(request?.headers['content-type'] ?? '', /^application\/cloudevents-batch\+json/);
  assert.equal(request?.headers.authorization, `Bearer ${TOKEN}`);
  assert.deepEqual(credential.scopes, ['https://eventgrid.azure.net/.default']);
  const wanted = cloudEventsPreset({ say: SAY })
    .parts(notice)
    .map(({ body }) => JSON.parse(body));
  const sent: Record<string, unknown>[] = JSON.parse(request?.body ?? '');
  for (const [index, event] of wanted.entries()) {
    const { traceparent: _trace, tracestate: _state, ...rest } = sent[index] ?? {};
    assert.deepEqual(rest, event);
  }
  assert.equal(sent[0]?.time, NOW);
});

test('a refused token is replaced by another one, once', async (context) => {
  const { origin, got } = await aServer(
    context,
    ({ headers }, response) => {
      response.statusCode = headers.authorization === 'Bearer another' ? 200 : 401;
      response.end();
    },
    { tls: true },
  );
  const another = { token: 'another', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  const credential = { ...aCredential(), replace: async () => another };
  const result = await createEventGridChannel({
    endpoint: `${origin}/api/events`,
    credential,
    say: SAY,
  }).send(aNotice('opened', [anIncident('ep-a')]), never());
  assert.equal(result.outcome, 'sent', result.detail);
  assert.deepEqual(
    got.map(({ headers }) => headers.authorization),
    [`Bearer ${TOKEN}`, 'Bearer another'],
  );
});

test('many large incidents are several batches, each below 1 MB', async (context) => {
  const { origin, got } = await aServer(context, (_got, response) => response.end(), { tls: true });
  const many = Array.from({ length: 300 }, (_, n) => anEnvironment(n, { displayName: '😀'.repeat(100) }));
  const incidents = Array.from({ length: 20 }, (_, n) => anIncident(`ep-${n}`, {}, many));
  const result = await createEventGridChannel({
    endpoint: `${origin}/api/events`,
    credential: aCredential(),
    say: SAY,
  }).send(aNotice('opened', incidents), never());
  assert.equal(result.outcome, 'sent', result.detail);
  assert(got.length > 1);
  for (const { body } of got) assert(Buffer.byteLength(body) < 1_000_000);
  const events: { id: string }[] = got.flatMap(({ body }) => JSON.parse(body));
  assert.equal(new Set(events.map(({ id }) => id)).size, 20);
});
