import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import { withStack } from './with-stack.ts';

// As Azure runs it: each kind of function in a process of its own. No event comes at all, and there is no audit log.
const SWEEP_SECONDS = 5;
const { stack, seen, lines } = await withStack({
  sweepSeconds: SWEEP_SECONDS,
  simulator: { demoPolicies: true, operationFilters: ['Microsoft.Nobody/'] },
  settings: { LOCKWATCH_VISIBILITY_ALERT_SECONDS: '5' },
  processes: [['status'], ['timer'], ['storageQueue', 'poison']],
});
const control = (path: string, init: RequestInit) => fetch(`${stack.simulator.control}${path}`, init);
const fault = async (body: object) => {
  const answer = await control('/faults', { method: 'POST', body: JSON.stringify(body) });
  assert(answer.ok, await answer.text());
};
const remediation = () => control('/faults', { method: 'DELETE' });
const statusOf = (policy: string) => seen.status(policy);
const becomes = (policy: string, verdict: string, ms = 60_000) =>
  until(`${policy} is ${verdict}`, ms, async () =>
    (await statusOf(policy))?.verdict === verdict ? true : undefined,
  );
const cards = async (pattern: RegExp, since: number) =>
  (await seen.teams()).filter(
    ({ at, body }) => Date.parse(at) >= since && pattern.test(JSON.stringify(body)),
  );

test('our own right to read taken away is a visibility gap: no lock is reported, nothing is called clear, and visibility comes back', async () => {
  await becomes('ep-key-disabled', 'clear');
  const since = Date.now();
  await seen.scenario('reader-revoked', {});
  await becomes('ep-key-disabled', 'unknown');
  await until('the card that says so', 60_000, async () =>
    (await cards(/can't see everything/, since)).length > 0 ? true : undefined,
  );
  for (const trigger of TRIGGER_IDS) {
    const status = await statusOf(`ep-${trigger}`);
    assert.equal(status?.verdict, 'unknown', trigger);
    assert.equal(status?.incident, null, trigger);
  }
  await seen.scenario('reader-granted', {});
  await becomes('ep-key-disabled', 'clear');
  await until('the card that says it is over', 60_000, async () =>
    (await cards(/sees again/, since)).length > 0 ? true : undefined,
  );
});

for (const [name, kind] of [
  ['errors of the server', { kind: 'error', status: 500 }],
  ['throttling without end', { kind: 'throttle', retryAfter: 10 }],
  ['connections that break', { kind: 'reset' }],
] as const)
  test(`${name}: unknown, no lock, no false health; and clear again`, async () => {
    await becomes('ep-key-deleted', 'clear');
    await fault({ service: 'arm', path: '/vaults/', ...kind });
    await becomes('ep-key-deleted', 'unknown');
    assert.equal((await statusOf('ep-key-deleted'))?.incident, null);
    await remediation();
    await becomes('ep-key-deleted', 'clear');
  });

test('without a single event every trigger is found by the sweep', async () => {
  for (const trigger of TRIGGER_IDS) await becomes(`ep-${trigger}`, 'clear');
  const acted = new Map<string, number>();
  for (const trigger of TRIGGER_IDS) {
    const { events } = await seen.scenario(trigger, { policy: `ep-${trigger}` });
    assert(
      events.every(({ delivered, operation }) => delivered !== 'queue' || operation === undefined),
      `${trigger} raised an event`,
    );
    acted.set(trigger, Date.now());
  }
  await Promise.all(
    TRIGGER_IDS.map((trigger) =>
      until(`${trigger} found`, 60_000, async () => {
        const incident = (await statusOf(`ep-${trigger}`))?.incident;
        return incident?.triggers.some((cause) => cause.trigger === trigger) ? true : undefined;
      }),
    ),
  );
  // One sweep to see it, another's time to have been in the midst of one, and the machine's own. A lock without
  // a cause is seen by two sweeps in a row.
  for (const [trigger, at] of acted) {
    const id = (await statusOf(`ep-${trigger}`))?.incident?.id ?? '';
    const { openedAt } = (await seen.incident(id)) as unknown as { openedAt: string };
    assert(
      Date.parse(openedAt) - at <= (trigger === 'locked' ? 4 : 3) * SWEEP_SECONDS * 1000,
      `${trigger} after ${Date.parse(openedAt) - at} ms`,
    );
  }
  assert(!lines.some((line) => /"event":"(channel-bug|poison)"/.test(line)));
});
