import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ARM_ROUTES } from '../../../dev/azure-simulator/http/arm-routes.ts';
import type { AskedOperation } from '../../../dev/azure-simulator/http/asked.ts';
import { armAction } from '../../../dev/expected-deployment/arm-action.ts';
import { contosoDeployment } from '../../../dev/expected-deployment/contoso.ts';
import type { Deployment } from '../../../dev/expected-deployment/deployment.ts';
import type { Part } from '../../../shared/azure/part.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createFactsReader } from '../../../shared/facts/azure-facts-reader.ts';
import { rightsReader } from '../../../shared/facts/rights-reader.ts';
import { noEnvironmentsHere } from '../../facts/no-environments.ts';
import { mainIds, startTestSimulator, type TestSimulator } from './harness.ts';

const GRANTED = contosoDeployment().roles[0]?.actions ?? [];
const HUBS = contosoDeployment().namespaces[0]?.id ?? '';
const [SOURCE] = contosoDeployment().sources;

/** The fact that each operation of the role is for: without the operation it is unknown. */
const FACT: Readonly<Record<string, string>> = {
  'Microsoft.Resources/subscriptions/read': 'subscription',
  'Microsoft.PowerPlatform/enterprisePolicies/read': 'policy',
  'Microsoft.KeyVault/vaults/read': 'vault',
  'Microsoft.KeyVault/locations/deletedVaults/read': 'deletedVault',
  'Microsoft.KeyVault/deletedVaults/read': 'deletedVault, its region never seen',
  'Microsoft.KeyVault/vaults/keys/read': 'rotation',
  'Microsoft.KeyVault/vaults/keys/versions/read': 'key',
  'Microsoft.Authorization/roleAssignments/read': 'permission',
  'Microsoft.Authorization/roleDefinitions/read': 'permission by a custom role',
  'Microsoft.Authorization/denyAssignments/read': 'permission',
  'Microsoft.Authorization/locks/read': 'vaultLocks',
  'Microsoft.Authorization/roleAssignmentScheduleInstances/read': 'timeBound',
  'Microsoft.Authorization/roleEligibilityScheduleInstances/read': 'eligible roles',
  'Microsoft.EventGrid/systemTopics/read': 'way: system topic',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/read': 'way: event subscription',
  'Microsoft.EventGrid/eventSubscriptions/read': 'way: event subscription of old',
  'Microsoft.Insights/diagnosticSettings/read': 'way: diagnostic setting',
  'Microsoft.EventHub/namespaces/read': 'way: namespace',
  'Microsoft.EventHub/namespaces/eventhubs/read': 'way: event hub',
  'Microsoft.EventHub/namespaces/authorizationRules/read': 'way: rule of the namespace',
};
const WAYS: Readonly<Record<string, string | undefined>> = {
  'system topic': SOURCE?.topicId,
  'event subscription': SOURCE?.eventSubscription.id,
  'event subscription of old': `${SOURCE?.sourceId}/providers/Microsoft.EventGrid/eventSubscriptions/old`,
  'diagnostic setting': contosoDeployment().auditSettings[0]?.id,
  namespace: HUBS,
  'event hub': contosoDeployment().hubs[0]?.id,
  'rule of the namespace': contosoDeployment().rules[0]?.id,
};

/** Everything that the app ever reads of Azure, as it reads it: a sweep with protection, a vault deleted, ways cut. */
async function readEverything(simulator: TestSimulator): Promise<Record<string, Part<unknown>>> {
  const token = await simulator.token('https://management.azure.com');
  const reader = createFactsReader({
    armEndpoint: simulator.arm,
    armScope: 'https://management.azure.com/.default',
    subscriptions: simulator.subscriptions,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock: systemClock,
    environments: noEnvironmentsHere(systemClock),
  });
  const { subscription, vault, policy } = mainIds(simulator);
  const hints = { vaultId: vault, vaultLocation: 'westeurope', keyName: 'cmk-finance', rbac: true };
  const sweep = reader.begin(10_000, { protection: true });
  const { subscriptions } = await sweep.listPolicies();
  const facts = await sweep.read(policy, hints);
  const people = `${subscription}/resourceGroups/rg-powerplatform/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-people`;
  const byCustomRole = await sweep.read(people, { ...hints, keyName: 'cmk-people' });
  const detectionSources = await Promise.all(
    Object.entries(WAYS).map(
      async ([name, id]) => [`way: ${name}`, await sweep.readEventSource(id ?? '')] as const,
    ),
  );
  assert.ok(sweep.arm);
  const { eligible } = (await rightsReader(sweep.arm)(facts, hints)).policy;
  await simulator.scenario('vault-deleted');
  const signal = reader.begin(10_000);
  const afterwards = await signal.read(policy, hints);
  const unseen = await reader.begin(10_000).read(policy, { ...hints, vaultLocation: undefined });
  assert.ok(facts.protection && subscriptions[0]);
  const { moved: _, ...protection } = facts.protection;
  return {
    subscription: subscriptions[0].part,
    policy: facts.policy,
    vault: facts.vault,
    key: facts.key,
    permission: facts.permission,
    'permission by a custom role': byCustomRole.permission,
    ...protection,
    'eligible roles':
      'rows' in eligible
        ? { state: 'known', value: eligible.rows, readAt: eligible.at }
        : eligible.unreadable,
    deletedVault: afterwards.deletedVault,
    'deletedVault, its region never seen': unseen.deletedVault,
    ...Object.fromEntries(detectionSources),
  };
}

