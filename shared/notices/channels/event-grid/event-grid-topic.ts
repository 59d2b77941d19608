import type { TokenCredential } from '@azure/core-auth';
import { refusedTokenPolicy } from '../../../azure/refused-token.ts';
import type { Channel, SendResult } from '../../notice.ts';
import type { SayOptions } from '../../say/say.ts';
import { eventsOf, type LockwatchEvent } from '../events/lockwatch-event.ts';
import { boundedAnswerPolicy } from '../http/bounded-answer.ts';
import { answered, type Meaning } from '../http/http-post.ts';
import { vendorFailure } from '../http/vendor-failure.ts';

export interface EventGridOptions {
  /** The topic's endpoint: "https://…eventgrid.azure.net/api/events". */
  endpoint: string;
  credential: TokenCredential;
  say: SayOptions;
  timeoutMs?: number;
}

/** The library's own (`@azure/eventgrid` 5). */
const SCOPE = 'https://eventgrid.azure.net/.default';
/** Event Grid docs, quotas: 1 MB for all events of one request. */
const MAX_BYTES = 900_000;

/**
 * Publishes CloudEvents to an Event Grid custom topic, with the app's identity. The topic must use the
 * CloudEvents schema. The id of an event is the same for every try.
 */
export function createEventGridChannel(options: EventGridOptions): Channel {
  const { endpoint, credential, say, timeoutMs = 10_000 } = options;
  if (!URL.canParse(endpoint)) throw new Error('LOCKWATCH_EVENTGRID_TOPIC is not a URL.');
  const { host } = new URL(endpoint);
  return {
    name: 'eventgrid',
    async send(notice, abort) {
      const abortSignal = AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]);
      const events = eventsOf(notice, say);
      try {
        // Loaded with the first event. The library would sleep through any Retry-After; the outbox waits
        // instead.
        const { EventGridPublisherClient } = await import('@azure/eventgrid');
        const client = new EventGridPublisherClient(endpoint, 'CloudEvent', credential, {
          retryOptions: { maxRetries: 0 },
          redirectOptions: { maxRetries: 0 },
          additionalPolicies: [
            { policy: refusedTokenPolicy(credential, SCOPE), position: 'perRetry' },
            { policy: boundedAnswerPolicy(), position: 'perRetry' },
          ],
        });
        let result: SendResult = { outcome: 'sent', detail: '' };
        for (const batch of batchesOf(events)) {
          await client.send(batch.map(sendable), {
            abortSignal,
            onResponse({ status, headers, bodyAsText: text }) {
              result = answered(ABOUT, {
                host,
                status,
                contentType: headers.get('content-type'),
                text: text ?? '',
              });
            },
          });
          if (result.outcome !== 'sent') return result;
        }
        return { ...result, detail: `${events.length} published to ${host}.` };
      } catch (error) {
        return vendorFailure(error, { host, ...ABOUT });
      }
    },
  };
}

const ABOUT = {
  setting: 'LOCKWATCH_EVENTGRID_TOPIC',
  meaning(status: number): Meaning | undefined {
    if (status === 401 || status === 403)
      return {
        permanent: false,
        why: 'the app may not publish. Give its identity the role EventGrid Data Sender on the topic of LOCKWATCH_EVENTGRID_TOPIC.',
      };
    // A topic with another schema rejects every event. It can be recreated, so the refusal is not permanent.
    if (status === 400)
      return {
        permanent: false,
        why: 'it refuses the events. The topic must take the CloudEvents 1.0 schema: check LOCKWATCH_EVENTGRID_TOPIC.',
      };
    return undefined;
  },
};

function sendable({ type, source, id, subject, time, data }: LockwatchEvent) {
  const at = new Date(time);
  return { type, source, id, subject, time: Number.isNaN(at.getTime()) ? undefined : at, data };
}

function batchesOf(events: readonly LockwatchEvent[]): LockwatchEvent[][] {
  const batches: LockwatchEvent[][] = [];
  let bytes = MAX_BYTES;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (bytes + size > MAX_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(event);
    bytes += size;
  }
  return batches;
}
