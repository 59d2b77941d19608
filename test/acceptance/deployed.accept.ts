import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedOperation } from '../../dev/azure-simulator/http/asked.ts';
import { until } from '../../dev/demo/observe.ts';
import { contosoDeployment, contosoSnapshot } from '../../dev/expected-deployment/contoso.ts';
import { snapshotSettings } from '../../dev/expected-deployment/snapshot.ts';
import { withStack } from './with-stack.ts';

// The expected deployment of the scenario `local-stack`. At first one sweep, at the start: what is found later, comes by event.
const { stack, seen, queue } = await withStack({ sweepSeconds: 600, auditLog: true, webhook: true });

const asked = async () =>
  (await (await fetch(`${stack.simulator.control}/asked`)).json()) as AskedOperation[];
const clear = (policy: string) =>
  until(`${policy} is clear`, 60_000, async () =>
    (await seen.status(policy))?.verdict === 'clear' ? true : undefined,
  );

test('the app runs on the settings of the expected deployment: what differs is endpoints, identity, sign-in, intervals and the vaults of the run', async () => {
  const expected = snapshotSettings(contosoSnapshot());
  const names = Object.keys({ ...expected, ...stack.settings });
  const differing = names.filter((name) => {
    const isResolved = /^@Microsoft\.KeyVault\(/.test(expected[name] ?? '');
    return isResolved ? stack.settings[name] === expected[name] : stack.settings[name] !== expected[name];
  });
  assert.deepEqual(differing.sort(), [
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    'APPLICATIONINSIGHTS_CONNECTION_STRING',
    'AzureWebJobsStorage__blobServiceUri',
    'AzureWebJobsStorage__clientId',
    'AzureWebJobsStorage__queueServiceUri',
    'AzureWebJobsStorage__tableServiceUri',
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'LOCKWATCH_ACCESS',
    'LOCKWATCH_ARM_ENDPOINT',
    'LOCKWATCH_AUDIT__clientId',
    'LOCKWATCH_AUDIT__fullyQualifiedNamespace',
    'LOCKWATCH_CLIENT_ID',
    'LOCKWATCH_CLOSE_AFTER_SECONDS',
    'LOCKWATCH_ENVIRONMENT_LIST_SECONDS',
    // The event sources of this run's own vaults are added to the expected ones.
    'LOCKWATCH_EVENT_SOURCES',
    'LOCKWATCH_GRAPH_ENDPOINT',
    'LOCKWATCH_POWER_PLATFORM_API_ENDPOINT',
    'LOCKWATCH_POWER_PLATFORM_ENDPOINT',
    'LOCKWATCH_PUBLIC_URL',
    'LOCKWATCH_SWEEP_MAX_SECONDS',
    'LOCKWATCH_SWEEP_SECONDS',
    'NODE_EXTRA_CA_CERTS',
    'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
  ]);
  for (const name of contosoDeployment().queues) assert.ok(await queue(name).exists(), name);
});

test('in each watched subscription an operation arrives by its event, and people are notified', async () => {
  for (const policy of ['ep-finance', 'ep-sales']) {
    await clear(policy);
    await seen.scenario('network-restricted', { policy });
    await until(`people told of ${policy}`, 60_000, async () => {
      const id = (await seen.status(policy))?.incident?.id;
      if (id === undefined) return undefined;
      const { notices, actor } = await seen.incident(id);
      const sent = new Set(notices.filter(({ state }) => state === 'sent').map(({ channel }) => channel));
      return actor?.name === 'dana.whitfield@contoso.example' && sent.size === 3 ? true : undefined;
    });
  }
});

/** Asked only where somebody deleted such a thing, or a region was never seen: the in-process test reads each. */
const RARE = [
  'Microsoft.EventGrid/eventSubscriptions/read',
  'Microsoft.EventGrid/systemTopics/read',
  'Microsoft.EventHub/namespaces/authorizationRules/read',
  'Microsoft.EventHub/namespaces/read',
  'Microsoft.KeyVault/deletedVaults/read',
];

test('with sweeps as well, what it asked of Azure is what the role of the expected deployment allows, and the role allows no more', async () => {
  await stack.killHost();
  stack.settings.LOCKWATCH_SWEEP_SECONDS = '5';
  stack.settings.LOCKWATCH_SWEEP_MAX_SECONDS = '5';
  await stack.startHost();
  await clear('ep-field');
  // Principals are counted only while nothing is down, and what comes now takes every policy down.
  await until('the principals who can lock are counted', 60_000, async () =>
    (await asked()).some(({ action }) => /roleEligibilityScheduleInstances/i.test(action)) ? true : undefined,
  );
  await seen.scenario('vault-deleted', { policy: 'ep-apps' });
  await seen.scenario('audit-log-off', { policy: 'ep-finance' });
  await seen.scenario('audit-hub-deleted', {});
  await seen.scenario('event-subscription-deleted', { policy: 'ep-sales' });
  const lower = (actions: readonly string[]) => actions.map((action) => action.toLowerCase()).sort();
  const granted = contosoDeployment().roles[0]?.actions ?? [];
  const wanted = lower(granted.filter((action) => !RARE.includes(action)));
  let left = wanted;
  await until('everything but the rare was asked', 120_000, async () => {
    const actions = (await asked()).map(({ action }) => action.toLowerCase());
    left = wanted.filter((action) => !actions.includes(action));
    return left.length === 0 ? true : undefined;
  }).catch((cause) => {
    throw new Error(`Not asked: ${left.join(', ')}`, { cause });
  });
  assert.deepEqual(lower((await asked()).map(({ action }) => action)), wanted);
});
