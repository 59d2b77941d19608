import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RegisteredFunction } from '../../../dev/functions-host/function-app.ts';
import type { QueueOptions } from '../../../dev/functions-host/host-json.ts';
import type { InvocationInput } from '../../../dev/functions-host/invoke.ts';
import type { LogEntry } from '../../../dev/functions-host/log.ts';
import { listenToQueue } from '../../../dev/functions-host/queue-listener.ts';
import { processMessage, type QueueTask } from '../../../dev/functions-host/queue-message.ts';
import { until } from './host-app.ts';
import { type FakeQueue, fakeQueue } from './host-fake-queue.ts';

const OPTIONS: QueueOptions = {
  messageEncoding: 'none',
  batchSize: 16,
  newBatchThreshold: 8,
  maxPollingIntervalMs: 100,
  visibilityTimeoutMs: 30_000,
  maxDequeueCount: 3,
};

function setUp(options: Partial<QueueOptions> = {}, handler: (input: InvocationInput) => unknown = () => {}) {
  const queue = fakeQueue();
  const poison = fakeQueue('work-poison');
  const inputs: InvocationInput[] = [];
  const logged: LogEntry[] = [];
  const unhandled: string[] = [];
  const fn: RegisteredFunction = {
    name: 'worker',
    id: 'worker',
    metadata: { name: 'worker', bindings: {} },
    callback: () => {},
    triggerType: 'queuetrigger',
    triggerName: 'queue',
    trigger: { type: 'queueTrigger' },
  };
  const task: QueueTask = {
    fn,
    queue,
    poison,
    options: { ...OPTIONS, ...options },
    leaseMs: 600_000,
    async invoke(_fn, input) {
      inputs.push(input);
      await handler(input);
      return {};
    },
    onUnhandled: (fault) => unhandled.push(fault),
    log: (entry) => logged.push(entry),
  };
  return { task, queue, poison, inputs, logged, unhandled };
}

/** Receives what is visible and takes it through the function. */
async function processNext(task: QueueTask, queue: FakeQueue): Promise<void> {
  for (const message of await queue.receive(32, task.leaseMs / 1000)) await processMessage(task, message);
}

const failing = () => {
  throw new Error('the function fails');
};

/** What the SDK throws; the message holds what must not be shown. */
const fault = (statusCode: number | undefined, code: string, name = 'RestError') =>
  Object.assign(new Error('https://secret.example/?sig=abc failed'), {
    name,
    code,
    ...(statusCode ? { statusCode } : {}),
  });

describe('a message', () => {
  test('is deleted when its function succeeds', async () => {
    const { task, queue, inputs } = setUp();
    queue.put('{"a":1}');
    await processNext(task, queue);
    assert.deepEqual(inputs[0]?.data, { string: '{"a":1}' });
    assert.equal(queue.messages.length, 0);
  });

  test('comes back after visibilityTimeout when its function fails', async () => {
    const { task, queue, poison } = setUp({}, failing);
    queue.put('x');
    await processNext(task, queue);
    assert.deepEqual(queue.calls.slice(-1), ['hide m1 30']);
    assert.equal(queue.messages.length, 1);
    assert.equal(poison.messages.length, 0);
  });

  test('goes to the poison queue, made when it is missing, when the last try fails', async () => {
    const { task, queue, poison } = setUp({}, failing);
    poison.isThere = false;
    queue.put('the text', 2);
    await processNext(task, queue);
    assert.deepEqual(
      poison.messages.map(({ messageText }) => messageText),
      ['the text'],
    );
    assert.equal(queue.messages.length, 0);
  });

  test('that was taken more often than allowed is poisoned without a call', async () => {
    const { task, queue, poison, inputs } = setUp();
    queue.put('crashed the host each time', 3);
    await processNext(task, queue);
    assert.equal(inputs.length, 0);
    assert.equal(poison.messages.length, 1);
    assert.equal(queue.messages.length, 0);
  });

  test('is kept when the poison queue refuses it', async () => {
    const { task, queue, poison } = setUp({}, failing);
    poison.fault = fault(503, 'ServerBusy');
    queue.put('x', 2);
    await processNext(task, queue);
    assert.equal(queue.messages.length, 1);
  });

  test('of a poison queue stays hidden after a failure, however often', async () => {
    const { task, queue } = setUp({}, failing);
    task.poison = undefined;
    queue.put('x', 9);
    await processNext(task, queue);
    assert.deepEqual(queue.calls, ['receive 32']);
    assert.equal(queue.messages.length, 1);
  });

  test('is decoded from base64 when host.json says so, and poisoned as it is when it is not base64', async () => {
    const { task, queue, poison, inputs } = setUp({ messageEncoding: 'base64' });
    queue.put(Buffer.from('héllo').toString('base64'));
    queue.put('{"not":"base64"}');
    await processNext(task, queue);
    assert.deepEqual(
      inputs.map(({ data }) => data),
      [{ string: 'héllo' }],
    );
    assert.deepEqual(
      poison.messages.map(({ messageText }) => messageText),
      ['{"not":"base64"}'],
    );
    assert.equal(queue.messages.length, 0);
  });

  test('is never base64 to a host that has messageEncoding none', async () => {
    const { task, queue, inputs } = setUp();
    queue.put('aGVsbG8=');
    await processNext(task, queue);
    assert.deepEqual(inputs[0]?.data, { string: 'aGVsbG8=' });
  });

  test('comes as bytes to a binding of data type binary', async () => {
    const { task, queue, inputs } = setUp();
    task.fn.trigger.dataType = 'binary';
    queue.put('abc');
    await processNext(task, queue);
    assert.deepEqual(inputs[0]?.data, { bytes: Buffer.from('abc') });
  });

  test('tells its metadata, hidden by the properties of a JSON body with the same name', async () => {
    const { task, queue, inputs } = setUp();
    queue.put('plain');
    queue.put(
      JSON.stringify({ id: 'event-id', subject: 's', ok: true, list: [1], none: null, deep: { a: 1 } }),
    );
    await processNext(task, queue);
    const [plain, event] = inputs.map(({ triggerMetadata }) => triggerMetadata);
    assert.deepEqual(plain?.Id, { string: 'm1' });
    assert.deepEqual(plain?.DequeueCount, { json: '1' });
    assert.deepEqual(plain?.QueueTrigger, { string: 'plain' });
    assert.deepEqual(plain?.InsertionTime, { json: '"2026-01-01T00:00:00.000Z"' });
    assert.deepEqual(plain?.ExpirationTime, { json: '"2026-01-08T00:00:00.000Z"' });
    assert.deepEqual(plain?.NextVisibleTime, { json: '"2026-01-01T00:10:00.000Z"' });
    assert.ok(plain?.PopReceipt?.string?.startsWith('receipt-'));
    assert.deepEqual(event?.Id, { string: 'event-id' });
    assert.deepEqual(event?.subject, { string: 's' });
    assert.deepEqual(event?.ok, { string: 'True' });
    assert.deepEqual(event?.deep, { json: '{"a":1}' });
    assert.equal(event?.list, undefined);
    assert.equal(event?.none, undefined);
  });
});

