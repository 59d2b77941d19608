import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegisteredFunction } from '../../../dev/functions-host/function-app.ts';
import type { Invoke } from '../../../dev/functions-host/invoke.ts';
import { unsupportedRetry, withRetries } from '../../../dev/functions-host/retry.ts';
import type { RetryContext, RetryOptions } from '../../../dev/functions-host/rpc.ts';

const functionWith = (triggerType: string, retry?: RetryOptions): RegisteredFunction => ({
  name: 'fn',
  id: 'fn',
  metadata: { name: 'fn', bindings: {} },
  callback: () => {},
  triggerType,
  triggerName: 'trigger',
  trigger: { type: triggerType },
  ...(retry ? { retry } : {}),
});

/** An invoke that fails so many times, and the retry contexts that it saw. */
function failing(times: number) {
  const seen: (RetryContext | undefined)[] = [];
  const invoke: Invoke = async (_fn, { retry }) => {
    seen.push(retry);
    if (seen.length <= times) throw new Error(`failure ${seen.length}`);
    return {};
  };
  return { seen, invoke };
}

const input = { data: {}, triggerMetadata: {} };
const never = new AbortController().signal;

test('a retry policy without end goes on until the function succeeds, and tells the last failure', async () => {
  const { seen, invoke } = failing(4);
  const fn = functionWith('timertrigger', { maxRetryCount: -1, retryStrategy: 'fixedDelay' });
  await withRetries(invoke, () => {}, never)(fn, input);
  assert.deepEqual(
    seen.map((retry) => [retry?.retryCount, retry?.exception?.message]),
    [
      [undefined, undefined],
      [1, 'failure 1'],
      [2, 'failure 2'],
      [3, 'failure 3'],
      [4, 'failure 4'],
    ],
  );
});

test('the last failure is the outcome once the retries are used up', async () => {
  const { seen, invoke } = failing(9);
  const fn = functionWith('eventhubtrigger', { maxRetryCount: 2, retryStrategy: 'exponentialBackoff' });
  await assert.rejects(withRetries(invoke, () => {}, never)(fn, input), /failure 3/);
  assert.equal(seen.length, 3);
});

test('a host that stops ends the retries', async () => {
  const stopping = new AbortController();
  const { seen, invoke } = failing(9);
  const fn = functionWith('timertrigger', {
    maxRetryCount: -1,
    retryStrategy: 'fixedDelay',
    delayInterval: { seconds: 3600 },
  });
  const outcome = assert.rejects(withRetries(invoke, () => {}, stopping.signal)(fn, input));
  setImmediate(() => stopping.abort());
  await outcome;
  assert.ok(seen.length <= 2);
});

test('a trigger that the runtime does not retry is not retried here either, and the host says so', async () => {
  const { seen, invoke } = failing(9);
  const fn = functionWith('queuetrigger', { maxRetryCount: 5, retryStrategy: 'fixedDelay' });
  await assert.rejects(withRetries(invoke, () => {}, never)(fn, input), /failure 1/);
  assert.equal(seen.length, 1);
  assert.match(unsupportedRetry(fn) ?? '', /'fn' is ignored/);
  assert.equal(unsupportedRetry(functionWith('queuetrigger')), undefined);
});