async function askedOf(simulator: TestSimulator): Promise<AskedOperation[]> {
  return (await (await fetch(`${simulator.control}/asked`)).json()) as AskedOperation[];
}

const withActions = (actions: readonly string[]): Deployment => {
  const deployment = contosoDeployment();
  for (const role of deployment.roles) role.actions = [...actions];
  return deployment;
};

describe('the role of the expected deployment', async () => {
  const simulator = await startTestSimulator();
  const facts = await readEverything(simulator);
  const asked = await askedOf(simulator);

  it('suffices for every fact', () => {
    for (const [name, part] of Object.entries(facts)) assert.notEqual(part.state, 'unknown', name);
    for (const { action, statuses } of asked) assert.ok(!statuses.includes(403), action);
  });

  it('is the same in each watched subscription, and holds exactly the operations that were asked for', () => {
    const lower = (actions: readonly string[]) => actions.map((action) => action.toLowerCase()).sort();
    for (const { actions } of contosoDeployment().roles)
      assert.deepEqual(lower(asked.map(({ action }) => action)), lower(actions));
  });

  it('is for facts that have names, each operation', () =>
    assert.deepEqual(Object.keys(FACT).sort(), [...GRANTED].sort()));

  for (const action of GRANTED)
    it(`without ${action} there is no ${FACT[action]}, or not all of it, and nothing is called gone for it`, async () => {
      const poorer = await startTestSimulator({
        deployment: withActions(GRANTED.filter((one) => one !== action)),
      });
      const found = await readEverything(poorer);
      const missed = found[FACT[action] ?? ''];
      const isPart = missed?.state === 'known' && Object.hasOwn(Object(missed.value), 'incomplete');
      assert.ok(missed?.state === 'unknown' || isPart, JSON.stringify(missed));
      for (const [name, part] of Object.entries(found))
        assert.ok(part.state === facts[name]?.state || part.state === 'unknown', `${name}: ${part.state}`);
      const refused = (await askedOf(poorer)).filter(({ statuses }) => statuses.includes(403));
      assert.deepEqual(
        refused.map((one) => one.action.toLowerCase()),
        [action.toLowerCase()],
      );
    });
});

describe('the operation of a request', () => {
  const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';
  const CASES: readonly [method: string, path: string, action: string][] = [
    ['GET', '/subscriptions/s', 'Microsoft.Resources/subscriptions/read'],
    [
      'DELETE',
      '/subscriptions/s/resourceGroups/g',
      'Microsoft.Resources/subscriptions/resourceGroups/delete',
    ],
    ['GET', VAULT, 'Microsoft.KeyVault/vaults/read'],
    ['PUT', VAULT, 'Microsoft.KeyVault/vaults/write'],
    ['GET', `${VAULT}/keys/k/versions`, 'Microsoft.KeyVault/vaults/keys/versions/read'],
    [
      'GET',
      '/subscriptions/s/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/v',
      'Microsoft.KeyVault/locations/deletedVaults/read',
    ],
    [
      'GET',
      `${VAULT}/providers/Microsoft.Authorization/roleAssignments`,
      'Microsoft.Authorization/roleAssignments/read',
    ],
  ];
  for (const [method, path, action] of CASES)
    it(`${method} ${path} is ${action}`, () => assert.equal(armAction(method, path), action));

  it('is what the Azure simulator asks a role for, at each of its routes', async () => {
    const simulator = await startTestSimulator();
    await readEverything(simulator);
    for (const { method, path, action } of await askedOf(simulator)) {
      const route = ARM_ROUTES.find((one) => one.method === method && one.path.test(path));
      assert.equal(route?.action.toLowerCase(), action.toLowerCase(), path);
    }
  });
});
