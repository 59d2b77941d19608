import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { DEFAULT_OPERATION_FILTERS, passes } from '../../../dev/azure-simulator/events/filters.ts';
import { fakeQueues } from '../functions-host/fake-queues.ts';
import { until } from '../stack/until.ts';
import { atEnd, startTestSimulator } from './harness.ts';

interface Wire {
  id: string;
  topic: string;
  subject: string;
  eventType: string;
  dataVersion: string;
  data: Record<string, unknown>;
}

describe('deliveries into the queue', async () => {
  // Event Grid makes no queue: the deployment does. That Azurite takes the messages, every acceptance test shows.
  const storage = await fakeQueues(['lockwatch-signals']);
  const simulator = await startTestSimulator({ queueEndpoint: storage.endpoint, retryDelaysMs: [50] });
  let received = 0;
  const receive = (): { id: string; event: Wire }[] => {
    const fresh = storage.messages.slice(received);
    const first = received;
    received = storage.messages.length;
    return fresh.map(({ text }, n) => ({
      id: `${first + n + 1}`,
      event: JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as Wire,
    }));
  };

  test('an operation that Resource Manager handles is one base64 message that names its caller', async () => {
    const answer = await simulator.scenario('vault-deleted', { policy: 'ep-sales', actor: 'milo' });
    assert.deepEqual(
      answer.events?.map(({ delivered, operation }) => ({ delivered, operation })),
      [{ delivered: 'queue', operation: 'Microsoft.KeyVault/vaults/delete' }],
    );
    const [message, ...more] = receive();
    assert.deepEqual(more, []);
    assert.equal(message?.id, answer.events?.[0]?.messageId);
    assert.equal(message?.event.eventType, 'Microsoft.Resources.ResourceDeleteSuccess');
    assert.equal(message?.event.topic, `/subscriptions/${simulator.subscriptions[1]}`);
    assert.match(message?.event.subject ?? '', /\/vaults\/kv-contoso-us$/);
    assert.partialDeepStrictEqual(message?.event.data, {
      operationName: 'Microsoft.KeyVault/vaults/delete',
      status: 'Succeeded',
      httpRequest: { clientIpAddress: '198.51.100.42', method: 'DELETE' },
      claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'milo.brandt@contoso.example' },
    });
  });

  test('a silent scenario puts nothing into the queue, and says why', async () => {
    const answer = await simulator.scenario('key-disabled');
    assert.deepEqual(answer.events, []);
    assert.match(String(answer.silent), /data-plane/);
    assert.deepEqual(receive(), []);
  });

  test('a Key Vault event has its data in PascalCase and dates in seconds', async () => {
    const answer = await simulator.scenario('key-expired', { policy: 'ep-people' });
    assert.equal(answer.actor, undefined);
    const [message] = receive();
    assert.equal(message?.event.eventType, 'Microsoft.KeyVault.KeyExpired');
    assert.equal(message?.event.subject, 'cmk-people');
    const { EXP, Version, ...rest } = message?.event.data ?? {};
    assert.ok(Math.abs(Number(EXP) - Date.now() / 1000) < 60);
    assert.match(String(Version), /^[0-9a-f]{32}$/);
    assert.deepEqual(rest, {
      Id: `https://kv-contoso-eu.vault.azure.net/keys/cmk-people/${Version}`,
      VaultName: 'kv-contoso-eu',
      ObjectType: 'Key',
      ObjectName: 'cmk-people',
      NBF: null,
    });
  });

  test('a recovered vault’s own events are not delivered any more: its event subscription is lost', async () => {
    await simulator.scenario('undo-vault-deleted', { policy: 'ep-sales' });
    const answer = await simulator.scenario('near-expiry', { policy: 'ep-sales' });
    assert.equal(answer.events?.[0]?.delivered, 'filtered');
    assert.match(answer.events?.[0]?.reason ?? '', /lost/);
    receive();
  });

  test('an operation outside the filter, or a subscription without a topic, delivers nothing', async () => {
    const legacy = await simulator.scenario('public-access-disabled', { vault: 'kv-legacy' });
    assert.equal(legacy.events?.[0]?.delivered, 'filtered');
    await simulator.scenario('resource-group-deleted', { policy: 'ep-apps' });
    const recovered = await simulator.scenario('undo-resource-group-deleted', { policy: 'ep-apps' });
    assert.deepEqual(
      recovered.events?.map(({ delivered, operation }) => [operation, delivered]),
      [
        ['Microsoft.Resources/subscriptions/resourceGroups/write', 'filtered'],
        ['Microsoft.KeyVault/vaults/write', 'queue'],
      ],
    );
    receive();
  });

  test('what storage does not take is delivered once it is back', async () => {
    await storage.close();
    const answer = await simulator.scenario('network-restricted', { policy: 'ep-finance' });
    assert.equal(answer.events?.[0]?.delivered, 'waiting');
    await storage.open();
    const [found] = await until('the delivery', () => storage.messages.length > received && receive());
    assert.equal(found?.event.id, answer.events?.[0]?.id);
  });
});

