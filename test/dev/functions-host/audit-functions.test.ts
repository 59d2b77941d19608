import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { loadApp } from '../../../dev/functions-host/check-build.ts';
import { buildFixture, calls, PRODUCT_HOST_JSON, startFixture } from './host-app.ts';

const cleaning: (() => Promise<void>)[] = [];
const onCleanup = (clean: () => Promise<void>) => void cleaning.unshift(clean);
after(async () => {
  for (const clean of cleaning) await clean();
});

const env = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.invalid/workflows',
  AzureWebJobsStorage__tableServiceUri: 'https://example.invalid/table',
  AzureWebJobsStorage__queueServiceUri: 'https://example.invalid/queue',
  LOCKWATCH_AUDIT_HUB: 'lockwatch-audit',
  LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'west.example.invalid',
  LOCKWATCH_AUDIT_NORTHEUROPE__fullyQualifiedNamespace: 'north.example.invalid',
};

it('two namespaces register two functions, each with a connection of its own', async () => {
  Object.assign(process.env, env);
  const { directory, remove } = await buildFixture('the-app', PRODUCT_HOST_JSON);
  onCleanup(remove);
  const listening = (await loadApp(directory)).filter(({ triggerType }) => triggerType === 'eventHubTrigger');
  assert.deepEqual(
    listening.map(({ name, trigger }) => [name, trigger.connection, trigger.eventHubName]),
    [
      ['auditLog', 'LOCKWATCH_AUDIT', 'lockwatch-audit'],
      ['auditLogNortheurope', 'LOCKWATCH_AUDIT_NORTHEUROPE', 'lockwatch-audit'],
    ],
  );
});

it('each takes its batches at its own address of the local host', async () => {
  const host = await startFixture('audit-log', { env, onCleanup });
  const batch = JSON.stringify([{ body: { records: [] } }]);
  for (const name of ['auditLogNortheurope', 'auditLog']) {
    const answer = await fetch(`${host.url}/local/event-hubs/${name}`, { method: 'POST', body: batch });
    assert.equal(answer.status, 202, name);
  }
  const other = await fetch(`${host.url}/local/event-hubs/auditLogWesteurope`, {
    method: 'POST',
    body: batch,
  });
  assert.equal(other.status, 404);
  assert.deepEqual(calls('audit-log'), ['auditLogNortheurope', 'auditLog']);
});
