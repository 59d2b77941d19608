import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitingTelemetry } from '../../shared/telemetry/deferred-telemetry.ts';
import type { Log } from '../../shared/telemetry/log.ts';
import { type Measure, measuresOf } from '../../shared/telemetry/measures.ts';
import { record, type Telemetry, type Trace } from '../../shared/telemetry/trace.ts';
import { handClock } from '../azure/hand-clock.ts';

function collector() {
  const traces: Trace[] = [];
  const measures: Measure[] = [];
  const telemetry: Telemetry = {
    traced: (one) => void traces.push(one),
    measured: (one) => void measures.push(one),
  };
  return { traces, measures, telemetry };
}
function lines() {
  const written: string[] = [];
  const log: Log = {
    info: (event) => void written.push(event),
    warn: (event) => void written.push(event),
    error: (event) => void written.push(event),
  };
  return { log, written };
}

describe('the trace of an invocation', () => {
  it('lasts from receipt to the end, holds each line with its time, and names the incidents', async () => {
    const clock = handClock();
    const { traces, telemetry } = collector();
    const { log, written } = lines();
    const recording = record('storageQueue', log, clock, telemetry);
    await clock.advance(40);
    recording.log.info('transition', { kind: 'opened', incident: 'abc-1', policyId: '/p1' });
    await clock.advance(60);
    recording.log.info('notice-sent', { channel: 'teams', rows: 2 });
    recording.end();
    const [trace] = traces;
    assert.ok(trace);
    assert.equal(trace.endMs - trace.startMs, 100);
    assert.equal(trace.attributes.incidents, 'abc-1');
    assert.deepEqual(
      trace.events.map(({ name, atMs }) => [name, atMs - trace.startMs]),
      [
        ['transition', 40],
        ['notice-sent', 100],
      ],
    );
    assert.deepEqual(written, ['transition', 'notice-sent'], 'the lines go where they went before');
  });

  it('is not made for what concerned nobody', () => {
    const { traces, telemetry } = collector();
    record('storageQueue', lines().log, handClock(), telemetry).end();
    assert.deepEqual(traces, []);
  });

  it('is made for what failed, with the kind of the error and not its text', () => {
    const { traces, telemetry } = collector();
    record('timer', lines().log, handClock(), telemetry).end(new TypeError('secret'));
    assert.equal(traces[0]?.failed, 'TypeError');
    assert.ok(!JSON.stringify(traces).includes('secret'));
  });

  it('stays small, whatever is logged', () => {
    const { traces, telemetry } = collector();
    const recording = record('timer', lines().log, handClock(), telemetry);
    for (let n = 0; n < 5000; n += 1)
      recording.log.info('transition', { text: 'x'.repeat(5000), incident: `i-${n}` });
    recording.end();
    assert.equal(traces[0]?.events.length, 200);
    assert.equal(traces[0]?.attributes.lines, 5000);
    assert.ok(JSON.stringify(traces[0]).length < 250_000);
  });
});

describe('what is measured', () => {
  const table: [string, Record<string, unknown>, Measure[]][] = [
    ['signals', { signals: 3 }, [{ name: 'signals', value: 3, by: {} }]],
    [
      'transition',
      { kind: 'opened', detectSeconds: 12 },
      [{ name: 'timeToDetect', value: 12, by: { kind: 'opened' } }],
    ],
    ['transition', { kind: 'opened' }, []],
    [
      'notice-sent',
      { waitedSeconds: 0.4, channel: 'teams', reason: 'opened' },
      [{ name: 'timeToNotify', value: 0.4, by: { channel: 'teams', reason: 'opened' } }],
    ],
    [
      'undelivered',
      { rows: 2, channel: 'teams', reason: 'opened' },
      [{ name: 'undelivered', value: 2, by: { channel: 'teams', reason: 'opened' } }],
    ],
    [
      'swept',
      { by: 'timer', seconds: 2, ageSeconds: 30, notReached: 0 },
      [
        { name: 'sweepSeconds', value: 2, by: { by: 'timer' } },
        { name: 'sweepAge', value: 30, by: { by: 'timer' } },
        { name: 'notReached', value: 0, by: {} },
      ],
    ],
    ['something else', { value: 1 }, []],
    ['signals', { signals: Number.NaN }, []],
  ];
  for (const [event, fields, expected] of table)
    it(`by '${event}' with ${JSON.stringify(fields)}`, () =>
      assert.deepEqual(measuresOf(event, fields), expected));
});

describe('until the exporter is there', () => {
  const trace = (n: number): Trace => ({ name: `t${n}`, startMs: n, endMs: n, attributes: {}, events: [] });

  it('what is recorded waits, and goes out in its order once it is', async () => {
    const { traces, telemetry } = collector();
    const waiting = waitingTelemetry(async () => telemetry, lines().log);
    waiting.traced(trace(1));
    waiting.traced(trace(2));
    assert.deepEqual(traces, []);
    await waiting.start();
    waiting.traced(trace(3));
    assert.deepEqual(
      traces.map(({ name }) => name),
      ['t1', 't2', 't3'],
    );
  });

  it('it is loaded once, however often it is started', async () => {
    let loads = 0;
    const waiting = waitingTelemetry(async () => {
      loads += 1;
      return collector().telemetry;
    }, lines().log);
    await Promise.all([waiting.start(), waiting.start()]);
    await waiting.start();
    assert.equal(loads, 1);
  });

  it('a process that never gets it keeps a bounded number, says so once and goes on', async () => {
    const { log, written } = lines();
    const waiting = waitingTelemetry(() => Promise.reject(new Error('no such file')), log);
    for (let n = 0; n < 1000; n += 1) waiting.traced(trace(n));
    await waiting.start();
    await waiting.start();
    waiting.measured({ name: 'signals', value: 1, by: {} });
    assert.deepEqual(written, ['telemetry-not-started']);
  });
});
