import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { withStack } from './with-stack.ts';

// As Azure runs it: each kind of function in a process of its own. Policies lie in three subscriptions.
const SWEEP_SECONDS = 5;
const { stack, seen } = await withStack({
  sweepSeconds: SWEEP_SECONDS,
  simulator: { thirdSubscription: 8 },
  processes: [['status'], ['timer'], ['storageQueue', 'poison']],
});

/** One vault in each permission model, each in a subscription of its own, and one in the subscription that is throttled. */
const MODELS = [
  { policy: 'ep-finance', other: 'access policies' },
  { policy: 'ep-sales', other: 'role assignments' },
] as const;
const THROTTLED = 'ep-asia-5';
/** As much of Azure's own 250, and 25 a second, as is left: a tenth. */
const TENTH = { capacity: 25, perSecond: 2.5 };
/** One sweep to see it, another's time to have been in the midst of one, and the machine's own. */
const ON_TIME_MS = 3 * SWEEP_SECONDS * 1000;

const control = (path: string, init?: RequestInit) => fetch(`${stack.simulator.control}${path}`, init);
const becomes = (policy: string, verdict: string, ms = ON_TIME_MS) =>
  until(`${policy} is ${verdict}`, ms, async () => {
    const status = await seen.status(policy);
    return status?.verdict === verdict ? status : undefined;
  });

/** Does it, and waits until both channels have taken what there is to say of it, for the reason given. */
async function told(scenario: string, policy: string, reasons: readonly string[], ms = ON_TIME_MS) {
  const already = new Set((await noticesOf(policy)).map(({ messageId }) => messageId));
  await seen.scenario(scenario, { policy });
  return until(`both channels told of ${scenario} at ${policy}`, ms, async () => {
    const fresh = (await noticesOf(policy)).filter(
      ({ state, reason, messageId }) =>
        state === 'sent' && reasons.includes(reason) && !already.has(messageId),
    );
    return new Set(fresh.map(({ channel }) => channel)).size === 2 ? fresh : undefined;
  });
}

async function noticesOf(policy: string) {
  const id = (await seen.status(policy))?.incident?.id;
  return id === undefined ? [] : (await seen.incident(id)).notices;
}

const NEWS = ['opened', 'worsened', 'confirmed'];

before(async () => {
  for (const policy of [...MODELS.map((one) => one.policy), THROTTLED])
    await becomes(policy, 'clear', 60_000);
});

for (const { policy, other } of MODELS)
  test(`${policy}: permission removed and given again, the permission model switched and switched back`, async () => {
    await told('permissions-revoked', policy, NEWS);
    assert.equal((await becomes(policy, 'revoked')).incident?.state, 'revoked');
    await told('grant-permissions', policy, ['accessRestored']);
    assert.equal((await becomes(policy, 'clear')).incident?.state, 'accessRestored');

    await told('permission-model-flipped', policy, NEWS);
    const lost = await becomes(policy, 'revoked');
    const causes = (await seen.incident(lost.incident?.id ?? '')).causes;
    assert.match(
      JSON.stringify(causes),
      new RegExp(`switched to ${other}, and the earlier grants no longer`),
    );
    await told('undo-permission-model-flipped', policy, ['accessRestored']);
    assert.equal((await becomes(policy, 'clear')).incident?.state, 'accessRestored');

    const cards = (await seen.teams()).map(({ body }) => JSON.stringify(body));
    assert(cards.some((card) => card.includes(policy) && card.includes(`switched to ${other}`)));
  });

test('one subscription of three throttled to a tenth: the others’ locks are reported on time, and its own in the end', async () => {
  const subscription = (await becomes(THROTTLED, 'clear')).id.split('/')[2];
  const fault = { service: 'arm', path: `/subscriptions/${subscription}/`, kind: 'throttle', granted: TENTH };
  const answer = await control('/faults', { method: 'POST', body: JSON.stringify(fault) });
  assert(answer.ok, await answer.text());
  const refused = async () => ((await (await control('/faults')).json()) as { met: number }[])[0]?.met ?? 0;
  await until('Azure refusing', 30_000, async () => ((await refused()) > 0 ? true : undefined));

  await Promise.all([
    ...MODELS.map(({ policy }) => told('permissions-revoked', policy, NEWS)),
    told('permissions-revoked', THROTTLED, NEWS, 60_000),
  ]);
  assert.equal((await becomes(THROTTLED, 'revoked')).incident?.state, 'revoked');
  await control('/faults', { method: 'DELETE' });
});
