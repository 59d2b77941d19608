import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createBackoff } from '../../../dev/functions-host/backoff.ts';
import { loadApp } from '../../../dev/functions-host/check-build.ts';
import { parseHostJson } from '../../../dev/functions-host/host-json.ts';
import { matchRoute, parseRoute } from '../../../dev/functions-host/http-routes.ts';
import { connectionAddress } from '../../../dev/functions-host/queue-connection.ts';
import { isSubMinute, parseSchedule } from '../../../dev/functions-host/schedule.ts';
import { checkPastDue } from '../../../dev/functions-host/schedule-status.ts';
import { parseTimeSpan } from '../../../dev/functions-host/time-span.ts';
import { buildFixture } from './host-app.ts';

const at = (text: string) => new Date(`2026-03-04T${text}Z`);
const schedule = (text: string, zone = 'UTC') => parseSchedule(text, zone, 'timer');

describe('host.json', () => {
  test('absent options have the runtime’s defaults', () => {
    assert.deepEqual(parseHostJson('{"version":"2.0"}'), {
      functionTimeoutMs: 30 * 60_000,
      routePrefix: 'api',
      queues: {
        messageEncoding: 'base64',
        batchSize: 16,
        newBatchThreshold: 8 * availableParallelism(),
        maxPollingIntervalMs: 60_000,
        visibilityTimeoutMs: 0,
        maxDequeueCount: 5,
      },
    });
  });

  test('a bound of -1 is none, and unknown parts are left alone', () => {
    const config = parseHostJson(
      '{"version":"2.0","functionTimeout":"-1","logging":{"x":1},"extensionBundle":{}}',
    );
    assert.equal(config.functionTimeoutMs, Number.POSITIVE_INFINITY);
  });

  test('any JSON gives a configuration or a HostError', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseHostJson(text);
        } catch (error) {
          assert.equal(error instanceof Error && error.name, 'HostError');
        }
      }),
    );
  });
});

describe('a time span', () => {
  test('is read as .NET reads it', () => {
    assert.equal(parseTimeSpan('00:00:02'), 2_000);
    assert.equal(parseTimeSpan('1.02:03:04.5'), 93_784_500);
    assert.equal(parseTimeSpan('24:00:00'), undefined);
    assert.equal(parseTimeSpan('10'), undefined);
    assert.equal(parseTimeSpan('0 0 * * * *'), undefined);
  });
});

describe('a route', () => {
  const match = (template: string, path: string) => matchRoute(parseRoute(template, 'fn'), path);

  test('holds its literals without regard to case, and its constraints', () => {
    assert.deepEqual(match('api/Items/{id:int}', '/API/items/42'), { id: '42' });
    assert.equal(match('api/items/{id:int}', '/api/items/4x'), undefined);
    assert.equal(match('api/items/{id:int}', '/api/items/99999999999'), undefined);
    assert.deepEqual(match('{id:guid}', '/00000000-0000-0000-0000-000000000000'), {
      id: '00000000-0000-0000-0000-000000000000',
    });
    assert.deepEqual(match('a/{b=fallback}', '/a'), { b: 'fallback' });
  });

  test('survives a path with a stray per cent sign', () => {
    assert.deepEqual(match('a/{b}', '/a/100%'), { b: '100%' });
  });

  test('that can’t be read is refused', () => {
    for (const template of [
      'a/{b:even}',
      'a/b{c}',
      '{*rest}/more',
      '{}',
      '{a',
      '{a:regex(()}',
      '{a:regex(b=c)}',
    ])
      assert.throws(() => parseRoute(template, 'fn'), { name: 'HostError' }, template);
  });

  test('may constrain a parameter by a regular expression, in any case and with a default', () => {
    const route = '{page:regex(^(?!(api|admin|runtime)$).*$)=home}/{*path}';
    assert.deepEqual(match(route, '/'), { page: 'home' });
    assert.deepEqual(match(route, '/incidents/1-2'), { page: 'incidents', path: '1-2' });
    assert.deepEqual(match(route, '/apis'), { page: 'apis' });
    assert.deepEqual(match(route, '/a/api'), { page: 'a', path: 'api' });
    for (const path of ['/api', '/api/', '/API/status', '/aPi/x/y', '/%61pi/status', '/admin', '/Runtime/x'])
      assert.equal(match(route, path), undefined, path);
    // In .NET `$` matches before a last line feed, too.
    assert.equal(match(route, '/api%0A/status'), undefined);
  });

  test('may have braces, slashes and several constraints around a regular expression', () => {
    assert.deepEqual(match('a/{b:regex(^\\d{{2,3}}$):int}', '/a/123'), { b: '123' });
    assert.equal(match('a/{b:regex(^\\d{{2,3}}$):int}', '/a/1234'), undefined);
    assert.deepEqual(match('a/{b:regex(^[^/.]+$)?}/{*c}', '/a/x/y'), { b: 'x', c: 'y' });
    assert.equal(match('a/{b:regex(^[^/.]+$)?}/{*c}', '/a/x.y/z'), undefined);
  });

  test('gives back any parameter that was encoded into the path', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        assert.deepEqual(match('a/{b}', `/a/${encodeURIComponent(value)}`), { b: value });
      }),
    );
  });
});

