import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passes } from '../../../dev/azure-simulator/events/filters.ts';
import { contosoDeployment, contosoOperations } from '../../../dev/expected-deployment/contoso.ts';
import type { Deployment } from '../../../dev/expected-deployment/deployment.ts';
import { readMessage } from '../../../shared/signals/read-message.ts';
import { makeWatchList, removesEventSource } from '../../../shared/signals/watch-list.ts';
import { fakeQueues } from '../functions-host/fake-queues.ts';
import { type Body, mainIds, startTestSimulator, type TestSimulator } from './harness.ts';

/** The scenario that raises each operation of the filter, with what must be done before it. */
const RAISED_BY: Readonly<Record<string, { scenario: string; of?: object; first?: string }>> = {
  'Microsoft.KeyVault/vaults/write': { scenario: 'public-access-disabled' },
  'Microsoft.KeyVault/vaults/delete': { scenario: 'vault-deleted' },
  'Microsoft.KeyVault/vaults/accessPolicies/write': {
    scenario: 'permissions-revoked',
    of: { policy: 'ep-sales' },
  },
  'Microsoft.KeyVault/vaults/keys/write': { scenario: 'key-put-through-arm' },
  'Microsoft.KeyVault/vaults/privateEndpointConnections/': { scenario: 'private-endpoint-approved' },
  'Microsoft.KeyVault/locations/deletedVaults/purge/action': {
    scenario: 'vault-purged',
    of: { policy: 'ep-sales' },
    first: 'vault-deleted',
  },
  'Microsoft.Authorization/roleAssignments/': { scenario: 'permissions-revoked' },
  'Microsoft.Authorization/roleDefinitions/': { scenario: 'custom-role-edited' },
  'Microsoft.Authorization/denyAssignments/': { scenario: 'deny-assignment-added' },
  'Microsoft.Authorization/locks/delete': { scenario: 'lock-deleted' },
  'Microsoft.PowerPlatform/enterprisePolicies/': { scenario: 'policy-deleted' },
  'Microsoft.Resources/subscriptions/resourceGroups/delete': { scenario: 'resource-group-deleted' },
  'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action': { scenario: 'resources-moved' },
  'Microsoft.Network/networkSecurityPerimeters/': { scenario: 'perimeter-joined' },
  'Microsoft.Insights/diagnosticSettings/': { scenario: 'audit-log-off' },
  'Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings/': {
    scenario: 'audit-log-off-by-vault',
  },
  'Microsoft.EventGrid/': { scenario: 'event-subscription-deleted' },
  'Microsoft.EventHub/namespaces/': { scenario: 'audit-hub-deleted' },
};
/** And of the event types that the vaults' own event subscriptions include. */
const RAISED_BY_VAULT: Readonly<Record<string, string>> = {
  'Microsoft.KeyVault.KeyNewVersionCreated': 'rotate-key',
  'Microsoft.KeyVault.KeyNearExpiry': 'near-expiry',
  'Microsoft.KeyVault.KeyExpired': 'key-expired',
  'Microsoft.KeyVault.VaultAccessPolicyChanged': 'permission-model-flipped',
};

async function deployedSimulator(change: (deployment: Deployment) => void = () => {}) {
  const deployment = contosoDeployment();
  change(deployment);
  const { messages, endpoint } = await fakeQueues(deployment.queues);
  const simulator = await startTestSimulator({
    deployment,
    queueEndpoint: endpoint,
    retryDelaysMs: [60_000],
  });
  return { simulator, messages };
}

async function raise(
  simulator: TestSimulator,
  { scenario, of = {}, first }: { scenario: string; of?: object; first?: string },
) {
  if (first) await simulator.scenario(first, of);
  const done = await simulator.scenario(scenario, of);
  assert.equal(done.error, undefined, `${scenario}: ${done.error?.message}`);
  return done.events ?? [];
}
type Raised = NonNullable<Body['events']>[number];
const ofOperation = (value: string) => (event: Raised) => passes([value], event.operation ?? '');