describe('pushes to a webhook', () => {
  /** A webhook that echoes validation codes when it is told to, and keeps what it gets. */
  async function webhook(answers: { validates: boolean; status: number }) {
    const got: { headers: IncomingHttpHeaders; events: Wire[] }[] = [];
    const server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const events = JSON.parse(text) as Wire[];
      got.push({ headers: request.headers, events });
      const handshake = request.headers['aeg-event-type'] === 'SubscriptionValidation';
      response.statusCode = handshake ? 200 : answers.status;
      const validationResponse = answers.validates ? events[0]?.data.validationCode : 'no';
      response.end(handshake ? JSON.stringify({ validationResponse }) : '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => server.close());
    return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  }

  test('begins with the handshake, then pushes arrays of one with Event Grid’s headers', async () => {
    const { got, url } = await webhook({ validates: true, status: 202 });
    const simulator = await startTestSimulator({ webhookUrl: url });
    const answer = await simulator.scenario('decoy-vault-changed');
    assert.equal(answer.events?.[0]?.delivered, 'webhook');
    assert.deepEqual(
      got.map(({ headers }) => headers['aeg-event-type']),
      ['SubscriptionValidation', 'Notification'],
    );
    assert.equal(got[1]?.events.length, 1);
    assert.match(got[1]?.events[0]?.subject ?? '', /kv-contoso-web$/);
  });

  test('without the echo nothing is pushed', async () => {
    const { got, url } = await webhook({ validates: false, status: 200 });
    const simulator = await startTestSimulator({ webhookUrl: url });
    const answer = await simulator.scenario('decoy-vault-changed');
    assert.equal(answer.events?.[0]?.delivered, 'waiting');
    assert.ok(got.every(({ headers }) => headers['aeg-event-type'] === 'SubscriptionValidation'));
  });

  test('what is not taken with 200 to 204 is pushed again', async () => {
    const answers = { validates: true, status: 500 };
    const { got, url } = await webhook(answers);
    const simulator = await startTestSimulator({ webhookUrl: url, retryDelaysMs: [20] });
    assert.equal((await simulator.scenario('decoy-vault-changed')).events?.[0]?.delivered, 'waiting');
    answers.status = 200;
    const before = got.length;
    await until('the next push', () => got.length > before);
    assert.equal(got.at(-1)?.headers['aeg-delivery-count'], '1');
  });
});

test('the filter compares without case, and stays within Event Grid’s limit of 25 values', () => {
  assert.ok(DEFAULT_OPERATION_FILTERS.length <= 25);
  assert.ok(passes(DEFAULT_OPERATION_FILTERS, 'MICROSOFT.KEYVAULT/VAULTS/DELETE'));
  assert.ok(!passes(DEFAULT_OPERATION_FILTERS, 'Microsoft.Compute/virtualMachines/write'));
});
