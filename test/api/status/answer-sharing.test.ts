import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import type { Answer } from '../../../shared/api/problem.ts';
import { answer } from '../../../shared/api/serve-api.ts';
import { createAnswerSharing } from '../../../shared/api/status/answer-sharing.ts';
import type { IncidentStore } from '../../../shared/storage/incident-store.ts';
import {
  calls,
  PRODUCT_HOST_JSON,
  startFixture,
  type TestHost,
  until,
} from '../../dev/functions-host/host-app.ts';
import { aPolicyId, aPolicyState } from './a-head.ts';

const AT = '2026-11-23T03:00:30.000Z';

/** Storage whose every reading of all policies waits until the test lets it go on. */
function gated() {
  const seen = { begun: 0, running: 0, most: 0, verdict: 'clear' as 'clear' | 'revoked', failing: false };
  const gates: (() => void)[] = [];
  const store: Partial<IncidentStore> = {
    listPolicyStates: async () => {
      seen.begun += 1;
      seen.running += 1;
      seen.most = Math.max(seen.most, seen.running);
      const { verdict, failing } = seen;
      await new Promise<void>((resolve) => gates.push(resolve));
      seen.running -= 1;
      if (failing) throw new Error('the table refuses');
      return [{ policyState: aPolicyState('down', { verdict }), etag: 'x' }];
    },
    unreadableRows: () => ({ swept: [], all: [] }),
    historyFault: async () => undefined,
  };
  const warned: string[] = [];
  const ports: ReadPorts = {
    store: store as IncidentStore,
    heartbeat: { read: async () => ({ timerAt: AT, sweepBegunAt: AT, sweepFinishedAt: AT }) },
    config: { sweepBounds: { minMs: 30_000, maxMs: 30_000 } },
    eventSources: { event: true, audit: false },
    clock: { now: () => '2026-11-23T03:01:00.000Z' },
    log: { info() {}, warn: (event) => warned.push(event), error() {} },
    shared: createAnswerSharing<Answer>(),
  };
  return {
    seen,
    warned,
    get: (path: string, ifNoneMatch: string | null = null) =>
      answer({ url: `http://localhost/api${path}`, ifNoneMatch }, ports),
    /** Lets all readings go on, also those that begin when others end. */
    async letGo() {
      for (let round = 0; round < 200; round += 1) {
        for (const open of gates.splice(0)) open();
        await setImmediate();
      }
    },
  };
}
const verdictOf = ({ body }: Answer) => JSON.parse(body).verdict;

for (const path of ['/status', '/coverage', '/health', '/status?policy=down&code=a-key'])
  test(`${path} is computed once for all who ask at the same time`, async () => {
    const { seen, get, letGo } = gated();
    const asked = Array.from({ length: 50 }, () => get(path));
    await setImmediate();
    assert.equal(seen.begun, 1);
    await letGo();
    const answers = await Promise.all(asked);
    assert.equal(seen.begun, 1);
    assert.ok(answers.every(({ status, body }) => status === 200 && body === answers[0]?.body));
  });

test('who asks while an answer is computed gets a later one, in which an action of before shows', async () => {
  const { seen, get, letGo } = gated();
  const early = get('/status');
  await setImmediate();
  seen.verdict = 'revoked';
  const late = Array.from({ length: 50 }, () => get('/status'));
  await setImmediate();
  assert.equal(seen.begun, 1, 'the same is never computed twice at once');
  await letGo();
  assert.equal(verdictOf(await early), 'clear');
  for (const one of await Promise.all(late)) assert.equal(verdictOf(one), 'revoked');
  assert.equal(seen.begun, 2);
});

test('a function key is no part of the question; a filter is', async () => {
  const { seen, get, letGo } = gated();
  const asked = [
    '/status?code=a',
    '/status?Code=b',
    '/status',
    '/status?policy=down',
    '/status?policy=up',
  ].map((path) => get(path));
  await letGo();
  const counts = (await Promise.all(asked)).map(({ body }) => JSON.parse(body).counts.policies);
  assert.deepEqual(counts, [1, 1, 1, 1, 0]);
  assert.equal(seen.begun, 3);
});

test('each caller gets a 304 or the whole answer by its own ETag', async () => {
  const { get, letGo } = gated();
  const first = get('/status');
  await letGo();
  const { etag = '' } = (await first).headers;
  const asked = [get('/status', etag), get('/status'), get('/status', '"other"')];
  await letGo();
  const answers = await Promise.all(asked);
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body === '']),
    [
      [304, true],
      [200, false],
      [200, false],
    ],
  );
});

test('a failure is for those who asked then; the next is computed again', async () => {
  const { seen, get, letGo } = gated();
  seen.failing = true;
  const asked = [get('/status'), get('/status')];
  await letGo();
  assert.deepEqual(
    (await Promise.all(asked)).map(({ status }) => status),
    [503, 503],
  );
  seen.failing = false;
  const later = get('/status');
  await letGo();
  assert.equal((await later).status, 200);
});

test('of a thousand different questions two are computed at once, and those that can’t wait are refused', async () => {
  const { seen, warned, get, letGo } = gated();
  const asked = Array.from({ length: 1_000 }, (_, index) => get(`/status?policy=p${index}`));
  await letGo();
  const answers = await Promise.all(asked);
  assert.equal(seen.most, 2);
  const refused = answers.filter(({ status }) => status === 503);
  assert.equal(answers.length - refused.length, seen.begun);
  assert.equal(refused.length, 900);
  assert.equal(warned.filter((event) => event === 'too-many-questions').length, 900);
  assert.equal(refused[0]?.headers['retry-after'], '5');
  const afterwards = get(`/status?policy=${aPolicyId('down')}`);
  await letGo();
  assert.equal((await afterwards).status, 200);
});

describe('over HTTP', () => {
  let host: TestHost;
  const cleanups: (() => Promise<void>)[] = [];
  before(async () => {
    host = await startFixture('../../../../api/status/held-app', {
      files: PRODUCT_HOST_JSON,
      env: {
        LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
        AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
        LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=abc',
        LOCKWATCH_ACCESS: 'none',
        WEBSITE_SITE_NAME: '',
        WEBSITE_AUTH_ENABLED: '',
      },
      onCleanup: (clean) => cleanups.push(clean),
    });
  });
  after(async () => {
    for (const clean of cleanups.reverse()) await clean();
  });

  test('thirty callers cost two readings: the one that ran, and one for all who came later', async () => {
    const ask = () => fetch(`${host.url}/api/status`).then(({ status }) => status);
    const listings = () => calls<() => void>('listing');
    const first = ask();
    await until('the first reading', () => listings().length === 1);
    const later = Array.from({ length: 29 }, ask);
    await until('all callers', () => calls('asked').length === 30);
    assert.equal(listings().length, 1);
    listings()[0]?.();
    await until('the second reading', () => listings().length === 2);
    listings()[1]?.();
    assert.deepEqual(new Set(await Promise.all([first, ...later])), new Set([200]));
    assert.equal(listings().length, 2);
  });
});
