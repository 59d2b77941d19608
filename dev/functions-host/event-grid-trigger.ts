import type { IncomingMessage } from 'node:http';
import type { RegisteredFunction } from './function-app.ts';
import { messageOf } from './host-error.ts';
import { type HostAnswer, textAnswer } from './http-answer.ts';
import type { Invoke } from './invoke.ts';
import { isTooDeep } from './json-depth.ts';
import { type HostLog, systemLog } from './log.ts';
import { systemMetadata } from './trigger-metadata.ts';

/** Event Grid never delivers more at once ("Azure Event Grid quotas and limits": 1 MB per event or array). */
export const MAX_EVENT_GRID_BYTES = 1024 * 1024;
/** The origins of the clouds; a request with any other gets the first one in its answer. */
const ORIGINS = [
  'eventgrid.azure.net',
  'eventgrid.azure.us',
  'eventgrid.azure.eaglex.ic.gov',
  'eventgrid.azure.microsoft.scloud',
  'eventgrid.azure.cn',
];

/**
 * Answers the webhook `/runtime/webhooks/EventGrid?functionName=…` as the Event Grid extension does: the
 * handshake of both schemas, one invocation for each event, all at once; 202 when all succeeded, an empty 500
 * when one failed, so that Event Grid delivers all of them again. The same where the extension throws: on what
 * is not JSON, is nested too deeply, is neither object nor array, or has no validation code.
 * Source: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.EventGrid, HttpRequestProcessor and
 * EventGridExtensionConfigProvider; azure-functions-host, ExceptionMiddleware.cs (a 500 without a body).
 */
export async function answerEventGrid(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  functions: RegisteredFunction[],
  invoke: Invoke,
  log: HostLog,
): Promise<HostAnswer> {
  const name = url.searchParams.get('functionName') ?? '';
  const fn = functions.find((one) => one.triggerType === 'eventgridtrigger' && one.name === name);
  if (!fn) return textAnswer(404, `cannot find function: '${name}'`);
  if (request.method === 'OPTIONS')
    return { status: 200, headers: { 'webhook-allowed-origin': allowedOrigin(request) } };

  const eventType = String(request.headers['aeg-event-type'] ?? '').toLowerCase();
  if (eventType === 'unsubscribe') return { status: 202 };
  if (eventType !== 'subscriptionvalidation' && eventType !== 'notification') return { status: 400 };
  const json = parse(body);
  if (!json) {
    systemLog(log, 'error', 'A push is no JSON object or array, or is nested too deeply.', fn.name);
    return { status: 500 };
  }
  if (eventType === 'subscriptionvalidation') return handshake(json.value);
  const events: unknown[] = Array.isArray(json.value) ? json.value : [json.value];
  return deliver(fn, events, invoke, log);
}

async function deliver(
  fn: RegisteredFunction,
  events: unknown[],
  invoke: Invoke,
  log: HostLog,
): Promise<HostAnswer> {
  const outcomes = await Promise.allSettled(events.map((event) => deliverOne(fn, event, invoke)));
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  for (const { reason } of failures)
    systemLog(log, 'error', `Executing failed: ${messageOf(reason)}`, fn.name);
  return { status: failures.length > 0 ? 500 : 202 };
}

async function deliverOne(fn: RegisteredFunction, event: unknown, invoke: Invoke): Promise<void> {
  // EventGridTriggerAttributeBindingProvider: a value that is not an object can't be bound, and the delivery
  // fails.
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new Error('Unable to bind an event that is not a JSON object.');
  const data = 'data' in event ? (event.data ?? null) : null;
  await invoke(fn, {
    data: { json: JSON.stringify(event) },
    triggerMetadata: {
      ...(data === null ? {} : { data: { json: JSON.stringify(data) } }),
      ...systemMetadata(fn.name, new Date()),
    },
  });
}

/**
 * The validation code comes in an array (Event Grid schema) or in one object with encoded data (CloudEvents).
 * The answer is JSON that is sent as text/plain, the type of .NET's StringContent.
 */
function handshake(json: unknown): HostAnswer {
  const event: unknown = Array.isArray(json) ? json[0] : json;
  let data: unknown = typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined;
  if (typeof data === 'string') data = parse(Buffer.from(data))?.value;
  const code =
    typeof data === 'object' && data !== null && 'validationCode' in data ? data.validationCode : undefined;
  if (code === undefined || code === null) return { status: 500 };
  return textAnswer(200, JSON.stringify({ validationResponse: String(code) }));
}

function parse(body: Buffer): { value: unknown } | undefined {
  try {
    const text = body.toString('utf8');
    const value: unknown = JSON.parse(text);
    if (isTooDeep(text)) return undefined;
    return typeof value === 'object' && value !== null ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function allowedOrigin(request: IncomingMessage): string {
  const asked = request.headers['webhook-request-origin'];
  return ORIGINS.find((origin) => origin === asked) ?? 'eventgrid.azure.net';
}
