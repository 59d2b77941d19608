import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { tokenBucket } from '../../shared/azure/token-bucket.ts';
import { handClock } from './hand-clock.ts';

const bucketOf = (capacity: number, perSecond: number) => {
  const clock = handClock();
  return { clock, bucket: tokenBucket({ capacity, perSecond, clock }) };
};

it('gives all that it holds at once, and then what comes back', async () => {
  const { clock, bucket } = bucketOf(3, 2);
  for (let n = 0; n < 3; n += 1) {
    assert.equal(bucket.waitMs(), 0);
    bucket.take();
  }
  assert.equal(bucket.waitMs(), 500);
  assert.equal(bucket.waitMs(4), 2000);
  await clock.advance(400);
  assert.equal(bucket.waitMs(), 100);
  await clock.advance(100);
  assert.equal(bucket.waitMs(), 0);
});

it('never holds more than its capacity, however long nobody takes', async () => {
  const { clock, bucket } = bucketOf(2, 1);
  await clock.advance(3_600_000);
  bucket.giveBack();
  assert.equal(bucket.waitMs(2), 0);
  assert.equal(bucket.waitMs(3), 1000);
});

it('emptied until a time, it holds nothing by then, and refills from then; an earlier time changes nothing', async () => {
  const { clock, bucket } = bucketOf(10, 5);
  bucket.emptyUntil(clock.nowMs() + 2000);
  bucket.emptyUntil(clock.nowMs() + 500);
  assert.equal(bucket.waitMs(), 2200);
  await clock.advance(2000);
  assert.equal(bucket.waitMs(), 200);
  await clock.advance(1000);
  assert.equal(bucket.waitMs(5), 0);
  assert.notEqual(bucket.waitMs(6), 0);
});

it('gives in any stretch of time no more than it holds and what comes back in it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 60 }),
      async (capacity, perSecond, pauses) => {
        const { clock, bucket } = bucketOf(capacity, perSecond);
        const began = clock.nowMs();
        let taken = 0;
        for (const pause of pauses) {
          await clock.advance(pause);
          for (; bucket.waitMs() === 0; taken += 1) bucket.take();
          const granted = capacity + ((clock.nowMs() - began) / 1000) * perSecond;
          assert.ok(taken <= granted + 1e-6, `${taken} of ${granted}`);
        }
      },
    ),
    { numRuns: 50 },
  );
});
