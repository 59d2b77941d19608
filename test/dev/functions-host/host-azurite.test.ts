import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { QueueServiceClient } from '@azure/storage-queue';
import { freePort } from '../../../dev/stack/free-port.ts';
import { type LocalStorage, startStorage } from '../../../dev/stack/storage.ts';
import { localStorageCredential } from '../../../dev/stack/storage-token.ts';
import { testCertificate } from '../azure-simulator/harness.ts';
import { calls, startFixture, until } from './host-app.ts';

// The production path over the wire: TLS, a managed identity's token, the SDK, the embedded storage.

interface Seen {
  message: unknown;
  metadata: Record<string, unknown>;
}

const cleaning: (() => Promise<unknown>)[] = [];
const onCleanup = (clean: () => Promise<void>) => void cleaning.unshift(clean);
let storage: LocalStorage;
let openStorage: () => Promise<LocalStorage>;
let service: QueueServiceClient;

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-azurite-'));
  cleaning.unshift(() => rm(directory, { recursive: true, force: true }));
  const certificate = await testCertificate();
  const ports = { blob: await freePort(), queue: await freePort(), table: await freePort() };
  openStorage = () => startStorage({ certificate, directory, ports });
  storage = await openStorage();
  cleaning.unshift(() => storage.stop());
  service = new QueueServiceClient(storage.queueEndpoint, localStorageCredential());
  const identity = await startIdentity();
  await startFixture('queues', {
    env: {
      IDENTITY_ENDPOINT: identity,
      IDENTITY_HEADER: 'fixture-header',
      Fixture__queueServiceUri: storage.queueEndpoint,
      Fixture__credential: 'managedidentity',
      FIXTURE_QUEUE: 'fixture-work',
    },
    files: {
      'host.json': {
        version: '2.0',
        extensions: {
          queues: {
            messageEncoding: 'none',
            maxPollingInterval: '00:00:00.200',
            visibilityTimeout: '00:00:00',
            maxDequeueCount: 3,
          },
        },
      },
    },
    queueLeaseMs: 2_000,
    onCleanup,
  });
});
after(async () => {
  for (const clean of cleaning) await clean();
});

/** App Service's identity endpoint, api-version 2019-08-01, as far as the SDK asks it. */
async function startIdentity(): Promise<string> {
  const credential = localStorageCredential();
  const server = createServer(async (request, response) => {
    if (request.headers['x-identity-header'] !== 'fixture-header') return response.writeHead(401).end();
    const token = await credential.getToken('https://storage.azure.com/.default');
    const expires_on = Math.floor((token?.expiresOnTimestamp ?? 0) / 1000);
    const resource = 'https://storage.azure.com';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: token?.token, expires_on, resource, token_type: 'Bearer' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleaning.unshift(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/msi/token`;
}

const queue = () => service.getQueueClient('fixture-work');
const seen = (id: string) =>
  calls<Seen>('plain').filter(
    ({ message }) =>
      message === id ||
      (typeof message === 'object' && message !== null && 'id' in message && message.id === id),
  );
/** Messages that are in the queue, seen or hidden. */
const countOf = async (name: string) =>
  (await service.getQueueClient(name).getProperties()).approximateMessagesCount;

test('a message that comes before its queue was known is run and deleted, with its metadata', async () => {
  await queue().create();
  const sent = await queue().sendMessage('hello', { messageTimeToLive: -1 });
  const [call] = await until('the call', () => seen('hello').length > 0 && seen('hello'));
  assert.equal(call?.metadata.id, sent.messageId);
  assert.equal(call?.metadata.dequeueCount, 1);
  assert.equal(call?.metadata.queueTrigger, 'hello');
  assert.equal(new Date(String(call?.metadata.insertionTime)).getTime(), sent.insertedOn.getTime());
  await until('the queue to be empty', async () => (await countOf('fixture-work')) === 0);
});

test('a JSON message comes parsed, and one that fails comes again with a higher count', async () => {
  await queue().sendMessage(JSON.stringify({ id: 'retried', failUntil: 3 }));
  await until('three tries', () => seen('retried').length === 3);
  assert.deepEqual(
    seen('retried').map(({ metadata }) => metadata.dequeueCount),
    [1, 2, 3],
  );
  await until('the queue to be empty', async () => (await countOf('fixture-work')) === 0);
});

test('one that fails each time ends in the poison queue, unchanged', async () => {
  const text = JSON.stringify({ id: 'poisoned', failUntil: 99, text: '<&> "é"\t' });
  await queue().sendMessage(text);
  const poison = service.getQueueClient('fixture-work-poison');
  const [message] = await until('the poison message', async () => {
    if (!(await poison.exists())) return undefined;
    const { peekedMessageItems } = await poison.peekMessages();
    return peekedMessageItems.length > 0 && peekedMessageItems;
  });
  assert.equal(message?.messageText, text);
  assert.equal(seen('poisoned').length, 3);
  await until('the queue to be empty', async () => (await countOf('fixture-work')) === 0);
});

test('one that runs longer than its lease is run once', async () => {
  await queue().sendMessage('slow');
  await until('the call', () => seen('slow').length === 1);
  await until('the queue to be empty', async () => (await countOf('fixture-work')) === 0);
  assert.equal(seen('slow').length, 1);
});

test('storage that goes away and comes back: the host goes on, and no message is lost or poisoned', async () => {
  await queue().sendMessage('before', { visibilityTimeout: 1 });
  await storage.stop();
  await new Promise((resolve) => setTimeout(resolve, 300));
  storage = await openStorage();
  await queue().sendMessage('afterwards');
  await until('both calls', () => seen('before').length === 1 && seen('afterwards').length === 1);
  assert.equal(await countOf('fixture-work-poison'), 1, 'that of the test before');
});
