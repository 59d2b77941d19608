import { randomUUID } from 'node:crypto';
import type { EventGridEvent } from './wire.ts';

/** The destination of an event subscription, and the right under which it delivers. */
export interface Route {
  queueName: string;
  /** Checked at every attempt; undefined where the topic's identity may write into the queue. */
  whyRefused(): string | undefined;
}

/** One destination of event subscriptions. `deliver` throws where the event was not accepted. */
export interface Destination {
  name: 'queue' | 'webhook';
  deliver(event: EventGridEvent, attempt: number, route: Route): Promise<{ messageId?: string }>;
}

export interface DeliveryAttempt {
  id: string;
  type: string;
  operation?: string;
  /** `waiting`: not accepted yet, sent again until it is. */
  delivered: 'queue' | 'webhook' | 'filtered' | 'waiting';
  messageId?: string;
  /** The reason why it was filtered or waits. */
  reason?: string;
}

export interface EventGrid {
  /** Tries every destination once and returns; failed deliveries are tried again in the background. */
  send(event: EventGridEvent, route: Route): Promise<DeliveryAttempt[]>;
  stop(): void;
}

/**
 * Delivers at least once, each destination separately, with growing delays (Event Grid: "Delivery and
 * retry").
 */
export function createEventGrid(destinations: Destination[], retryDelaysMs: readonly number[]): EventGrid {
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const later = (destination: Destination, event: EventGridEvent, attempt: number, route: Route) => {
    if (stopped) return;
    const delay = retryDelaysMs[Math.min(attempt, retryDelaysMs.length) - 1] ?? 0;
    const timer = setTimeout(() => {
      timers.delete(timer);
      destination
        .deliver(event, attempt + 1, route)
        .catch(() => later(destination, event, attempt + 1, route));
    }, delay);
    timers.add(timer);
  };

  return {
    async send(event, route) {
      const delivery = deliverEvent(event);
      if (destinations.length === 0)
        return [{ ...delivery, delivered: 'filtered', reason: 'no destination is set' }];
      return Promise.all(
        destinations.map(async (destination): Promise<DeliveryAttempt> => {
          try {
            const { messageId } = await destination.deliver(event, 1, route);
            return { ...delivery, delivered: destination.name, messageId };
          } catch (error) {
            later(destination, event, 1, route);
            const why = error instanceof Error ? error.message : 'unknown error';
            return {
              ...delivery,
              delivered: 'waiting',
              reason: `the ${destination.name} did not take it: ${why}`,
            };
          }
        }),
      );
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

export function deliverEvent(event: EventGridEvent): Pick<DeliveryAttempt, 'id' | 'type' | 'operation'> {
  const operation = event.data.operationName;
  return {
    id: event.id,
    type: event.eventType,
    operation: typeof operation === 'string' ? operation : undefined,
  };
}

/** Pushes to a webhook, after the synchronous handshake (Event Grid: "Endpoint validation"). */
export function webhookDestination(url: string): Destination {
  let validated = false;
  const post = (events: unknown[], type: string, attempt: number) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'aeg-event-type': type,
        'aeg-subscription-name': 'LOCKWATCH',
        'aeg-delivery-count': `${attempt - 1}`,
        'aeg-data-version': '',
        'aeg-metadata-version': '1',
      },
      body: JSON.stringify(events),
      signal: AbortSignal.timeout(30_000),
    });

  const validate = async () => {
    const validationCode = randomUUID();
    const event = {
      id: randomUUID(),
      topic: '',
      subject: '',
      data: { validationCode },
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: new Date().toISOString(),
      metadataVersion: '1',
      dataVersion: '2',
    };
    const answer = await post([event], 'SubscriptionValidation', 1);
    const body: unknown = await answer.json();
    const echoed =
      typeof body === 'object' && body !== null && 'validationResponse' in body && body.validationResponse;
    if (!answer.ok || echoed !== validationCode) throw new Error('it did not echo the validation code');
    validated = true;
  };

  return {
    name: 'webhook',
    async deliver(event, attempt) {
      if (!validated) await validate();
      const answer = await post([event], 'Notification', attempt);
      await answer.arrayBuffer();
      if (answer.status < 200 || answer.status > 204) throw new Error(`it answered ${answer.status}`);
      return {};
    },
  };
}
