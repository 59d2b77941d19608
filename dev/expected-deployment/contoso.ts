import { guidOf } from '../azure-simulator/world/ids.ts';
import type { Deployment } from './deployment.ts';
import { deploymentOf } from './from-snapshot.ts';
import { HOST_SUBSCRIPTION, TENANT } from './scenario-ids.ts';
import { parseSnapshot, readSnapshot, type Snapshot } from './snapshot.ts';

/**
 * The scenario that is deployed into the Azure simulator: infra/scenarios/local-stack.bicepparam.
 */
const SCENARIO = 'local-stack';

/** The expected deployment under the names of the Azure simulator. */
export function contosoSnapshot(scenario = SCENARIO): Snapshot {
  return parseSnapshot(scenario, contosoNames(readSnapshot(scenario).text));
}

/**
 * Vaults and the second subscription already have the simulator's names; the differences are the subscription and
 * tenant that every scenario is deployed to, the storage account, which is the embedded storage's only one, and the
 * namespace of the event hub, which the local host emulates.
 */
export function contosoNames(text: string): string {
  const expected = readSnapshot(SCENARIO);
  const names: readonly [from: string, to: string][] = [
    [HOST_SUBSCRIPTION, guidOf('subscription production')],
    [TENANT, guidOf('tenant contoso')],
    [expected.one('Microsoft.Storage/storageAccounts').name, 'devstoreaccount1'],
    [expected.one('Microsoft.EventHub/namespaces').name, 'event-hubs'],
  ];
  return names.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

/** The resources of that deployment. */
export function contosoDeployment(): Deployment {
  return deploymentOf(contosoSnapshot());
}

/**
 * The operations that its event subscriptions let through: the values of the one filter ("Event filtering").
 */
export function contosoOperations(): string[] {
  const { sources } = contosoDeployment();
  const values = sources.flatMap(({ eventSubscription }) =>
    eventSubscription.properties.filter.advancedFilters.flatMap((filter) => filter.values),
  );
  return [...new Set(values)];
}
