import { scopeFrom } from './scope.ts';
import { instantFrom, recordFrom, textFrom } from './untrusted.ts';

/**
 * Policies to read again, since a relevant signal read clear: Azure propagates changes late. It carries ids
 * only: anyone with write access to the queue may send one, so what the signal said is taken from the state of
 * the policy and not from the message.
 */
export interface Recheck {
  signalId: string;
  policyIds: string[];
  /** 1 for the first recheck after the reading that the signal itself caused. */
  recheck: number;
  /** ISO 8601. */
  dueAt: string;
}

const MARK = 'recheck';
const MAX_LENGTH = 2048;
// A queue message holds 64 KiB, and an ARM id grows by a third in base64 or XML.
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
  const signalId = textFrom(envelope.signalId, MAX_LENGTH);
  if (!signalId) return { fault: 'is a recheck without the id of its signal' };
  const { policyIds, recheck } = envelope;
  if (!Array.isArray(policyIds) || policyIds.length === 0 || !policyIds.every((id) => scopeFrom(id))) {
    return { fault: 'is a recheck without policies' };
  }
  if (typeof recheck !== 'number' || !Number.isInteger(recheck) || recheck < 1 || recheck > 100) {
    return { fault: 'is a recheck without its number' };
  }
  const dueAt = instantFrom(envelope.dueAt);
  if (dueAt === undefined) return { fault: 'is a recheck without its time' };
  return { signalId, policyIds: [...policyIds], recheck, dueAt };
}
