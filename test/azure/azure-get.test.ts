import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { azureGet } from '../../shared/azure/azure-get.ts';
import { deadlineIn } from '../../shared/azure/deadline.ts';
import { getPages } from '../../shared/azure/pages.ts';
import { fakeAzure, list, ORIGIN, type Play } from '../facts/fake-azure.ts';
import { handClock } from './hand-clock.ts';

function stage(play: Play, path = '/x') {
  const clock = handClock();
  const azure = fakeAzure(clock);
  azure.on(path, play);
  const scopes: (string | string[])[] = [];
  const get = azureGet({
    endpoint: ORIGIN,
    scope: 'scope',
    clock,
    httpClient: azure,
    credential: {
      getToken: async (scope) => {
        scopes.push(scope);
        return { token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
      },
    },
  });
  return { azure, clock, get, scopes };
}

async function run(play: Play, budgetMs = 10_000) {
  const { azure, clock, get } = stage(play);
  const began = clock.nowMs();
  const outcome = await clock.drive(get('/x', deadlineIn(budgetMs, clock)));
  return { outcome, tries: azure.asked.length, tookMs: clock.nowMs() - began };
}

const after =
  (headers: Record<string, string>, status = 429): Play =>
  (_, count) =>
    count === 1 ? { status, headers } : { body: { fine: true } };

describe('one GET', () => {
  it('carries the token of the given scope to the given origin', async () => {
    const { azure, clock, get, scopes } = stage({ body: {} });
    const outcome = await clock.drive(get('/x?api-version=1', deadlineIn(1000, clock)));
    assert.equal(outcome.kind, 'answered');
    assert.equal(azure.requests[0]?.url, 'https://management.azure.com/x?api-version=1');
    assert.equal(azure.requests[0]?.headers.get('authorization'), 'Bearer secret-token');
    assert.deepEqual(scopes, ['scope']);
  });

  it('waits as long as Retry-After asks, in seconds, as a date or in milliseconds', async () => {
    for (const [headers, waitMs] of [
      [{ 'retry-after': '3' }, 3000],
      [{ 'retry-after': 'Sun, 01 Mar 2026 10:00:05 GMT' }, 5000],
      [{ 'retry-after-ms': '700' }, 700],
      [{ 'x-ms-retry-after-ms': '800' }, 800],
      [{}, 1000],
      [{ 'retry-after': 'soon' }, 1000],
      [{ 'retry-after': '0' }, 200],
    ] as const) {
      const asksToWait = Object.keys(headers).length > 0;
      for (const status of asksToWait ? [429, 503] : [429]) {
        const { outcome, tries, tookMs } = await run(after(headers, status));
        assert.deepEqual([outcome.kind, tries, tookMs], ['answered', 2, waitMs], JSON.stringify(headers));
      }
    }
  });

  it('does not wait for a Retry-After beyond the budget: throttled, at once', async () => {
    const { outcome, tries, tookMs } = await run({ status: 429, headers: { 'retry-after': '17' } });
    assert.deepEqual([outcome.kind, outcome.kind === 'failed' && outcome.reason], ['failed', 'throttled']);
    assert.deepEqual([tries, tookMs], [1, 0]);
  });

  it('is not asked five times a second where it throttles and names no wait, or an empty one', async () => {
    for (const [name, value] of [
      ['retry-after', '0'],
      ['retry-after-ms', '0'],
      ['x-ms-retry-after-ms', ''],
    ] as const) {
      const { tries } = await run({ status: 429, headers: { [name]: value } });
      assert.ok(tries <= 10, `${name}: ${tries} requests in 10 s`);
    }
  });

  it('throttled again and again, it ends within the budget', async () => {
    const { outcome, tries, tookMs } = await run({ status: 429, headers: { 'retry-after': '4' } });
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'throttled');
    assert.deepEqual([tries, tookMs], [3, 8000]);
  });

  it('calls a 503 throttled only where it says how long to wait', async () => {
    for (const [headers, reason] of [
      [{}, 'unavailable'],
      [{ 'x-ms-request-id': 'r1' }, 'unavailable'],
      [{ 'retry-after': '17' }, 'throttled'],
      [{ 'x-ms-retry-after-ms': '17000' }, 'throttled'],
    ] as const) {
      const { outcome } = await run({ status: 503, headers });
      assert.equal(outcome.kind === 'failed' && outcome.reason, reason, JSON.stringify(headers));
    }
  });

  it('tries a broken connection and a 5xx once more, quickly, and no third time', async () => {
    for (const bad of [{ breaks: 'ECONNRESET' }, { status: 500 }, { status: 502 }]) {
      const fixed = await run((_, count) => (count === 1 ? bad : { body: {} }));
      assert.deepEqual([fixed.outcome.kind, fixed.tries], ['answered', 2]);
      assert.ok(fixed.tookMs < 500);
      const { outcome, tries } = await run(bad);
      assert.equal(outcome.kind === 'failed' && outcome.reason, 'unavailable');
      assert.equal(tries, 2);
    }
  });

  it('takes a refusal for an answer, with its code', async () => {
    const { outcome, tries } = await run({ status: 403, body: { error: { code: 'AuthorizationFailed' } } });
    assert.deepEqual(outcome.kind === 'refused' && [outcome.status, outcome.code, outcome.what, tries], [
      403,
      'AuthorizationFailed',
      'GET /x',
      1,
    ]);
  });

  it('aborts the request at the deadline and says timeout', async () => {
    const { azure, clock, get } = stage({ afterMs: 60_000 });
    const outcome = await clock.drive(get('/x', deadlineIn(2000, clock)));
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'timeout');
    assert.equal(azure.requests[0]?.abortSignal?.aborted, true);
  });

  it('does not abort what is done: its connection serves the next', async () => {
    const { azure, clock, get } = stage({ body: {} });
    await clock.drive(get('/x', deadlineIn(2000, clock)));
    await clock.advance(5000);
    assert.equal(azure.requests[0]?.abortSignal?.aborted, false);
  });

  it('with no budget left nothing is sent', async () => {
    const { outcome, tries } = await run({ body: {} }, 0);
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'timeout');
    assert.equal(tries, 0);
  });
});

