import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { countOf, fail, withStack } from './with-stack.ts';

const SWEEP_SECONDS = 5;
const { stack, lines, queue, seen } = await withStack({
  sweepSeconds: SWEEP_SECONDS,
  simulator: { demoPolicies: true },
});

const healthy = (policy: string) =>
  until(`${policy} is clear`, 60_000, async () =>
    (await seen.status(policy))?.verdict === 'clear' ? true : undefined,
  );
const opened = (policy: string) =>
  until(`an incident of ${policy}`, 90_000, async () => (await seen.status(policy))?.incident ?? undefined);
const delivered = (incidentId: string, timeoutMs: number) =>
  until('every notice delivered', timeoutMs, async () => {
    const { notices } = await seen.incident(incidentId);
    return notices.length >= 2 && notices.every(({ state }) => state === 'sent') ? notices : undefined;
  });
/** Cards that report this policy offline: the headline may name its vault instead. A digest also names policies. */
const cardsAbout = async (policy: string) =>
  (await seen.teams()).filter(({ body }) => {
    const { summary } = body as { summary: string };
    return JSON.stringify(body).includes(policy) && /^\d+ environments? offline: /.test(summary);
  });

test('killed between the commit and the delivery: after the restart one incident, and every notice delivered', async () => {
  const policy = 'ep-permissions-revoked';
  await healthy(policy);
  await fail(stack, { teams: 'hang', email: 'hang' });
  await seen.scenario('permissions-revoked', { policy });
  const incident = await opened(policy);
  await stack.killHost();
  await fail(stack, { teams: 'ok', email: 'ok' });
  await stack.startHost();
  const notices = await delivered(incident.id, 90_000);
  assert.deepEqual(notices.map(({ channel }) => channel).sort(), ['email', 'teams']);
  assert.equal((await seen.status(policy))?.incident?.id, incident.id);
  assert.equal((await cardsAbout(policy)).length, 1);
});

test('killed before the commit: the observed state is read again after the restart', async () => {
  const policy = 'ep-vault-deleted';
  await healthy(policy);
  const slow = await fetch(`${stack.simulator.control}/faults`, {
    method: 'POST',
    body: JSON.stringify({ service: 'arm', path: '/vaults/', kind: 'hang' }),
  });
  assert(slow.ok, await slow.text());
  await seen.scenario('vault-deleted', { policy });
  await until('the message was taken', 20_000, async () =>
    (await queue('lockwatch-signals').peekMessages()).peekedMessageItems.length === 0 ? true : undefined,
  );
  await stack.killHost();
  await fetch(`${stack.simulator.control}/faults`, { method: 'DELETE' });
  await stack.startHost();
  const incident = await opened(policy);
  await delivered(incident.id, 60_000);
  assert.equal((await cardsAbout(policy)).length, 1);
});

test('storage stopped: the host ends as in Azure and is started again; nothing is poisoned or lost', async () => {
  const policy = 'ep-network-restricted';
  await healthy(policy);
  const before = stack.hostRestarts();
  await stack.stopStorage();
  await seen.scenario('network-restricted', { policy });
  const stoppedAt = Date.now();
  await until('the host is started again', 90_000, async () =>
    stack.hostRestarts() > before ? true : undefined,
  );
  // Each run ends after some 25 s of refused connections, and not at the first of them.
  const ranMs = Date.now() - stoppedAt;
  assert.ok(ranMs > 15_000, `the host ended after ${ranMs} ms`);
  assert.ok(lines.some((line) => line.includes("Host is shutting down. Queue 'lockwatch-")));
  await stack.startStorage();
  const incident = await opened(policy);
  await delivered(incident.id, 90_000);
  assert.equal(await countOf(queue('lockwatch-signals-poison')), 0);
});
