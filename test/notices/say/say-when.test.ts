import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timesIn } from '../../../shared/notices/say/say-when.ts';

test('a time is reported in UTC and as the clocks of the zone show it', () => {
  const { moment, minute } = timesIn('Europe/Berlin');
  assert.equal(moment('2025-11-23T19:42:10.123Z'), 'Sun 23 Nov 2025, 19:42 UTC (20:42 in Berlin)');
  assert.equal(minute('2025-11-23T19:42:10Z'), '23 Nov, 19:42 UTC (20:42 in Berlin)');
});

test('winter and summer time are each shown right, also within the hour of their change', () => {
  const { moment } = timesIn('Europe/Berlin');
  assert.match(moment('2025-07-01T10:00:00Z'), /10:00 UTC \(12:00 in Berlin\)/);
  assert.match(moment('2025-03-30T00:59:00Z'), /00:59 UTC \(01:59 in Berlin\)/);
  assert.match(moment('2025-03-30T01:00:00Z'), /01:00 UTC \(03:00 in Berlin\)/);
  assert.match(moment('2025-10-26T00:59:00Z'), /00:59 UTC \(02:59 in Berlin\)/);
  assert.match(moment('2025-10-26T01:00:00Z'), /01:00 UTC \(02:00 in Berlin\)/);
});

test('where it is another day there, the day is reported', () => {
  assert.equal(
    timesIn('Asia/Tokyo').moment('2025-12-31T19:42:00Z'),
    'Wed 31 Dec 2025, 19:42 UTC (Thu 1 Jan 2026, 04:42 in Tokyo)',
  );
  assert.equal(
    timesIn('America/New_York').moment('2025-11-24T02:00:00Z'),
    'Mon 24 Nov 2025, 02:00 UTC (Sun 23 Nov 2025, 21:00 in New York)',
  );
  assert.equal(
    timesIn('Asia/Tokyo').minute('2025-12-31T15:00:00Z'),
    '31 Dec, 15:00 UTC (1 Jan, 00:00 in Tokyo)',
  );
});

test('only UTC is reported where the zone is UTC, is not set, or is none', () => {
  for (const zone of ['UTC', 'Etc/UTC', 'Etc/GMT', undefined, 'Mars/Olympus', '']) {
    const { moment, note } = timesIn(zone);
    assert.equal(moment('2025-11-23T19:42:10Z'), 'Sun 23 Nov 2025, 19:42 UTC', zone);
    assert.equal(note, 'All times are UTC.');
  }
  assert.match(timesIn('Europe/Berlin').note, /Berlin/);
});

test('a time that is none is said to be unknown', () => {
  for (const zone of ['UTC', 'Europe/Berlin'])
    for (const at of [undefined, '', 'yesterday']) {
      assert.equal(timesIn(zone).moment(at), 'a time that is not known');
      assert.equal(timesIn(zone).minute(at), 'a time that is not known');
    }
});

test('an instant inside a text is reported as every other', () => {
  assert.equal(
    timesIn('Europe/Berlin').inText('The silence ended at 2025-11-23T08:00:00.000Z. Access is still lost.'),
    'The silence ended at Sun 23 Nov 2025, 08:00 UTC (09:00 in Berlin). Access is still lost.',
  );
  assert.equal(timesIn().inText('Version 2025-11-23 of it.'), 'Version 2025-11-23 of it.');
});

test('whatever the zone and the instant, UTC comes first and nothing throws', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  fc.assert(
    fc.property(
      zones,
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
      (zone, date) => {
        const iso = date.toISOString();
        const told = timesIn(zone).moment(iso);
        assert(told.startsWith(timesIn().moment(iso)), told);
        assert.match(told, /UTC( \(.*\d\d:\d\d in .+\))?$/);
      },
    ),
  );
});
