import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { countOf, withStack } from './with-stack.ts';

// The timer stays out of it: what is read, is read because of a message.
const { stack, queue, seen } = await withStack({
  sweepSeconds: 1800,
  simulator: { demoPolicies: true },
  settings: { LOCKWATCH_PUSH: 'true' },
});
const signals = queue('lockwatch-signals');
const unreadable = queue('lockwatch-unreadable');

interface Status {
  unreadableMessages: number;
  policies: { readAt: string; verdict: string; vaultId: string; incident: unknown }[];
}
const statusOf = async (policy: string) => {
  const { policies } = (await (await fetch(`${stack.url}/api/status?policy=${policy}`)).json()) as Status;
  assert(policies[0], `${policy} is not in the status`);
  return policies[0];
};
const healthy = () =>
  until('ep-key-disabled is clear', 60_000, async () =>
    (await seen.status('ep-key-disabled'))?.verdict === 'clear' ? true : undefined,
  );

function vaultWrite(vaultId: string, id = randomUUID()) {
  return {
    id,
    topic: vaultId.split('/').slice(0, 3).join('/'),
    subject: vaultId,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: new Date().toISOString(),
    dataVersion: '2',
    metadataVersion: '1',
    data: {
      resourceUri: vaultId,
      operationName: 'Microsoft.KeyVault/vaults/write',
      correlationId: randomUUID(),
      claims: {},
      authorization: 'none',
    },
  };
}

test('an event for a watched vault leads to a reading, and not to a verdict', async () => {
  await healthy();
  const before = await statusOf('ep-key-disabled');
  await signals.sendMessage(Buffer.from(JSON.stringify(vaultWrite(before.vaultId))).toString('base64'));
  const after = await until('a later reading', 30_000, async () => {
    const policy = await statusOf('ep-key-disabled');
    return policy.readAt > before.readAt ? policy : undefined;
  });
  assert.equal(after.verdict, 'clear');
  assert.equal(after.incident, null);
});

test('an event for a vault that nobody watches leads to nothing', async () => {
  await healthy();
  const before = await statusOf('ep-key-deleted');
  const foreign = before.vaultId.replace(/[^/]+$/, 'kv-of-somebody-else');
  await signals.sendMessage(Buffer.from(JSON.stringify(vaultWrite(foreign))).toString('base64'));
  // A second message, about a watched vault, tells when the first has been dealt with.
  const other = await statusOf('ep-key-disabled');
  await signals.sendMessage(Buffer.from(JSON.stringify(vaultWrite(other.vaultId))).toString('base64'));
  await until('the next message was read', 30_000, async () =>
    (await statusOf('ep-key-disabled')).readAt > other.readAt ? true : undefined,
  );
  assert.equal((await statusOf('ep-key-deleted')).readAt, before.readAt);
});

test('junk in the queue is acknowledged, counted and kept, and the app goes on', async () => {
  const before = await countOf(unreadable);
  const junk = [
    'not json at all',
    JSON.stringify({ id: 7, eventType: ['x'], data: 'y' }),
    JSON.stringify(Array.from({ length: 5000 }, (_, index) => index)),
    'x'.repeat(60_000),
    JSON.stringify({ lockwatch: { recheck: { signal: 1 } } }),
  ];
  for (const text of junk) await signals.sendMessage(text);
  await until('every junk message was kept', 60_000, async () =>
    (await countOf(unreadable)) >= before + junk.length ? true : undefined,
  );
  assert.equal(await countOf(queue('lockwatch-signals-poison')), 0);
  const status = (await (await fetch(`${stack.url}/api/status`)).json()) as Status;
  assert.equal(status.unreadableMessages, before + junk.length);
  const [kept] = (await unreadable.peekMessages()).peekedMessageItems;
  const item = JSON.parse(Buffer.from(kept?.messageText ?? '', 'base64').toString());
  assert.match(item.sha256, /^[0-9a-f]{64}$/);
  assert(item.bytes > 0 && item.reason.length > 10);
});

test('a pushed event is read like a queued one; pushed junk of 1 MB is kept, and what is not JSON is refused', async () => {
  const hook = `${stack.url}/runtime/webhooks/EventGrid?functionName=eventGrid`;
  const push = (body: string) =>
    fetch(hook, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
      body,
    });
  const before = await statusOf('ep-key-unusable');
  const taken = await push(JSON.stringify([vaultWrite(before.vaultId)]));
  assert(taken.ok, `${taken.status}`);
  await until('a later reading', 30_000, async () =>
    (await statusOf('ep-key-unusable')).readAt > before.readAt ? true : undefined,
  );
  const kept = await countOf(unreadable);
  const wrong = await push(JSON.stringify([{ id: 'x', wrong: 'y'.repeat(1_000_000) }]));
  assert(wrong.ok, `${wrong.status}`);
  await until('the pushed junk was kept', 30_000, async () =>
    (await countOf(unreadable)) > kept ? true : undefined,
  );
  const refused = await push('{"half":');
  assert.equal(refused.status, 500);
});

test('what is asked wrongly gets a problem that names the field and how to correct it', async () => {
  const answer = await fetch(`${stack.url}/api/status?polcy=x`);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.match(
    ((await answer.json()) as { detail: string }).detail,
    /'polcy' is not a filter.*environment, policy, vault/,
  );
  assert.equal((await fetch(`${stack.url}/api/incidents/none`)).status, 404);
});
