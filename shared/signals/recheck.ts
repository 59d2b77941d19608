import { scopeFrom } from './scope.ts';
import type { Actor, Assertion, Signal } from './signal.ts';
import { instantFrom, recordFrom, textFrom } from './untrusted.ts';

/** A relevant signal whose reading was still clear, to be read again: Azure propagates changes late. */
export interface Recheck {
  signal: Signal;
  policyIds: string[];
  /** 1 for the first recheck after the reading that the signal itself caused. */
  recheck: number;
  /** ISO 8601. */
  dueAt: string;
}

const MARK = 'recheck';
const MAX_LENGTH = 2048;
// A queue message holds 64 KiB; the signal takes a few, and an ARM id grows by a third in base64 or XML.
const MAX_BYTES_OF_IDS = 32 * 1024;

/** One recheck as the text of one queue message. For many policies use `recheckMessages`. */
export function recheckMessage(recheck: Recheck): string {
  return JSON.stringify({ lockwatch: MARK, ...recheck });
}

/** As many messages as the policies need, so that none exceeds a queue message (64 KiB). */
export function recheckMessages(recheck: Recheck): string[] {
  const parts: string[][] = [[]];
  let bytes = 0;
  for (const policyId of recheck.policyIds) {
    bytes += Buffer.byteLength(policyId) + 3;
    if (bytes > MAX_BYTES_OF_IDS && parts.at(-1)?.length) {
      parts.push([]);
      bytes = Buffer.byteLength(policyId) + 3;
    }
    parts.at(-1)?.push(policyId);
  }
  return parts.map((policyIds) => recheckMessage({ ...recheck, policyIds }));
}

/** Whether an object is one of our own envelopes, well formed or not. */
export function isRecheck(value: unknown): value is object {
  return recordFrom(value)?.lockwatch === MARK;
}

/**
 * Reads our own envelope as strictly as any untrusted input: anyone with write access to the queue may send
 * one.
 */
export function recheckFrom(value: object): Recheck | { fault: string } {
  const envelope = recordFrom(value) ?? {};
  const signal = signalFrom(envelope.signal);
  if (signal === undefined) return { fault: 'is a recheck without a well-formed signal' };
  const { policyIds, recheck } = envelope;
  if (!Array.isArray(policyIds) || policyIds.length === 0 || !policyIds.every((id) => scopeFrom(id))) {
    return { fault: 'is a recheck without policies' };
  }
  if (typeof recheck !== 'number' || !Number.isInteger(recheck) || recheck < 1 || recheck > 100) {
    return { fault: 'is a recheck without its number' };
  }
  const dueAt = instantFrom(envelope.dueAt);
  if (dueAt === undefined) return { fault: 'is a recheck without its time' };
  return { signal, policyIds: [...policyIds], recheck, dueAt };
}

const SOURCES: readonly unknown[] = ['keyVault', 'resourceManager', 'audit', 'recheck', 'sweep'];
const OUTCOMES: readonly unknown[] = ['success', 'failure', 'cancelled'];

function signalFrom(value: unknown): Signal | undefined {
  const record = recordFrom(value);
  const [id, type] = [textFrom(record?.id, MAX_LENGTH), textFrom(record?.type, MAX_LENGTH)];
  const [scope, at] = [scopeFrom(record?.scope), instantFrom(record?.at)];
  if (!record || !id || !type || !scope || !at || !isSource(record.source) || !isOutcome(record.outcome)) {
    return undefined;
  }
  const signal: Signal = { id, source: record.source, type, outcome: record.outcome, scope, at };
  Object.assign(signal, texts(record, ['operation', 'keyName', 'keyVersion', 'correlationId']));
  const actor = recordFrom(record.actor);
  if (actor !== undefined) signal.actor = { kind: kindOf(actor), ...actorTexts(actor) };
  const assertion = assertionFrom(record.assertion);
  if (assertion !== undefined) signal.assertion = assertion;
  return signal;
}

function isSource(value: unknown): value is Signal['source'] {
  return SOURCES.includes(value);
}
function isOutcome(value: unknown): value is Signal['outcome'] {
  return OUTCOMES.includes(value);
}

function texts<Name extends string>(
  record: Record<string, unknown>,
  names: Name[],
): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const text = textFrom(record[name], MAX_LENGTH);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

function actorTexts(record: Record<string, unknown>): Omit<Actor, 'kind'> {
  return texts(record, ['name', 'objectId', 'application', 'ipAddress']);
}
function kindOf(record: Record<string, unknown>): Actor['kind'] {
  return record.kind === 'user' || record.kind === 'application' ? record.kind : 'unknown';
}

function assertionFrom(value: unknown): Assertion | undefined {
  const record = recordFrom(value);
  const scope = scopeFrom(record?.scope);
  if (record === undefined || scope === undefined) return undefined;
  switch (record.what) {
    case 'deleted':
      return { what: 'deleted', scope };
    case 'keyDeleted':
    case 'keyPurged':
    case 'keyDisabled':
      return { what: record.what, scope, ...texts(record, ['version']) };
    default:
      return undefined;
  }
}
