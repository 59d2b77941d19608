import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { HostError, messageOf } from './host-error.ts';
import { parseTimeSpan } from './time-span.ts';

export interface QueueOptions {
  messageEncoding: 'none' | 'base64';
  batchSize: number;
  newBatchThreshold: number;
  maxPollingIntervalMs: number;
  visibilityTimeoutMs: number;
  maxDequeueCount: number;
}

export interface HostConfig {
  functionTimeoutMs: number;
  routePrefix: string;
  queues: QueueOptions;
}

/** Polling never waits less than this (QueuePollingIntervals.Minimum of the queues extension). */
export const LEAST_POLLING_MS = 100;
/** The maximum number of messages in one answer of a storage queue. */
const MAX_BATCH = 32;
/** host.json reference: functionTimeout of the Flex Consumption and Premium plans where none is set. */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;

/**
 * Reads host.json of an app, with the runtime's defaults for what is absent.
 * Throws HostError, naming the file and every field at fault.
 */
export async function readHostJson(directory: string): Promise<HostConfig> {
  const file = join(directory, 'host.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new HostError(`There is no host.json in ${directory}: that is not a function app's folder.`, {
      cause,
    });
  }
  return parseHostJson(text, file);
}

/** As readHostJson, for a text. `file` is named in errors. */
export function parseHostJson(text: string, file = 'host.json'): HostConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new HostError(`${file} is not valid JSON: ${messageOf(cause)}`, { cause });
  }
  const faults: string[] = [];
  const root = asObject(json, 'the whole', faults);
  if (root.version !== '2.0') faults.push(`"version" must be "2.0"`);
  const extensions = asObject(root.extensions, 'extensions', faults);
  const queues = asObject(extensions.queues, 'extensions.queues', faults);
  const http = asObject(extensions.http, 'extensions.http', faults);
  const batchSize = whole(queues.batchSize, 'extensions.queues.batchSize', 16, 1, MAX_BATCH, faults);
  const config: HostConfig = {
    functionTimeoutMs: timeout(root.functionTimeout, faults),
    routePrefix: routePrefix(http.routePrefix, faults),
    // Source of the defaults: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Queues,
    // QueuesOptions.
    queues: {
      messageEncoding: encoding(queues.messageEncoding, faults),
      batchSize,
      newBatchThreshold: whole(
        queues.newBatchThreshold,
        'extensions.queues.newBatchThreshold',
        Math.floor(batchSize / 2) * availableParallelism(),
        0,
        Number.MAX_SAFE_INTEGER,
        faults,
      ),
      maxPollingIntervalMs: span(
        queues.maxPollingInterval,
        'extensions.queues.maxPollingInterval',
        60_000,
        LEAST_POLLING_MS,
        faults,
      ),
      visibilityTimeoutMs: span(
        queues.visibilityTimeout,
        'extensions.queues.visibilityTimeout',
        0,
        0,
        faults,
      ),
      maxDequeueCount: whole(
        queues.maxDequeueCount,
        'extensions.queues.maxDequeueCount',
        5,
        1,
        Number.MAX_SAFE_INTEGER,
        faults,
      ),
    },
  };
  if (faults.length > 0) throw new HostError(`${file}: ${faults.join('; ')}.`);
  return config;
}

function asObject(value: unknown, name: string, faults: string[]): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  faults.push(`${name} must be an object`);
  return {};
}

function whole(
  value: unknown,
  name: string,
  fallback: number,
  least: number,
  most: number,
  faults: string[],
): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  faults.push(`${name} must be a whole number ${range}`);
  return fallback;
}

function span(value: unknown, name: string, fallback: number, least: number, faults: string[]): number {
  if (value === undefined) return fallback;
  const parsed = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (parsed === undefined) faults.push(`${name} must be a time span such as "00:00:30"`);
  else if (parsed < least) faults.push(`${name} must not be less than ${least} ms`);
  else return parsed;
  return fallback;
}

function timeout(value: unknown, faults: string[]): number {
  // "-1" means unlimited (host.json reference).
  if (value === '-1') return Number.POSITIVE_INFINITY;
  return span(value, 'functionTimeout', DEFAULT_FUNCTION_TIMEOUT_MS, 1, faults);
}

function encoding(value: unknown, faults: string[]): 'none' | 'base64' {
  if (value === undefined) return 'base64';
  const text = String(value).toLowerCase();
  if (text === 'none' || text === 'base64') return text;
  faults.push('extensions.queues.messageEncoding must be "base64" or "none"');
  return 'base64';
}

function routePrefix(value: unknown, faults: string[]): string {
  if (value === undefined) return 'api';
  if (typeof value === 'string') return value.replace(/^\/+|\/+$/g, '');
  faults.push('extensions.http.routePrefix must be a string');
  return 'api';
}