describe('each operation of the event subscriptions’ filter', () => {
  it('has a scenario that raises it, and each scenario is of a value', () =>
    assert.deepEqual(Object.keys(RAISED_BY).sort(), contosoOperations().sort()));

  for (const [value, how] of Object.entries(RAISED_BY))
    it(`${value} arrives by event, and is a reason to look`, async () => {
      const { simulator, messages } = await deployedSimulator();
      const watched = makeWatchList(await watchedOf(simulator));
      const [event] = (await raise(simulator, how)).filter(ofOperation(value));
      assert.equal(event?.delivered, 'queue', event?.reason);
      assert.equal(messages.at(-1)?.queue, 'lockwatch-signals');
      const signals = messages.flatMap(({ text }) => readMessage(text, new Date().toISOString()).signals);
      const ours = signals.filter((signal) => passes([value], signal.operation ?? ''));
      assert.ok(
        ours.some((signal) => watched.concerns(signal).length > 0 || removesEventSource(signal)),
        'it concerns a policy, or what the watcher sees by',
      );
    });

  for (const [value, how] of Object.entries(RAISED_BY))
    it(`without ${value} what it tells does not arrive`, async () => {
      const { simulator } = await deployedSimulator(({ sources }) => {
        for (const { eventSubscription } of sources)
          for (const filter of eventSubscription.properties.filter.advancedFilters)
            filter.values = filter.values.filter((one) => one !== value);
      });
      const events = (await raise(simulator, how)).filter(ofOperation(value));
      assert.ok(events.length > 0);
      for (const { delivered, reason } of events) {
        assert.equal(delivered, 'filtered');
        assert.match(reason ?? '', /filter does not pass the operation/);
      }
    });
});

describe('each event type of the vaults’ event subscriptions', () => {
  it('has a scenario that raises it', () => {
    const included = contosoDeployment()
      .sources.filter(({ topicType }) => topicType === 'Microsoft.KeyVault.vaults')
      .flatMap(({ eventSubscription }) => eventSubscription.properties.filter.includedEventTypes);
    assert.deepEqual(Object.keys(RAISED_BY_VAULT).sort(), [...new Set(included)].sort());
  });

  for (const [type, scenario] of Object.entries(RAISED_BY_VAULT))
    it(`${type} arrives, and without it does not`, async () => {
      const of = (events: Raised[]) => events.find((event) => event.type === type);
      const { simulator } = await deployedSimulator();
      assert.equal(of(await raise(simulator, { scenario }))?.delivered, 'queue');
      const { simulator: poorer } = await deployedSimulator(({ sources }) => {
        for (const { eventSubscription } of sources) {
          const { filter } = eventSubscription.properties;
          filter.includedEventTypes = filter.includedEventTypes.filter((one) => one !== type);
        }
      });
      const missed = of(await raise(poorer, { scenario }));
      assert.equal(missed?.delivered, 'filtered');
      assert.match(missed?.reason ?? '', /does not include the event’s type/);
    });
});

describe('deliveries', () => {
  const scenario = { scenario: 'public-access-disabled' };

  it('need the topic’s right to write into the queue', async () => {
    const { simulator, messages } = await deployedSimulator((deployment) => {
      const sender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a';
      deployment.grants = deployment.grants.filter(({ roleId }) => roleId !== sender);
    });
    const [event] = await raise(simulator, scenario);
    assert.equal(event?.delivered, 'waiting');
    assert.match(event?.reason ?? '', /may not write into it \(.*queues\/messages\/add\/action\)/);
    assert.deepEqual(messages, []);
  });

  it('need the queue that they are for', async () => {
    const { simulator } = await deployedSimulator((deployment) => {
      deployment.queues = deployment.queues.filter((name) => name !== 'lockwatch-signals');
    });
    assert.equal((await raise(simulator, scenario))[0]?.delivered, 'waiting');
  });

  it('need the event subscription of the subscription, and of the vault for its own events', async () => {
    const { simulator } = await deployedSimulator((deployment) => {
      deployment.sources = deployment.sources.filter(({ sourceId }) => !sourceId.endsWith('/kv-contoso-eu'));
    });
    const events = await raise(simulator, { scenario: 'permission-model-flipped' });
    assert.deepEqual(events.map(({ delivered }) => delivered).sort(), ['filtered', 'queue']);
    const { simulator: deaf } = await deployedSimulator((deployment) => {
      deployment.sources = deployment.sources.filter(({ sourceId }) => sourceId.includes('/vaults/'));
    });
    assert.match((await raise(deaf, scenario))[0]?.reason ?? '', /has no event subscription/);
  });
});

