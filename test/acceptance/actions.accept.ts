import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { findSecrets } from './find-secrets.ts';
import { outputsOf, secretsOf } from './run-outputs.ts';
import { withStack } from './with-stack.ts';

// No event comes, and the sweep only every five minutes: what happens here, a person has asked for over HTTP.
const { stack, lines, seen, droppedLines } = await withStack({
  sweepSeconds: 300,
  simulator: { demoPolicies: true, operationFilters: ['Microsoft.Nobody/'] },
  processes: [['status', 'actions'], ['timer'], ['storageQueue', 'poison']],
});
const POLICY = 'ep-key-disabled';

async function post(path: string, body: object = {}) {
  const response = await fetch(`${stack.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const watched = () =>
  until(`${POLICY} is watched`, 60_000, async () =>
    (await seen.status(POLICY))?.verdict === 'clear' ? true : undefined,
  );

test('a drill reaches the real channels, and leaves nothing that a list shows', async () => {
  await watched();
  const { status, json } = await post('/drill', { by: 'Ann' });
  assert.equal(status, 200);
  assert.equal(json.ok, true, JSON.stringify(json));
  assert.match(JSON.stringify((await seen.teams()).at(-1)?.body), /DRILL/);
  assert.match((await seen.mails()).at(-1)?.subject ?? '', /DRILL/i);
  const drilled = await seen.incident(String(json.incidentId));
  assert.deepEqual([drilled.drill, drilled.state], [true, 'closed']);
  const listed = await fetch(`${stack.url}/api/incidents`);
  assert.deepEqual(((await listed.json()) as { incidents: unknown[] }).incidents, []);
});

test('a check finds the lock, people act on it, and a check finds that it is undone', async () => {
  await watched();
  await seen.scenario('key-disabled', { policy: POLICY });
  const found = await until('the check that finds it', 60_000, async () => {
    const { json } = await post(`/policies/${POLICY}/check`);
    return json.verdict === 'revoked' ? json : undefined;
  });
  const { id } = found.incident as { id: string };
  const acknowledged = await post(`/incidents/${id}/acknowledge`, {
    why: 'I enable the key again',
    by: 'Ann',
  });
  assert.equal(acknowledged.status, 200);
  const lost = await fetch(`${stack.url}/api/incidents/${id}/silence`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([JSON.stringify({ until: '4h', why: 'known' })]).stream(),
    duplex: 'half',
  } as RequestInit);
  assert.equal(lost.status, 400);
  assert.match(await lost.text(), /The body was empty.*Content-Length/);
  assert.deepEqual(acknowledged.json, {
    ...(await seen.incident(id)),
    answeredAt: acknowledged.json.answeredAt,
  });
  await seen.scenario('undo-key-disabled', { policy: POLICY });
  await until('the check that finds it undone', 60_000, async () =>
    (await post(`/policies/${POLICY}/check`)).json.verdict === 'clear' ? true : undefined,
  );
  const closed = await post(`/incidents/${id}/close`, { why: 'the environments are re-enabled tomorrow' });
  assert.equal(closed.json.state, 'closed');
  const { timeline } = closed.json as { timeline: { what: string }[] };
  const whats = timeline.map(({ what }) => what).filter((what) => what !== 'eased' && what !== 'suppressed');
  assert.deepEqual(whats, ['opened', 'acknowledged', 'accessRestored', 'closed']);
});

test('nothing that an action logs comes too late to be kept', async () => {
  const lines = await droppedLines();
  assert.deepEqual(
    lines.filter(({ functionName }) => functionName === 'actions'),
    [],
  );
});

test('no secret is in anything that the run left: log, answers, rows, messages, and what people were sent', async () => {
  const secrets = secretsOf(stack);
  const outputs = await outputsOf(stack, lines);
  for (const name of ['the log', 'the receiver of teams', 'the receiver of mails', 'the table policies'])
    assert.ok((outputs[name] ?? '').length > 1_000, `${name} was hardly read`);
  assert.ok(Object.keys(secrets).length >= 5, 'the secrets are known');
  assert.deepEqual(findSecrets(secrets, outputs), []);
});
