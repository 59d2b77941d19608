import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UNHANDLED_FAULT_EXIT_CODE } from '../../../dev/functions-host/host-error.ts';
import { createQueueOpener } from '../../../dev/functions-host/queue-connection.ts';
import { describeFault, isPassingFault } from '../../../dev/functions-host/storage-fault.ts';
import { startChild } from '../../../dev/stack/child.ts';
import { buildFixture } from './host-app.ts';

const { PATH, NODE_COMPILE_CACHE } = process.env;
const MAIN = join(import.meta.dirname, '../../../dev/functions-host/main.ts');
const cleaning: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleaning) await clean();
});

const connectionTo = (port: number) =>
  `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${Buffer.alloc(32).toString('base64')};QueueEndpoint=http://127.0.0.1:${port}/devstoreaccount1`;

/** Queues that answer everything with this status; gives their port. */
async function queuesThatAnswer(status: number, code: string): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'x-ms-error-code': code }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleaning.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

for (const [status, code] of [
  [401, 'InvalidAuthenticationInfo'],
  [403, 'AuthorizationFailure'],
] as const)
  test(`a host whose queues answer ${status} ends its process, with the exit code of such an end`, async () => {
    const built = await buildFixture('queues');
    cleaning.push(built.remove);
    const port = await queuesThatAnswer(status, code);
    const host = await startChild([MAIN, '--directory', built.directory, '--port', '0'], {
      name: 'The host',
      env: { PATH, NODE_COMPILE_CACHE, FIXTURE_QUEUE: 'work', Fixture: connectionTo(port) },
      ready: (line) => /ready: http/.test(line),
    });
    cleaning.push(() => host.kill());
    if (host.process.exitCode === null)
      await once(host.process, 'exit', { signal: AbortSignal.timeout(120_000) });
    assert.equal(host.process.exitCode, UNHANDLED_FAULT_EXIT_CODE);
    assert.match(
      host.output(),
      new RegExp(
        `error: An unhandled exception has occurred\\. Host is shutting down\\. Queue 'work' can't be read: ${status} ${code}\\.`,
      ),
    );
  });

test('a refused connection is tried six times in about 25 s, and is then no passing fault', async (context) => {
  // Reserved, and nobody listens there; a free one may be taken by a test that runs at the same time.
  const port = 2;
  const queue = await createQueueOpener({ Fixture: connectionTo(port) }).open('Fixture', 'work', 'plain');
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let fault: unknown;
  const asking = queue.exists().catch((error) => {
    fault = error;
  });
  let elapsed = 0;
  while (fault === undefined) {
    // A connection over loopback is refused within a turn or two of the loop.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    context.mock.timers.tick(100);
    elapsed += 100;
    assert.ok(elapsed < 60_000, 'it is tried on');
  }
  await asking;
  assert.ok(elapsed >= 24_000 && elapsed <= 28_000, `${elapsed} ms`);
  assert.equal(describeFault(fault), 'ECONNREFUSED');
  assert.equal(isPassingFault(fault), false);
});

for (const [status, code] of [
  [503, 'ServerBusy'],
  [500, 'InternalError'],
  [409, 'QueueBeingDeleted'],
] as const)
  test(`queues that answer ${status} ${code} keep the host waiting, and do not end it`, async (context) => {
    const port = await queuesThatAnswer(status, code);
    const queue = await createQueueOpener({ Fixture: connectionTo(port) }).open('Fixture', 'work', 'plain');
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let fault: unknown;
    const asking = queue.exists().catch((error) => {
      fault = error;
    });
    while (fault === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      context.mock.timers.tick(100);
    }
    await asking;
    assert.equal(describeFault(fault), `${status} ${code}`);
    assert.equal(isPassingFault(fault), true);
  });