describe('rights', () => {
  it('are those of the expected deployment: without them the app’s identity is refused everything', async () => {
    const { simulator } = await deployedSimulator((deployment) => {
      deployment.grants = deployment.grants.filter(({ to }) => to.kind !== 'app');
    });
    const { vault, policies } = mainIds(simulator);
    assert.equal((await simulator.read(`${vault}?api-version=2026-02-01`)).status, 403);
    assert.equal((await simulator.read(`${policies}?api-version=2020-10-30-preview`)).status, 403);
  });

  it('taken away are given back as they were, and nothing more', async () => {
    const { simulator } = await deployedSimulator((deployment) => {
      for (const role of deployment.roles) role.actions = ['Microsoft.KeyVault/vaults/read'];
    });
    const { vault, policies } = mainIds(simulator);
    await simulator.scenario('reader-revoked');
    assert.equal((await simulator.read(`${vault}?api-version=2026-02-01`)).status, 403);
    await simulator.scenario('reader-granted');
    assert.equal((await simulator.read(`${vault}?api-version=2026-02-01`)).status, 200);
    assert.equal((await simulator.read(`${policies}?api-version=2020-10-30-preview`)).status, 403);
  });

  it('of a role that nobody knows stop the start', async () => {
    const [grant] = contosoDeployment().grants;
    assert.ok(grant);
    await assert.rejects(
      deployedSimulator(({ grants }) => {
        grants.push({ ...grant, id: 'odd', roleId: 'no-such-role' });
      }),
      /grants odd by a role that this tenant does not know: no-such-role/,
    );
  });
});

describe('a run that watches more than the scenario', () => {
  it('gives each further subscription and vault what the first of its kind has', async () => {
    const { endpoint, messages } = await fakeQueues(contosoDeployment().queues);
    const simulator = await startTestSimulator({
      thirdSubscription: 1,
      queueEndpoint: endpoint,
      audited: 'region',
    });
    const policy = 'ep-asia-1';
    const events = await raise(simulator, { scenario: 'permission-model-flipped', of: { policy } });
    assert.deepEqual(
      events.map(({ delivered }) => delivered),
      ['queue', 'queue'],
    );
    assert.equal(messages.length, 2);
    const third = simulator.subscriptions[2] ?? '';
    const vault = `/subscriptions/${third}/resourceGroups/rg-keys-asia/providers/Microsoft.KeyVault/vaults/kv-contoso-asia-1`;
    assert.equal((await simulator.read(`${vault}?api-version=2026-02-01`)).status, 200);
    const log = await simulator.scenario('audit-log-off', { policy });
    assert.equal(log.status, 409, 'a diagnostic setting reaches a namespace of the vault’s own region only');
  });
});

async function watchedOf(simulator: TestSimulator) {
  const state = (await (await fetch(`${simulator.control}/state`)).json()) as {
    policies: { id: string; vault?: string; key?: string }[];
    vaults: { id: string; name: string }[];
  };
  return state.policies.map(({ id, vault, key }) => ({
    policyId: id,
    vaultId: state.vaults.find(({ name }) => name === vault)?.id,
    keyName: key,
  }));
}
