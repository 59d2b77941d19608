import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { contosoDeployment } from '../../../dev/expected-deployment/contoso.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createFactsReader } from '../../../shared/facts/azure-facts-reader.ts';
import { noEnvironmentsHere } from '../../facts/no-environments.ts';
import { mainIds, startTestSimulator, type TestSimulator } from './harness.ts';

async function readerIn(simulator: TestSimulator) {
  const token = await simulator.token('https://management.azure.com');
  const facts = createFactsReader({
    armEndpoint: simulator.arm,
    armScope: 'https://management.azure.com/.default',
    subscriptions: simulator.subscriptions,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock: systemClock,
    environments: noEnvironmentsHere(systemClock),
  });
  return async (id: string) => {
    const part = await facts.begin(10_000, { sweep: true }).readEventSource(id.toLowerCase());
    return part.state === 'known' ? `open: ${part.value.isOpen}` : part.state;
  };
}

describe('the product reads what it sees by', async () => {
  const simulator = await startTestSimulator();
  const read = await readerIn(simulator);
  const { subscription } = mainIds(simulator);
  const group = `${subscription}/resourceGroups/rg-lockwatch/providers`;
  const { sources, auditSettings, hubs } = contosoDeployment();
  const { topicId: topic = '', eventSubscription } = sources[0] ?? {};
  const cases: [scenario: string, remediation: string, id: string][] = [
    ['audit-log-off', 'audit-log-on', auditSettings[0]?.id ?? ''],
    ['event-subscription-deleted', 'undo-event-subscription-deleted', eventSubscription?.id ?? ''],
    ['audit-hub-deleted', 'undo-audit-hub-deleted', hubs[0]?.id ?? ''],
  ];
  for (const [scenario, remediation, id] of cases)
    it(`as there, gone after ${scenario}, and there again after ${remediation}`, async () => {
      assert.equal(await read(id), 'open: true');
      const { events } = await simulator.scenario(scenario);
      assert.match(events?.[0]?.operation ?? '', /\/delete$/);
      assert.equal(await read(id), 'gone');
      assert.match((await simulator.scenario(remediation)).events?.[0]?.operation ?? '', /\/write$/);
      assert.equal(await read(id), 'open: true');
    });

  it('as gone where it has another name, or hangs on another resource', async () => {
    assert.equal(await read(`${topic}/eventSubscriptions/another`), 'gone');
    assert.equal(await read(cases[0]?.[2].replace('kv-contoso-eu', 'kv-none') ?? ''), 'gone');
    assert.equal(await read(topic), 'open: true');
  });

  it('as unknown where its identity may not read, or nobody could know how', async () => {
    assert.equal(await read(`${group}/Microsoft.Web/sites/web`), 'unknown');
    assert.equal(await read('junk'), 'unknown');
    await simulator.scenario('reader-revoked');
    assert.equal(await read(topic), 'unknown');
  });
});

test('without its event subscription nothing is delivered, and with it again what comes next is', async () => {
  const simulator = await startTestSimulator();
  const own = await simulator.scenario('event-subscription-deleted');
  assert.equal(
    /deleted|filter/.test(own.events?.[0]?.reason ?? ''),
    false,
    'the deletion itself is still told',
  );
  const missed = await simulator.scenario('decoy-vault-changed');
  assert.match(missed.events?.[0]?.reason ?? '', /event subscription was deleted/);
  await simulator.scenario('undo-event-subscription-deleted');
  const heard = await simulator.scenario('decoy-vault-changed');
  assert.equal(/deleted|filter/.test(heard.events?.[0]?.reason ?? ''), false);
  const never = await simulator.scenario('event-subscription-deleted', { vault: 'kv-legacy' });
  assert.equal(never.status, 409);
});
