import * as z from 'zod';
import { optionalText } from '../../shared/azure/answer-schema.ts';
import { SUBSCRIPTION_EVENT, VAULT_EVENT, WATCHED_OPERATIONS } from '../../shared/signals/operation-names.ts';
import type { AzureReader } from './azure-reader.ts';
import { accountOf } from './storage-access.ts';

/** The events of subscriptions and vaults that the deployment subscribes to (infra/events.bicep). */
const SUBSCRIPTION_EVENTS: readonly string[] = Object.values(SUBSCRIPTION_EVENT);
const VAULT_EVENTS: readonly string[] = Object.values(VAULT_EVENT);

const destination = z.object({
  endpointType: optionalText,
  properties: z.object({ resourceId: optionalText, queueName: optionalText }).nullish(),
});
const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

export const eventSubscriptionSchema = z.object({
  name: optionalText,
  properties: z.object({
    provisioningState: optionalText,
    destination: destination.nullish(),
    deliveryWithResourceIdentity: z.object({ destination: destination.nullish() }).nullish(),
    deadLetterDestination: z.unknown().optional(),
    deadLetterWithResourceIdentity: z.unknown().optional(),
    expirationTimeUtc: optionalText,
    filter: z
      .object({
        subjectBeginsWith: optionalText,
        subjectEndsWith: optionalText,
        includedEventTypes: texts,
        advancedFilters: z
          .array(
            z.object({
              operatorType: optionalText,
              key: optionalText,
              values: z.array(z.unknown()).nullish(),
            }),
          )
          .nullish()
          .transform((list) => list ?? []),
      })
      .nullish(),
  }),
});
export type EventSubscription = z.infer<typeof eventSubscriptionSchema>;

/** Whether it delivers to Lockwatch's queue, or to its Event Grid function where events are pushed. */
export function goesToUs({ properties }: EventSubscription, { settings, firstLook }: AzureReader): boolean {
  const to = properties.deliveryWithResourceIdentity?.destination ?? properties.destination;
  const { resourceId = '', queueName = '' } = to?.properties ?? {};
  if (/^AzureFunction$/i.test(to?.endpointType ?? '')) return /\/functions\/eventGrid$/i.test(resourceId);
  if (!/^StorageQueue$/i.test(to?.endpointType ?? '')) return false;
  if (queueName.toLowerCase() !== settings.queue.toLowerCase()) return false;
  if (firstLook || settings.queueEndpoint === undefined) return true;
  return resourceId
    .toLowerCase()
    .endsWith(`/storageaccounts/${accountOf(settings.queueEndpoint).toLowerCase()}`);
}

export interface SubscriptionFault {
  state: 'missing' | 'unknown' | 'note';
  says: string;
}

/** The events that it would drop, and whether it expires. Pure. */
export function faultsOf({ properties }: EventSubscription, isSubscription: boolean): SubscriptionFault[] {
  const faults: SubscriptionFault[] = [];
  const say = (state: SubscriptionFault['state'], says: string) => faults.push({ state, says });
  const { provisioningState: state, filter } = properties;
  if (state !== undefined && state !== 'Succeeded')
    say(state === 'Failed' ? 'missing' : 'unknown', `Its state is ${state}.`);
  const types = filter?.includedEventTypes ?? [];
  const wanted = isSubscription ? SUBSCRIPTION_EVENTS : VAULT_EVENTS;
  const lacking = types.length === 0 ? [] : wanted.filter((type) => !has(types, type));
  if (lacking.length > 0) say('missing', `It leaves out ${lacking.join(', ')}.`);
  if (filter?.subjectBeginsWith || filter?.subjectEndsWith)
    say('missing', 'It is narrowed to subjects that begin or end with a text.');
  for (const one of filter?.advancedFilters ?? []) {
    const isOurs =
      /^StringBeginsWith$/i.test(one.operatorType ?? '') && /^data\.operationName$/i.test(one.key ?? '');
    if (!isOurs || !isSubscription) {
      say(
        'unknown',
        `It has a filter of another kind (${one.operatorType} on ${one.key}): what that keeps back is not known.`,
      );
      continue;
    }
    const values = (one.values ?? []).map((value) => String(value).toLowerCase());
    const kept = WATCHED_OPERATIONS.filter(
      (operation) => !values.some((value) => operation.toLowerCase().startsWith(value)),
    );
    if (kept.length > 0)
      say(
        'missing',
        `Its filter keeps back ${kept.length} of ${WATCHED_OPERATIONS.length} kinds of operation: ${kept.join(', ')}.`,
      );
  }
  if (properties.expirationTimeUtc) say('note', `It ends on ${properties.expirationTimeUtc}.`);
  if (!properties.deadLetterDestination && !properties.deadLetterWithResourceIdentity)
    say('note', 'It has no dead-letter container: what can not be delivered in a day is lost.');
  if (!properties.deliveryWithResourceIdentity?.destination)
    say('note', 'It delivers without an identity: a storage account without shared keys refuses that.');
  return faults;
}

function has(list: readonly string[], text: string): boolean {
  return list.some((one) => one.toLowerCase() === text.toLowerCase());
}
