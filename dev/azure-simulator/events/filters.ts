import { contosoOperations } from '../../expected-deployment/contoso.ts';
import type { AdvancedFilter, DeployedSource } from '../../expected-deployment/deployment.ts';
import type { EventGridEvent } from './wire.ts';

/** The operations that the deployment passes on: the ones that can take an environment down, or blind the watcher. */
export const DEFAULT_OPERATION_FILTERS: readonly string[] = contosoOperations();

/** Whether one StringBeginsWith passes it: compared without case (Event Grid: "Event filtering"). */
export function passes(values: readonly string[], text: string): boolean {
  return values.some((value) => text.toLowerCase().startsWith(value.toLowerCase()));
}

/** Why an event subscription does not pass this event; undefined where it does. All of its filters must let it. */
export function whyFiltered(
  { properties }: DeployedSource['eventSubscription'],
  event: EventGridEvent,
): string | undefined {
  const { includedEventTypes, advancedFilters } = properties.filter;
  if (!includedEventTypes.some((type) => type.toLowerCase() === event.eventType.toLowerCase()))
    return 'the event subscription does not include the event’s type';
  const suppressed = advancedFilters.find((filter) => !lets(filter, event));
  if (suppressed === undefined) return undefined;
  return suppressed.key === 'data.operationName'
    ? 'the event subscription’s filter does not pass the operation'
    : `the event subscription’s filter on ${suppressed.key} does not pass it`;
}

/** A key that the event does not have matches nothing. */
function lets({ key, values }: AdvancedFilter, event: EventGridEvent): boolean {
  const found = key
    .split('.')
    .reduce<unknown>(
      (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
      event,
    );
  return typeof found === 'string' && passes(values, found);
}
