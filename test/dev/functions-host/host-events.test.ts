import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startHost } from '../../../dev/functions-host/host.ts';
import { createStatusStore } from '../../../dev/functions-host/schedule-status.ts';
import { buildFixture, calls, startFixture, type TestHost, until } from './host-app.ts';

const cleaning: (() => Promise<void>)[] = [];
const onCleanup = (clean: () => Promise<void>) => void cleaning.unshift(clean);
const env = { STARTING_SCHEDULE: '0 0 4 * * *', AzureWebJobsStorage__queueServiceUri: 'https://a.example' };
let host: TestHost;

before(async () => {
  host = await startFixture('events', {
    env,
    only: ['grid', 'gatedGrid', 'hub', 'single', 'starting', 'hourly'],
    onCleanup,
  });
});
after(async () => {
  for (const clean of cleaning) await clean();
});

const GRID = '/runtime/webhooks/EventGrid?functionName=grid';
const notify = (body: unknown, headers: Record<string, string> = { 'aeg-event-type': 'Notification' }) =>
  fetch(`${host.url}${GRID}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('the Event Grid webhook', () => {
  test('gives each event of a delivery to the function, unchanged, and answers 202', async () => {
    const before = calls('grid').length;
    const events = [
      {
        id: '1',
        subject: 'a',
        eventTime: '2026-01-02T03:04:05.6700000Z',
        data: { Deep: { VaultName: 'kv' } },
      },
      { id: '2', subject: 'b' },
    ];
    assert.equal((await notify(events)).status, 202);
    const seen = calls<{ event: unknown; metadata: Record<string, unknown> }>('grid').slice(before);
    assert.deepEqual(
      seen.map(({ event }) => event),
      events,
    );
    assert.deepEqual(seen[0]?.metadata.data, { deep: { vaultName: 'kv' } });
  });

  test('takes a single CloudEvent', async () => {
    const before = calls('grid').length;
    assert.equal((await notify({ specversion: '1.0', subject: 'single' })).status, 202);
    assert.equal(calls('grid').length, before + 1);
  });

  test('answers 500 when the function fails for one event, so that the delivery is repeated', async () => {
    const before = calls('grid').length;
    const response = await notify([{ subject: 'fail' }, { subject: 'fine' }]);
    assert.equal(response.status, 500);
    assert.equal(await response.text(), '');
    assert.equal(calls('grid').length, before + 2);
  });

  test('fails a delivery whose events are no objects, without a call', async () => {
    const before = calls('grid').length;
    assert.equal((await notify([1, 'two', null, []])).status, 500);
    assert.equal(calls('grid').length, before);
  });

  test('completes the handshake of the Event Grid schema', async () => {
    const event = [
      { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'C0DE' } },
    ];
    const response = await notify(event, { 'aeg-event-type': 'SubscriptionValidation' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await response.text(), '{"validationResponse":"C0DE"}');
  });

  test('completes a handshake with encoded data, and refuses one without a code', async () => {
    const header = { 'aeg-event-type': 'SubscriptionValidation' };
    const response = await notify({ data: '{"validationCode":"C0DE"}' }, header);
    assert.deepEqual(await response.json(), { validationResponse: 'C0DE' });
    assert.equal((await notify([{}], header)).status, 500);
  });

  test('completes the handshake of CloudEvents for the origins it knows', async () => {
    const options = (origin: string) =>
      fetch(`${host.url}${GRID}`, { method: 'OPTIONS', headers: { 'webhook-request-origin': origin } });
    const german = await options('eventgrid.azure.us');
    assert.equal(german.status, 200);
    assert.equal(german.headers.get('webhook-allowed-origin'), 'eventgrid.azure.us');
    assert.equal(
      (await options('evil.example')).headers.get('webhook-allowed-origin'),
      'eventgrid.azure.net',
    );
  });

  test('refuses what is not JSON, or not of Event Grid, or too long, or for nobody', async () => {
    const before = calls('grid').length;
    for (const thrownOn of ['{oops', '7', '', '"text"']) {
      const failed = await notify(thrownOn);
      assert.equal(failed.status, 500, thrownOn);
      assert.equal(await failed.text(), '');
    }
    assert.equal((await notify([{}], {})).status, 400);
    assert.equal((await notify(JSON.stringify({ pad: 'x'.repeat(1024 * 1024) }))).status, 413);
    const stranger = await fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=hub`, {
      method: 'POST',
    });
    assert.equal(stranger.status, 404);
    assert.equal(calls('grid').length, before);
  });

  test('fails on JSON that is nested more deeply than the runtime reads, without a call', async () => {
    const before = calls('grid').length;
    const nested = (levels: number) =>
      `{"subject":"[{","data":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    for (const levels of [65, 5_000]) {
      const failed = await notify(nested(levels));
      assert.equal(failed.status, 500, `${levels}`);
      assert.equal(await failed.text(), '');
    }
    assert.equal(calls('grid').length, before);
    assert.equal((await notify(nested(64))).status, 202);
  });

  test('takes nearly a megabyte of JSON of any shape', async () => {
    assert.equal((await notify({ pad: 'x'.repeat(1_000_000) })).status, 202);
  });

  test('accepts the notice that the subscription ended', async () => {
    assert.equal((await notify('', { 'aeg-event-type': 'Unsubscribe' })).status, 202);
  });
});

describe('the event hub stand-in', () => {
  const post = (fn: string, body: unknown) =>
    fetch(`${host.url}/local/event-hubs/${fn}`, { method: 'POST', body: JSON.stringify(body) });

  test('hands over a batch as buffers in one call, with the metadata of each event', async () => {
    const before = calls('hub').length;
    const response = await post('hub', [
      {
        body: { records: [] },
        sequenceNumber: 7,
        enqueuedTimeUtc: '2026-01-01T00:00:00Z',
        partitionKey: 'k',
      },
      { bodyBase64: Buffer.from('raw').toString('base64'), properties: { p: 1 } },
    ]);
    assert.equal(response.status, 202);
    const [call, ...more] = calls('hub').slice(before);
    assert.equal(more.length, 0);
    assert.equal(call?.areBuffers, true);
    assert.deepEqual(call?.texts, ['{"records":[]}', 'raw']);
    const metadata = call?.metadata as Record<string, unknown>;
    assert.deepEqual(metadata.sequenceNumberArray, [7, 1]);
    assert.deepEqual(metadata.partitionKeyArray, ['k', null]);
    assert.deepEqual(metadata.propertiesArray, [{}, { p: 1 }]);
    assert.deepEqual(metadata.partitionContext, {
      consumerGroup: '$Default',
      eventHubName: 'logs',
      partitionId: '0',
    });
  });

  test('tries a failed batch again as the retry policy says, and then gives up', async () => {
    const before = calls('hub').length;
    assert.equal((await post('hub', [{ body: 'fail' }])).status, 500);
    const retries = calls<{
      retry?: { retryCount: number; maxRetryCount: number; exception: { message: string } };
    }>('hub')
      .slice(before)
      .map(({ retry }) => retry);
    assert.deepEqual(
      retries.map((retry) => retry?.retryCount),
      [undefined, 1, 2],
    );
    assert.equal(retries[1]?.maxRetryCount, 2);
    assert.equal(retries[1]?.exception.message, 'hub failure');
  });

  test('calls a function of cardinality one for each event, with text parsed as JSON where it is', async () => {
    const before = calls('single').length;
    assert.equal(
      (await post('single', [{ body: { a: 1 } }, { body: 'plain' }, { body: '123' }])).status,
      202,
    );
    assert.deepEqual(
      calls<{ event: unknown }>('single')
        .slice(before)
        .map(({ event }) => event),
      [{ a: 1 }, 'plain', 123],
    );
  });

  test('refuses what is no batch', async () => {
    assert.equal((await post('hub', {})).status, 400);
    assert.equal((await post('hub', [])).status, 400);
    assert.equal((await post('hub', ['x'])).status, 400);
    assert.equal((await post('grid', [{ body: 1 }])).status, 404);
  });
});

describe('a run by hand', () => {
  const run = (fn: string, body: unknown, type = 'application/json') =>
    fetch(`${host.url}/admin/functions/${fn}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  test('answers 202 and calls the function with the input', async () => {
    const before = calls('grid').length;
    assert.equal((await run('grid', { input: '{"subject":"by hand"}' })).status, 202);
    const call = await until('the call', () => calls<{ event: { subject: string } }>('grid')[before]);
    assert.equal(call.event.subject, 'by hand');
  });

  test('gives a timer its timer object', async () => {
    const before = calls('hourly').length;
    assert.equal((await run('hourly', { input: '' })).status, 202);
    const timer = await until('the call', () => calls('hourly')[before]);
    assert.equal(timer.isPastDue, false);
  });

  test('is refused for what is unknown or no object', async () => {
    assert.equal((await run('nobody', {})).status, 404);
    for (const body of [{ input: 'text' }, [], { input: { a: 1 } }, '{', '', '7', `${'['.repeat(5_000)}`])
      assert.equal((await run('grid', body)).status, 400, JSON.stringify(body).slice(0, 20));
  });

  test('is refused where the body is not sent as JSON, also where it is JSON or empty', async () => {
    const before = calls('hourly').length;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream', ''])
      for (const body of ['{"input":""}', ''])
        assert.equal((await run('hourly', body, type)).status, 415, `${type} ${body}`);
    assert.equal(calls('hourly').length, before);
    assert.equal((await run('hourly', '{}', 'application/json; charset=utf-8')).status, 202);
    await until('the call', () => calls('hourly')[before]);
  });

  test('is waited for when the host is stopped, though it was answered', async (t) => {
    const ending = await startFixture('events', { env, only: ['gatedGrid'], onCleanup });
    const answer = await fetch(`${ending.url}/admin/functions/gatedGrid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":"{}"}',
    });
    assert.equal(answer.status, 202);
    const open = await until('the run', () => calls<() => void>('gatedGrid')[0]);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const stopped = ending.stop();
    t.mock.timers.tick(10 * 60_000);
    // The invocation's own timer is a real one, and only the real clock clears it.
    t.mock.timers.reset();
    open();
    await stopped;
    assert.equal(calls('gatedGridDone').length, 1);
    assert.ok(!ending.logged.some(({ message }) => message.startsWith('Stopped with')));
  });
});

describe('a timer', () => {
  test('with runOnStartup runs at the start, on the schedule of its setting, and is not past due', async () => {
    const call = await until('the start', () => calls<{ timer: Record<string, unknown> }>('starting')[0]);
    assert.equal(call.timer.isPastDue, false);
    assert.deepEqual(call.timer.schedule, { adjustForDST: true });
    const status = call.timer.scheduleStatus as { last: string; next: string };
    assert.equal(status.last, '0001-01-01T00:00:00+00:00');
    assert.equal(status.next.slice(10), 'T04:00:00.000Z');
  });

  test('comes again and again, never twice at once, and goes on after a failure', async () => {
    const ticking = await startFixture('events', { env, only: ['ticking'], onCleanup });
    await until('three runs', () => calls('ticking').filter((call) => String(call) === 'end').length >= 3);
    await ticking.stop();
    const marks = calls('ticking').map((call) => (typeof call === 'string' ? 'end' : 'begin'));
    assert.deepEqual(marks.slice(0, 6), ['begin', 'end', 'begin', 'end', 'begin', 'end']);
    assert.ok(ticking.logged.some(({ message }) => message.includes('the first run fails')));
    const [first] = calls('ticking');
    assert.equal(first?.scheduleStatus, null, 'the runtime keeps no status for intervals below a minute');
  });

  test('is past due when its kept status shows a missed occurrence', async () => {
    const { directory, remove } = await buildFixture('events');
    onCleanup(remove);
    const store = createStatusStore(join(directory, '.lockwatch/timers'), 'https://a.example');
    const last = new Date('2026-01-01T05:00:00Z');
    await store.write('hourly', { last, next: new Date('2026-01-01T06:00:00Z'), lastUpdated: last });
    const before = calls('hourly').length;
    const late = await startHost({ directory, port: 0, env, only: ['hourly'], log: () => {} });
    onCleanup(() => late.stop());
    const timer = await until('the missed run', () => calls('hourly')[before]);
    assert.equal(timer.isPastDue, true);
    assert.deepEqual(timer.scheduleStatus, {
      last: '2026-01-01T05:00:00.000Z',
      next: '2026-01-01T06:00:00.000Z',
      lastUpdated: '2026-01-01T05:00:00.000Z',
    });
    const kept = await until('the new status', async () => {
      const status = await store.read('hourly');
      return status?.last && status.last > last && status;
    });
    assert.ok(kept.next > new Date());
  });

  test('starts afresh where its kept status is unreadable', async () => {
    const { directory, remove } = await buildFixture('events');
    onCleanup(remove);
    const store = createStatusStore(join(directory, '.lockwatch/timers'), 'https://a.example');
    await store.write('hourly', { last: undefined, next: new Date(0), lastUpdated: new Date(0) });
    const [account] = await readdir(join(directory, '.lockwatch/timers'));
    await writeFile(join(directory, '.lockwatch/timers', String(account), 'hourly.json'), '{torn');
    const before = calls('hourly').length;
    const fresh = await startHost({ directory, port: 0, env, only: ['hourly'], log: () => {} });
    await until('the new status', () => store.read('hourly'));
    await fresh.stop();
    assert.equal(calls('hourly').length, before);
  });
});
