import { contosoOperations } from '../../expected-deployment/contoso.ts';
import type { AdvancedFilter, DeployedSource } from '../../expected-deployment/deployment.ts';
import type { EventGridEvent } from './wire.ts';

/**
 * The operations that the deployment lets through: those that can take an environment down, or end
 * visibility.
 */
export const DEFAULT_OPERATION_FILTERS: readonly string[] = contosoOperations();

/** Whether one StringBeginsWith matches: case-insensitive (Event Grid: "Event filtering"). */
export function passes(values: readonly string[], text: string): boolean {
  return values.some((value) => text.toLowerCase().startsWith(value.toLowerCase()));
}

/**
 * The reason why an event subscription drops this event; undefined where it passes. All filters must match.
 */
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