describe('a lease', () => {
  test('is renewed while the function runs, and the message deleted with the receipt of the renewal', async () => {
    const renewals = () => queue.calls.filter((call) => call === 'hide m1 0.1').length;
    const { task, queue } = setUp({}, () => until('two renewals', () => renewals() >= 2));
    task.leaseMs = 100;
    queue.put('long');
    await processNext(task, queue);
    assert.match(queue.calls.at(-1) ?? '', /^delete m1$/);
    assert.equal(queue.messages.length, 0);
  });

  test('that can not be renewed ends the process, also with 5xx', async () => {
    for (const refusal of [
      fault(503, 'ServerBusy'),
      fault(403, 'AuthorizationFailure'),
      fault(undefined, 'ECONNREFUSED'),
    ]) {
      let finish = () => {};
      const { task, queue, unhandled } = setUp({}, () => {
        queue.fault = refusal;
        return new Promise<void>((resolve) => (finish = resolve));
      });
      task.leaseMs = 20;
      queue.put('long');
      const processed = processNext(task, queue);
      await until('the fault', () => unhandled.length === 1);
      assert.match(unhandled[0] ?? '', /^Message m1 of queue 'work' could not be kept hidden: /);
      finish();
      await processed;
    }
  });

  test('that someone else has taken over leaves the message to them', async () => {
    const { task, queue, logged } = setUp({}, () => {
      const [message] = queue.messages;
      if (message) message.popReceipt = 'another';
    });
    queue.put('x');
    await processNext(task, queue);
    assert.equal(queue.messages.length, 1);
    assert.equal(logged.filter(({ level }) => level === 'warning').length, 0);
  });
});

