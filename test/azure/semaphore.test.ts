import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeSemaphore } from '../../shared/azure/semaphore.ts';

it('slots are given out in the order of asking, and freeing one twice frees one', async () => {
  const slots = makeSemaphore(1);
  const order: string[] = [];
  const first = await slots.take();
  const second = slots.take().then((release) => {
    order.push('second');
    return release;
  });
  const third = slots.take().then((release) => {
    order.push('third');
    return release;
  });
  first();
  first();
  const release = await second;
  await Promise.resolve();
  assert.deepEqual(order, ['second']);
  release();
  (await third)();
  assert.deepEqual(order, ['second', 'third']);
});
