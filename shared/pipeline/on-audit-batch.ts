import { readAuditBatch } from '../signals/audit-records.ts';
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
  const read = readAuditBatch(batch, receivedAt);
  const unrecognised = read.unrecognised && !hasKeptUnrecognised ? [read.unrecognised] : [];
  const unreadable = [...read.unreadable, ...unrecognised];
  const { signals, fresh } = withoutRepeats(read.signals, refusals, ports.clock.nowMs());
  const response = await followUp({ signals, rechecks: [], unreadable }, receivedAt, ports);
  // Only after success: a failed batch is delivered again, and must not count as a repeat then.
  if (refusals.size >= MAX_REFUSALS) refusals.clear();
  for (const key of fresh) refusals.set(key, Date.parse(receivedAt));
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

function withoutRepeats(
  signals: readonly Signal[],
  refusals: ReadonlyMap<string, number>,
  nowMs: number,
): { signals: Signal[]; fresh: ReadonlySet<string> } {
  const fresh = new Set<string>();
  const news = signals.filter((signal) => {
    if (!isRefusedUnwrap(signal)) return true;
    const key = `${signal.scope}|${signal.keyName ?? ''}|${signal.actor?.objectId ?? ''}`.toLowerCase();
    const last = refusals.get(key);
    if (fresh.has(key) || (last !== undefined && nowMs - last < REFUSALS_APART_MS)) return false;
    fresh.add(key);
    return true;
  });
  return { signals: news, fresh };
}
