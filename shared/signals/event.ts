import { createHash } from 'node:crypto';
import { instantFrom, recordFrom, recordOrJsonFrom, textFrom } from './untrusted.ts';

/**
 * One event from either schema (Event Grid, CloudEvents 1.0) in one form. `topic`, `subject`: as received.
 */
export interface UntrustedEvent {
  type: string;
  topic: unknown;
  subject: unknown;
  original: Record<string, unknown>;
}

const MAX_ID_LENGTH = 128;
const MAX_TYPE_LENGTH = 256;

/**
 * Reads the envelope in either schema and requires no more than is needed: versions, ids and times may be
 * missing ("Event Grid event schema", "CloudEvents v1.0 event schema with Azure Event Grid"). A fault names
 * the problem.
 */
export function eventFrom(value: unknown): UntrustedEvent | { fault: string } {
  const original = recordFrom(value);
  if (original === undefined) return { fault: `is ${value === null ? 'null' : `a ${kindOf(value)}`}` };
  const gridType = textFrom(original.eventType, MAX_TYPE_LENGTH);
  if (gridType !== undefined && hasContent(original)) {
    return { type: gridType, topic: original.topic ?? original.source, subject: original.subject, original };
  }
  const cloudType = textFrom(original.type, MAX_TYPE_LENGTH);
  if (cloudType !== undefined && typeof (original.specversion ?? original.source) === 'string') {
    return { type: cloudType, topic: original.source, subject: original.subject, original };
  }
  return { fault: 'has the form of neither an Event Grid event nor a CloudEvent' };
}

/** The event's data: an object, JSON of one, or base64 of that (CloudEvents' data_base64); else nothing. */
export function dataOf(event: UntrustedEvent): Record<string, unknown> {
  const { data, data_base64: encoded } = event.original;
  if (data === undefined && typeof encoded === 'string') {
    return recordOrJsonFrom(Buffer.from(encoded, 'base64').toString('utf8')) ?? {};
  }
  return recordOrJsonFrom(data) ?? {};
}

/**
 * The event's own id; if it has none (or one too long to store), a hash of the event. Redeliveries have the
 * same id.
 */
export function idOf(event: UntrustedEvent): string {
  const id = event.original.id;
  if (typeof id === 'string' && id.length <= MAX_ID_LENGTH && id.trim() !== '') return id.trim();
  return createHash('sha256').update(jsonOf(event.original)).digest('hex');
}

/** When it happened by the event's own clock; undefined where it has no time. */
export function timeOf(event: UntrustedEvent): string | undefined {
  return instantFrom(event.original.eventTime ?? event.original.time);
}

function hasContent(original: Record<string, unknown>): boolean {
  return typeof (original.subject ?? original.topic) === 'string' || recordFrom(original.data) !== undefined;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

// Nested too deep for JSON.stringify: the outermost texts still distinguish events, and are equal in
// redeliveries.
function jsonOf(original: Record<string, unknown>): string {
  try {
    return JSON.stringify(original);
  } catch {
    return JSON.stringify(Object.entries(original).filter(([, value]) => typeof value !== 'object'));
  }
}