describe('a list', () => {
  const pages = async (first: unknown, more: Record<string, unknown> = {}) => {
    const { azure, clock, get } = stage({ body: first });
    for (const [path, body] of Object.entries(more)) azure.on(path, { body });
    const outcome = await clock.drive(getPages(get, '/x', deadlineIn(10_000, clock)));
    return { outcome, azure };
  };

  it('is read to its last page, and nextLink may be relative, null or empty', async () => {
    for (const end of [undefined, null, '']) {
      const { outcome } = await pages(
        { value: [1], nextLink: `${ORIGIN}/x2?$skiptoken=a` },
        { '/x2': { value: [2], nextLink: '/x3' }, '/x3': { value: [3], nextLink: end } },
      );
      assert.deepEqual(outcome.kind === 'answered' && outcome.value, [1, 2, 3]);
    }
  });

  it('never follows a nextLink to another origin', async () => {
    for (const nextLink of [
      'https://evil.example/x2',
      'http://management.azure.com/x2',
      'https://management.azure.com:8443/x2',
      'https://management.azure.com.evil.example/x2',
      'https://user@management.azure.com/x2',
      '//evil.example/x2',
    ]) {
      const { outcome, azure } = await pages({ value: [1], nextLink });
      assert.equal(outcome.kind === 'failed' && outcome.reason, 'invalidAnswer', nextLink);
      assert.equal(azure.requests.length, 1, nextLink);
    }
  });

  it('that leads back to itself is invalid, and ends', async () => {
    const { outcome, azure } = await pages({ value: [1], nextLink: '/x' });
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'invalidAnswer');
    assert.equal(azure.requests.length, 1);
  });

  it('in another form is invalid', async () => {
    for (const body of [null, 'text', {}, { value: {} }, { value: [], nextLink: 7 }, '<html>']) {
      const { outcome } = await pages(body);
      assert.equal(outcome.kind === 'failed' && outcome.reason, 'invalidAnswer', JSON.stringify(body));
    }
  });

  it('fails as a whole where one page can’t be read: half a list would hide things', async () => {
    const { azure, clock, get } = stage(list(1));
    azure.on('/x', { body: { value: [1], nextLink: '/x2' } });
    azure.on('/x2', { status: 429, headers: { 'retry-after': '99' } });
    const outcome = await clock.drive(getPages(get, '/x', deadlineIn(10_000, clock)));
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'throttled');
  });
});