describe('the back-off', () => {
  test('begins with the least interval, grows about twofold and stays at the most', () => {
    const backoff = createBackoff(100, 2_000, () => 0.5);
    const delays = Array.from({ length: 8 }, () => backoff.nextMs(false));
    assert.deepEqual(delays, [100, 200, 300, 500, 900, 1_700, 2_000, 2_000]);
    assert.equal(backoff.nextMs(true), 100);
    assert.equal(backoff.nextMs(false), 200);
  });

  test('never leaves its bounds, whatever is found when', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.double({ min: 0, max: 1, noNaN: true }), (founds, luck) => {
        const backoff = createBackoff(100, 5_000, () => luck);
        for (const found of founds) {
          const delay = backoff.nextMs(found);
          assert.ok(delay >= 100 && delay <= 5_000);
        }
      }),
    );
  });
});

describe('a schedule', () => {
  test('of six fields has seconds, one of five has none', () => {
    assert.deepEqual(schedule('*/30 * * * * *').next(at('00:00:00')), at('00:00:30'));
    assert.deepEqual(schedule('*/5 * * * *').next(at('00:00:00')), at('00:05:00'));
    assert.deepEqual(schedule('0 5/20 * * * *').next(at('00:06:00')), at('00:25:00'));
  });

  test('may be a time span, counted from the last run', () => {
    assert.deepEqual(schedule('00:01:30').next(at('00:00:07')), at('00:01:37'));
  });

  test('wants day of month and day of week both to hold', () => {
    assert.deepEqual(
      schedule('0 0 0 13 * FRI').next(new Date('2026-04-01T00:00:00Z')),
      new Date('2026-11-13T00:00:00Z'),
    );
  });

  test('keeps the time zone it is given', () => {
    assert.deepEqual(schedule('0 0 9 * * *', 'Europe/Berlin').next(at('00:00:00')), at('08:00:00'));
  });

  test('refuses what NCRONTAB does not know', () => {
    for (const text of [
      '',
      'soon',
      '* * * *',
      '0 0 0 L * *',
      '0 0 0 ? * *',
      '0 0 0 * * 7',
      '0 0 0 * * FRI#2',
      '@daily',
      '99 * * * * *',
    ])
      assert.throws(() => schedule(text), { name: 'HostError' }, text);
    assert.throws(() => schedule('0 0 9 * * *', 'Nowhere/Land'), { name: 'HostError' });
  });

  test('counts as below a minute when it comes twice within one, or is a shorter interval', () => {
    assert.equal(isSubMinute(schedule('*/30 * * * * *'), at('00:00:10')), true);
    assert.equal(isSubMinute(schedule('0 * * * * *'), at('00:00:10')), false);
    assert.equal(isSubMinute(schedule('00:00:59'), at('00:00:10')), true);
    assert.equal(isSubMinute(schedule('00:01:00'), at('00:00:10')), false);
  });
});

describe('a timer’s kept status', () => {
  const hourly = schedule('0 0 * * * *');

  test('is made at the first start, and nothing is past due', () => {
    assert.deepEqual(checkPastDue(undefined, at('05:30:00'), hourly), {
      status: { last: undefined, next: at('06:00:00'), lastUpdated: at('05:30:00') },
      isPastDue: false,
    });
  });

  test('shows an occurrence that was missed, also before the first run', () => {
    const ran = { last: at('05:00:00'), next: at('06:00:00'), lastUpdated: at('05:00:00') };
    assert.equal(checkPastDue(ran, at('05:59:59'), hourly).isPastDue, false);
    assert.equal(checkPastDue(ran, at('06:00:01'), hourly).isPastDue, true);
    const fresh = { last: undefined, next: at('06:00:00'), lastUpdated: at('05:30:00') };
    assert.equal(checkPastDue(fresh, at('07:00:00'), hourly).isPastDue, true);
  });

  test('follows a changed schedule without a run in arrears', () => {
    const daily = {
      last: at('00:00:00'),
      next: new Date('2026-03-05T00:00:00Z'),
      lastUpdated: at('00:00:00'),
    };
    assert.deepEqual(checkPastDue(daily, at('07:10:00'), hourly), {
      status: { last: undefined, next: at('08:00:00'), lastUpdated: at('07:10:00') },
      isPastDue: false,
    });
  });
});

describe('a connection', () => {
  test('is found by its prefixed name, its identity settings and its account, and shows no key', () => {
    assert.equal(connectionAddress('X', { AzureWebJobsX__queueServiceUri: 'https://q' }), 'https://q');
    assert.equal(connectionAddress('X', { X__accountName: 'acc' }), 'https://acc.queue.core.windows.net');
    assert.equal(connectionAddress('X', { X: 'AccountName=acc;AccountKey=s3cret==;' }), 'acc');
    assert.equal(connectionAddress('X', {}), undefined);
  });
});

describe('loadApp', () => {
  test('lists what a built app registers, from a folder without node_modules', async () => {
    const { directory, remove } = await buildFixture('queues');
    try {
      const [fn, ...more] = await loadApp(directory);
      assert.equal(more.length, 0);
      assert.equal(fn?.name, 'plain');
      assert.equal(fn?.triggerType, 'queueTrigger');
      assert.equal(fn?.trigger.queueName, '%FIXTURE_QUEUE%');
      await assert.rejects(loadApp(directory), /already loaded/);
    } finally {
      await remove();
    }
  });

  test('refuses a build that registers nothing', async () => {
    const { directory, remove } = await buildFixture('empty');
    try {
      await assert.rejects(loadApp(directory), { name: 'HostError', message: /registers no function/ });
    } finally {
      await remove();
    }
  });
});
