import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { buildFixture, calls, PRODUCT_HOST_JSON } from '../../dev/functions-host/host-app.ts';
import { startCopy } from '../../dev/functions-host/host-copy.ts';

// Microsoft's host drops what a function logs once it has answered (azure-functions-host issues 6385 and 7713): a sweep
// that goes on behind the answer would never reach the log, the alerts or the traces.

const SETTINGS = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
  AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=abc',
  LOCKWATCH_ACCESS: 'none',
};
const cleaning: (() => Promise<void>)[] = [];
let built: string;
before(async () => {
  const { directory, remove } = await buildFixture('../../../../api/actions/silent-app', PRODUCT_HOST_JSON);
  cleaning.push(remove);
  built = directory;
});
after(async () => {
  for (const clean of cleaning.reverse()) await clean();
});
/** All that could go on in memory does. */
async function settle(): Promise<void> {
  for (let n = 0; n < 10_000; n += 1) await setImmediate();
}
const sent = () => calls<string>('sent');

for (const [method, path, name] of [
  ['GET', '/api/status', 'status'],
  ['POST', '/api/policies/p1/check', 'actions'],
] as const) {
  const start = async (queue: string) => {
    Object.assign(process.env, SETTINGS, { QUEUE: queue, WEBSITE_SITE_NAME: '' });
    const onCleanup = (clean: () => Promise<void>) => cleaning.push(clean);
    const host = await startCopy(built, { env: SETTINGS, only: [name], onCleanup });
    const earlier = { sent: sent().length, asked: calls('asked').length };
    const answer = await fetch(`${host.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
    });
    const events = () =>
      host.logged
        .filter(({ category }) => category === 'user')
        .map(({ message }) => JSON.parse(message).event as string);
    return { answer, earlier, events, answered: events() };
  };

  test(`${method}: a silent sweep where the queue refuses is over, and logged, before the answer`, async () => {
    const { answer, earlier, events, answered } = await start('refuses');
    assert.equal(answer.status, 200);
    for (const line of ['sweep-silent', 'heartbeat-message-failed', 'swept'])
      assert(answered.includes(line), `${line} is not among ${answered}`);
    assert(sent().slice(earlier.sent).includes('opened'));
    await settle();
    assert.deepEqual(events(), answered, 'nothing goes on');
  });

  test(`${method}: where the queue takes it, a message is all that is sent, and nothing goes on behind the answer`, async () => {
    const { answer, earlier, events, answered } = await start('takes');
    assert.equal(answer.status, 200);
    assert.equal(calls('asked').length, earlier.asked + 1);
    assert(answered.includes('sweep-silent') && !answered.includes('swept'));
    await settle();
    assert.deepEqual(events(), answered);
  });
}
