import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const SNAPSHOT = join(import.meta.dirname, '../../infra/scenarios/minimal.snapshot.json');

const filters = z.object({
  filter: z.object({ advancedFilters: z.array(z.object({ values: z.array(z.string()) })).length(1) }),
});
const role = z.object({ permissions: z.array(z.object({ actions: z.array(z.string()) })).length(1) });
const snapshot = z.object({
  predictedResources: z.array(z.object({ type: z.string(), properties: z.unknown().optional() })),
});

/**
 * What a deployment gives the app in a watched subscription, as configuration of the simulated tenant: the role's
 * operations and the event subscription's filter, from the reviewed prediction. So what is shown on the laptop holds
 * under the rights and events that the Bicep files grant, and under no others.
 */
export function predictedTenant(): { appActions: string[]; operationFilters: string[] } {
  const { predictedResources } = snapshot.parse(JSON.parse(readFileSync(SNAPSHOT, 'utf8')));
  const propertiesOf = (type: string) => predictedResources.find((one) => one.type === type)?.properties;
  const { permissions } = role.parse(propertiesOf('Microsoft.Authorization/roleDefinitions'));
  const { filter } = filters.parse(propertiesOf('Microsoft.EventGrid/systemTopics/eventSubscriptions'));
  return {
    appActions: permissions.flatMap(({ actions }) => actions),
    operationFilters: filter.advancedFilters.flatMap(({ values }) => values),
  };
}