describe('storage that fails', () => {
  test('ends the process when a message can not be deleted, released or moved, also with 5xx; none is lost', async () => {
    const steps: [string, () => unknown, number][] = [
      ['delete', () => {}, 0],
      ['hide', failing, 0],
      ['send', failing, 2],
    ];
    for (const [step, handler, dequeueCount] of steps)
      for (const refusal of [fault(503, 'ServerBusy'), fault(403, 'AuthorizationFailure')]) {
        const { task, queue, poison, logged, unhandled } = setUp({}, () => {
          queue.fault = refusal;
          poison.fault = refusal;
          return handler();
        });
        queue.put('x', dequeueCount);
        await processNext(task, queue);
        assert.equal(queue.messages.length, 1, step);
        assert.match(
          unhandled.join(),
          /^Message m1 of queue 'work' could not be deleted, released or moved: (503 ServerBusy|403 AuthorizationFailure)\.$/,
          step,
        );
        assert.ok(!JSON.stringify([logged, unhandled]).includes('secret.example'));
      }
  });

  test('with 5xx, or while a queue is being deleted, is tried again until it answers, and told of once', async () => {
    for (const passing of [
      fault(500, 'InternalError'),
      fault(503, 'ServerBusy'),
      fault(409, 'QueueBeingDeleted'),
      fault(undefined, 'ABORT_ERR', 'AbortError'),
    ]) {
      const { task, queue, inputs, logged, unhandled } = setUp();
      queue.fault = passing;
      queue.put('x');
      const listener = listenToQueue(task);
      await until('three tries', () => queue.calls.filter((call) => call === 'exists').length >= 3);
      assert.equal(logged.filter(({ level }) => level === 'warning').length, 1);
      queue.fault = undefined;
      await until('the call', () => inputs.length === 1);
      await listener.stop();
      assert.deepEqual(unhandled, []);
    }
  });

  test('by refusing the host or its connections ends the process; the queue is not asked again', async () => {
    for (const [refusal, says] of [
      [fault(403, 'AuthorizationPermissionMismatch'), '403 AuthorizationPermissionMismatch'],
      [fault(401, 'InvalidAuthenticationInfo'), '401 InvalidAuthenticationInfo'],
      [fault(undefined, 'ECONNREFUSED'), 'ECONNREFUSED'],
      [fault(undefined, 'ENOTFOUND'), 'ENOTFOUND'],
      [fault(429, 'TooManyRequests'), '429 TooManyRequests'],
      [fault(409, 'AccountIsDisabled'), '409 AccountIsDisabled'],
      // The status is that of the sign-in.
      [fault(500, 'x', 'AuthenticationError'), 'AuthenticationError'],
      [fault(undefined, 'x', 'CredentialUnavailableError'), 'CredentialUnavailableError'],
    ] as const) {
      const { task, queue, logged, unhandled } = setUp();
      queue.fault = refusal;
      const listener = listenToQueue(task);
      await until('the fault', () => unhandled.length > 0).finally(() => listener.stop());
      assert.deepEqual(unhandled, [`Queue 'work' can't be read: ${says}.`]);
      assert.deepEqual(queue.calls, ['exists']);
      assert.ok(!JSON.stringify([logged, unhandled]).includes('secret.example'));
    }
  });

  test('while it works and then refuses ends the process; what runs may end, and its message comes again', async () => {
    let finish = () => {};
    const { task, queue, inputs, unhandled } = setUp(
      {},
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    queue.put('x');
    const listener = listenToQueue(task);
    await until('the call', () => inputs.length === 1);
    queue.fault = fault(403, 'AuthorizationFailure');
    await until('the fault', () => unhandled.length === 1).finally(() => {
      finish();
      return listener.stop();
    });
    assert.equal(unhandled.length, 2, 'the message could not be deleted either');
    assert.equal(queue.messages.length, 1);
  });
});

describe('the listener', () => {
  test('asks quietly for a queue that does not exist, makes none, and takes it up when it comes', async () => {
    const { task, queue, inputs, logged } = setUp();
    queue.isThere = false;
    const listener = listenToQueue(task);
    await until('two looks', () => queue.calls.length >= 2);
    assert.ok(!queue.calls.includes('create'));
    assert.equal(logged.filter(({ level }) => level === 'warning').length, 0);
    queue.isThere = true;
    queue.put('x');
    await until('the call', () => inputs.length === 1);
    await listener.stop();
  });

  test('runs a batch side by side and asks for more only when few enough still run', async () => {
    const waiting: (() => void)[] = [];
    const { task, queue } = setUp(
      { batchSize: 3, newBatchThreshold: 1 },
      () => new Promise<void>((resolve) => waiting.push(resolve)),
    );
    for (let index = 0; index < 6; index += 1) queue.put(`${index}`);
    const receives = () => queue.calls.filter((call) => call === 'receive 3').length;
    const listener = listenToQueue(task);
    await until('the first batch', () => waiting.length === 3);
    waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(receives(), 1, 'two still run, and the threshold is one');
    waiting.shift()?.();
    await until('the second batch', () => waiting.length === 4);
    assert.equal(receives(), 2);
    for (const release of waiting.splice(0)) release();
    const stopped = listener.stop();
    await until('all to be deleted', () => queue.messages.length === 0);
    await stopped;
  });

  test('waits at a stop for the messages that it has taken', async () => {
    let finish = () => {};
    const { task, queue, inputs } = setUp({}, () => new Promise<void>((resolve) => (finish = resolve)));
    queue.put('x');
    const listener = listenToQueue(task);
    await until('the call', () => inputs.length === 1);
    let isStopped = false;
    const stopped = listener.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(isStopped, false);
    finish();
    await stopped;
    assert.equal(queue.messages.length, 0);
  });
});
