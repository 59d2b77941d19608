import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import {
  MAX_CLOCK_SKEW_MS,
  msSince,
  pastOrIgnored,
  untilOrIgnored,
} from '../../shared/incidents/stored-time.ts';
import { later } from '../../shared/notices/outbox.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const offset = fc.integer({ min: -1e11, max: 1e11 });

it('what holds something back does so until its time, and never for longer than the longest that is written', () => {
  fc.assert(
    fc.property(offset, fc.nat(3_600_000), (ms, maxMs) => {
      const until = untilOrIgnored(later(NOW, ms), NOW, maxMs);
      assert.equal(until, ms > 0 && ms <= maxMs + MAX_CLOCK_SKEW_MS ? later(NOW, ms) : undefined);
    }),
  );
  for (const none of [undefined, '', 'soon']) assert.equal(untilOrIgnored(none, NOW, 1e12), undefined);
});

it('what has happened has a time that is past, but for the seconds by which clocks differ; any other says nothing', () => {
  fc.assert(
    fc.property(offset, (ms) => {
      const at = later(NOW, ms);
      const isKnown = ms <= MAX_CLOCK_SKEW_MS;
      assert.equal(pastOrIgnored(at, NOW), isKnown ? at : undefined);
      assert.equal(msSince(at, NOW), isKnown ? 0 - ms : Number.POSITIVE_INFINITY);
    }),
  );
  for (const none of [undefined, '', 'once']) {
    assert.equal(pastOrIgnored(none, NOW), undefined);
    assert.equal(msSince(none, NOW), Number.POSITIVE_INFINITY);
  }
});
