import { readAuditBatch, unwrapKeyOf } from '../signals/audit-records.ts';
import type { Signal } from '../signals/signal.ts';
import { isRefusedUnwrap } from '../signals/watch-list.ts';
import { followUp, type Response } from './on-message.ts';
import type { Ports } from './ports.ts';
import { watchTimer } from './watchdog.ts';

/** The state of a process between batches. Its loss is harmless. Times in milliseconds. */
export interface AuditMemory {
  /** When each key's refusal was last followed up. */
  refusals: Map<string, number>;
  /** A message in which nothing was recognised was kept: the others are like it. */
  hasKeptUnrecognised: boolean;
}

export function auditMemory(): AuditMemory {
  return { refusals: new Map(), hasKeptUnrecognised: false };
}

/** Power Platform may retry an unreachable key many times a second: one follow-up in this time is enough. */
const REFUSALS_APART_MS = 30_000;
const MAX_REFUSALS = 10_000;
/** A refusal from longer ago is no witness any more. */
const DAY_MS = 86_400_000;

/**
 * Handles a batch of the audit log like every other signal. The log mainly shows the actor, minutes after the
 * sweep saw the change. A batch without a relevant operation costs only its parsing: no read, no write, not
 * even the watch list. Throws only if our own storage can't be reached, so that the runtime retries the
 * batch.
 */
export async function respondToAudit(
  batch: readonly unknown[],
  ports: Ports,
  memory: AuditMemory = auditMemory(),
): Promise<Response> {
  const receivedAt = ports.clock.now();
  const { refusals, hasKeptUnrecognised } = memory;
  for (const [key, at] of refusals) if (ports.clock.nowMs() - at > DAY_MS) refusals.delete(key);
  const read = readAuditBatch(batch, receivedAt, refusals.size > 0);
  const { signals, fresh } = withoutRepeats(read.signals, refusals, ports.clock.nowMs());
  // A success matters only where it refutes a refusal.
  const refuting = read.succeeded.filter((signal) => {
    const key = unwrapKeyOf(signal);
    return fresh.has(key) || refusals.has(key);
  });
  const unrecognised = read.unrecognised && !hasKeptUnrecognised ? [read.unrecognised] : [];
  const unreadable = [...read.unreadable, ...unrecognised];
  const incoming = { signals: [...signals, ...refuting], rechecks: [], unreadable };
  const response = await followUp(incoming, receivedAt, ports);
  // Only after success: a failed batch is delivered again, and must not count as a repeat then.
  if (refusals.size >= MAX_REFUSALS) refusals.clear();
  for (const key of fresh) refusals.set(key, Date.parse(receivedAt));
  for (const signal of refuting) if (!fresh.has(unwrapKeyOf(signal))) refusals.delete(unwrapKeyOf(signal));
  if (unrecognised.length > 0) memory.hasKeptUnrecognised = true;
  return response;
}

/** Handles a batch for the function: follows it up, and checks the sweep's age as every function does. */
export async function onAuditBatch(
  batch: readonly unknown[],
  ports: Ports,
  memory: AuditMemory,
): Promise<void> {
  await respondToAudit(batch, ports, memory);
  await watchTimer(ports, 'signal');
}

/**
 * Of the refusals of one caller and key, the first, a middle and the last one: enough to show for how long the
 * key has been refused.
 */
function withoutRepeats(
  signals: readonly Signal[],
  refusals: ReadonlyMap<string, number>,
  nowMs: number,
): { signals: Signal[]; fresh: ReadonlySet<string> } {
  const refused = Map.groupBy(signals.filter(isRefusedUnwrap), unwrapKeyOf);
  const fresh = new Set(
    [...refused.keys()].filter((key) => {
      const last = refusals.get(key);
      return last === undefined || nowMs - last >= REFUSALS_APART_MS;
    }),
  );
  const kept = [...refused].flatMap(([key, ofOne]) => (fresh.has(key) ? firstMiddleLast(ofOne) : []));
  return { signals: [...signals.filter((signal) => !isRefusedUnwrap(signal)), ...kept], fresh };
}

function firstMiddleLast(signals: readonly Signal[]): Signal[] {
  const sorted = signals.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const at = new Set([0, Math.floor((sorted.length - 1) / 2), sorted.length - 1]);
  return sorted.filter((_, n) => at.has(n));
}
