import type { RegisteredFunction } from './function-app.ts';
import { messageOf } from './host-error.ts';
import { type HostAnswer, jsonHostAnswer } from './http-answer.ts';
import type { InvocationInput, Invoke } from './invoke.ts';
import { type HostLog, systemLog } from './log.ts';
import type { TypedData } from './rpc.ts';
import { systemMetadata } from './trigger-metadata.ts';

/**
 * The largest batch of an Event Hubs client ("Azure Event Hubs quotas and limits": 1 MB), as base64 with its
 * frame.
 */
export const MAX_EVENT_HUB_BYTES = 2 * 1024 * 1024;

interface HubEvent {
  body: Buffer;
  enqueuedTimeUtc: string;
  sequenceNumber: number;
  offset: string;
  partitionKey: string | null;
  properties: Record<string, unknown>;
  systemProperties: Record<string, unknown>;
}

/**
 * Emulates an event hub, of which there is no local edition: `POST /local/event-hubs/{functionName}` takes a
 * JSON array of events, each `{"body": any}` or `{"bodyBase64": "…"}` with `enqueuedTimeUtc`,
 * `sequenceNumber`, `offset`, `partitionKey`, `properties` and `systemProperties` where they matter. The
 * function receives them as the runtime passes a batch: cardinality many is one invocation with all, one is
 * an invocation for each; data type binary gives bytes, else text. 202 when every invocation (and its
 * retries) succeeded, 500 when not. Event Hubs itself continues after a failed batch and does not deliver it
 * again.
 * Source: "Azure Event Hubs trigger for Azure Functions"; azure-sdk-for-net,
 * Microsoft.Azure.WebJobs.Extensions.EventHubs, EventHubTriggerInput.
 */
export async function answerEventHub(
  fn: RegisteredFunction,
  body: Buffer,
  invoke: Invoke,
  log: HostLog,
): Promise<HostAnswer> {
  const events = parseEvents(body);
  if (typeof events === 'string') return jsonHostAnswer(400, { error: events });
  const many = String(fn.trigger.cardinality ?? 'one').toLowerCase() === 'many';
  const inputs = many ? [batchInput(fn, events)] : events.map((event) => singleInput(fn, event));
  let failed = 0;
  for (const input of inputs) {
    try {
      await invoke(fn, input);
    } catch (error) {
      failed += 1;
      systemLog(log, 'error', `Executing failed: ${messageOf(error)}`, fn.name);
    }
  }
  return jsonHostAnswer(failed > 0 ? 500 : 202, {
    events: events.length,
    invocations: inputs.length,
    failed,
  });
}

function batchInput(fn: RegisteredFunction, events: HubEvent[]): InvocationInput {
  const data: TypedData = isBinary(fn)
    ? { collectionBytes: { bytes: events.map((event) => event.body) } }
    : { collectionString: { string: events.map((event) => event.body.toString('utf8')) } };
  const all = <T>(pick: (event: HubEvent) => T): TypedData => ({ json: JSON.stringify(events.map(pick)) });
  return {
    data,
    triggerMetadata: {
      PartitionContext: partitionContext(fn),
      EnqueuedTimeUtcArray: all((event) => event.enqueuedTimeUtc),
      SequenceNumberArray: all((event) => event.sequenceNumber),
      OffsetArray: all((event) => event.offset),
      PartitionKeyArray: all((event) => event.partitionKey),
      PropertiesArray: all((event) => event.properties),
      SystemPropertiesArray: all((event) => event.systemProperties),
      ...systemMetadata(fn.name, new Date()),
    },
  };
}

function singleInput(fn: RegisteredFunction, event: HubEvent): InvocationInput {
  return {
    data: isBinary(fn) ? { bytes: event.body } : { string: event.body.toString('utf8') },
    triggerMetadata: {
      PartitionContext: partitionContext(fn),
      EnqueuedTimeUtc: { string: event.enqueuedTimeUtc },
      SequenceNumber: { json: JSON.stringify(event.sequenceNumber) },
      Offset: { string: event.offset },
      ...(event.partitionKey === null ? {} : { PartitionKey: { string: event.partitionKey } }),
      Properties: { json: JSON.stringify(event.properties) },
      SystemProperties: { json: JSON.stringify(event.systemProperties) },
      ...systemMetadata(fn.name, new Date()),
    },
  };
}

function partitionContext(fn: RegisteredFunction): TypedData {
  return {
    json: JSON.stringify({
      ConsumerGroup: fn.trigger.consumerGroup ?? '$Default',
      EventHubName: fn.trigger.eventHubName ?? '',
      PartitionId: '0',
    }),
  };
}

function isBinary(fn: RegisteredFunction): boolean {
  return String(fn.trigger.dataType ?? '').toLowerCase() === 'binary';
}

function parseEvents(body: Buffer): HubEvent[] | string {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return 'The body must be a JSON array of events.';
  }
  if (!Array.isArray(json) || json.length === 0)
    return 'The body must be a JSON array of at least one event.';
  const events: HubEvent[] = [];
  for (const [index, item] of json.entries()) {
    if (typeof item !== 'object' || item === null || !('body' in item || 'bodyBase64' in item))
      return `Event ${index} must be an object with "body" or "bodyBase64".`;
    events.push(toEvent(item, index));
  }
  return events;
}

function toEvent(item: Record<string, unknown>, index: number): HubEvent {
  const encoded = item.bodyBase64;
  const text = typeof item.body === 'string' ? item.body : JSON.stringify(item.body ?? null);
  return {
    body: typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : Buffer.from(text),
    enqueuedTimeUtc:
      typeof item.enqueuedTimeUtc === 'string' ? item.enqueuedTimeUtc : new Date().toISOString(),
    sequenceNumber: typeof item.sequenceNumber === 'number' ? item.sequenceNumber : index,
    offset: String(item.offset ?? index),
    partitionKey: typeof item.partitionKey === 'string' ? item.partitionKey : null,
    properties: record(item.properties),
    systemProperties: record(item.systemProperties),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
