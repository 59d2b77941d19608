import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAuditBatch } from '../../../shared/signals/audit-records.ts';
import { until } from '../stack/until.ts';
import { atEnd, mainIds, startTestSimulator } from './harness.ts';

interface Message {
  at: number;
  records: Record<string, unknown>[];
}

/** Stands where the local host takes an event hub's messages; `answers`: statuses of the next requests, else 202. */
async function startHub(answers: number[] = []) {
  const messages: Message[] = [];
  const refused: Message[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const events = JSON.parse(text) as { body: { records: Record<string, unknown>[] } }[];
    const status = answers.shift() ?? 202;
    for (const { body } of events)
      (status === 202 ? messages : refused).push({ at: Date.now(), records: body.records });
    response.writeHead(status).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/local/event-hubs/auditLog`, messages, refused };
}

describe('the audit log of a vault', async () => {
  const hub = await startHub();
  const simulator = await startTestSimulator({ auditUrl: hub.url, auditDelayMs: 80 });
  const operations = () => hub.messages.flatMap(({ records }) => records.map((one) => one.operationName));

  test('arrives late, in the form that the product reads', async () => {
    const actedAt = Date.now();
    await simulator.scenario('key-disabled', { policy: 'ep-finance', actor: 'milo' });
    const message = await until('the record', () => hub.messages[0]);
    assert.ok(message.at - actedAt >= 75, `after ${message.at - actedAt} ms`);
    const { signals, unreadable } = readAuditBatch([{ records: message.records }], new Date().toISOString());
    assert.deepEqual(unreadable, []);
    const [signal] = signals;
    assert.equal(signal?.scope, mainIds(simulator).vault.toLowerCase());
    assert.equal(signal?.keyName, 'cmk-finance');
    assert.equal(signal?.assertion?.what, 'keyDisabled');
    assert.equal(signal?.actor?.name, 'milo.brandt@contoso.example');
  });

  test('shows a key that was refused to the policy’s own identity, and its use where it was not', async () => {
    await simulator.scenario('use-key', { policy: 'ep-finance' });
    await simulator.scenario('use-key', { policy: 'ep-people' });
    await until(
      'both uses of the key',
      () => operations().filter((name) => name === 'KeyUnwrap').length === 2,
    );
    const records = hub.messages.flatMap((message) => message.records);
    const { signals } = readAuditBatch([{ records }], new Date().toISOString());
    const refused = signals.filter(({ type }) => type === 'KeyUnwrap');
    assert.deepEqual(
      refused.map(({ outcome, keyName }) => `${outcome} ${keyName}`),
      ['failure cmk-finance'],
    );
    assert.equal(refused[0]?.actor?.kind, 'application');
  });

  test('goes nowhere while its diagnostic setting is gone, and is kept for GET /audit', async () => {
    const off = await simulator.scenario('audit-log-off', { vault: 'kv-contoso-us' });
    assert.equal(off.events?.[0]?.operation, 'Microsoft.Insights/diagnosticSettings/delete');
    const before = operations().length;
    await simulator.scenario('key-disabled', { policy: 'ep-sales' });
    await sleep(150);
    assert.equal(operations().length, before);
    const kept = (await (await fetch(`${simulator.control}/audit`)).json()) as { records: unknown[] };
    assert.match(JSON.stringify(kept.records.at(-1)), /cmk-sales/);
    await simulator.scenario('audit-log-on', { vault: 'kv-contoso-us' });
    await simulator.scenario('undo-key-disabled', { policy: 'ep-sales' });
    await until('the next record', () => operations().length > before);
  });
});

test('a message that is not taken is tried again until it is', async () => {
  const hub = await startHub([500, 404]);
  const simulator = await startTestSimulator({ auditUrl: hub.url, auditDelayMs: 0, retryDelaysMs: [10] });
  await simulator.scenario('key-deleted', { policy: 'ep-finance' });
  const message = await until('the record', () => hub.messages[0]);
  assert.equal(message.records[0]?.operationName, 'KeyDelete');
  assert.equal(hub.refused.length, 2);
});
