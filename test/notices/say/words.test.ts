import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { channelRetryAfterMs } from '../../../shared/notices/channels/http/retry-after.ts';
import { share } from '../../../shared/notices/say/share.ts';
import { between, count, duration, exact, listed } from '../../../shared/notices/say/words.ts';

test('a length of time is reported in its two largest units', () => {
  assert.equal(duration(0), 'less than a second');
  assert.equal(duration(-5000), 'less than a second');
  assert.equal(duration(1000), '1 second');
  assert.equal(duration(61_000), '1 minute 1 second');
  assert.equal(duration(3_600_000), '1 hour');
  assert.equal(duration(604_799_000), '7 days');
  assert.equal(duration(604_800_000 - 3_600_000), '6 days 23 hours');
  assert.equal(duration(3_599_000), '59 minutes 59 seconds');
  assert.equal(duration(86_400_000 + 59_000), '1 day');
});

test('evidence is reported to the second, in UTC, as logs have it', () => {
  assert.equal(exact('2025-11-23T19:42:10.123Z'), '23 Nov 2025, 19:42:10 UTC');
  assert.equal(exact('2025-11-23T23:42:10-05:00'), '24 Nov 2025, 04:42:10 UTC');
  for (const none of [undefined, '', 'yesterday']) assert.equal(exact(none), 'a time that is not known');
});

test('what lies between two instants is not known where one of them is not', () => {
  assert.equal(between('x', '2025-01-01T00:00:00Z'), undefined);
  assert.equal(between('2025-01-01T00:00:00Z', '2025-01-01T00:00:01Z'), 1000);
});

test('numbers come with their noun', () => {
  assert.equal(count(1, 'environment'), '1 environment');
  assert.equal(count(12_000, 'environment'), '12,000 environments');
  assert.equal(count(2, 'policy'), '2 policies');
  assert.equal(count(1, 'more policy'), '1 more policy');
});

test('a list names at most three, and counts the rest', () => {
  assert.equal(listed([]), '');
  assert.equal(listed(['a']), 'a');
  assert.equal(listed(['a', 'b']), 'a and b');
  assert.equal(listed(['a', 'b', 'c']), 'a, b and c');
  assert.equal(listed(['a', 'b', 'c', 'd', 'e']), 'a, b and 3 more');
});

test('places are shared fairly: nobody gets more than they have, none is left unused, the small come first', () => {
  assert.deepEqual(share(10, [2, 100, 100]), [2, 4, 4]);
  assert.deepEqual(share(2, [5, 5, 5]), [1, 1, 0]);
  fc.assert(
    fc.property(fc.nat(500), fc.array(fc.nat(300), { maxLength: 40 }), (places, sizes) => {
      const shares = share(places, sizes);
      const total = shares.reduce((sum, one) => sum + one, 0);
      assert.equal(
        total,
        Math.min(
          places,
          sizes.reduce((sum, one) => sum + one, 0),
        ),
      );
      shares.forEach((one, index) => {
        assert(one <= (sizes[index] ?? 0));
        // Whoever got less than all they have got no less than any other, but for the last odd place.
        if (one < (sizes[index] ?? 0)) assert(Math.max(...shares) - one <= 1);
      });
    }),
  );
});

test('Retry-After is read as seconds or as a date, never below 0 nor above an hour', () => {
  const now = Date.parse('2025-11-23T00:00:00Z');
  assert.equal(channelRetryAfterMs('5', now), 5000);
  assert.equal(channelRetryAfterMs(' 1.5 ', now), 1500);
  assert.equal(channelRetryAfterMs('Sun, 23 Nov 2025 00:00:30 GMT', now), 30_000);
  assert.equal(channelRetryAfterMs('Sat, 22 Nov 2025 00:00:30 GMT', now), 0);
  assert.equal(channelRetryAfterMs('99999999', now), 3_600_000);
  for (const none of [null, undefined, '', 'soon']) assert.equal(channelRetryAfterMs(none, now), undefined);
});
