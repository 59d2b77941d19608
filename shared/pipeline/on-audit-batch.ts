import { readAuditBatch } from '../signals/audit-records.ts';
import type { Signal } from '../signals/signal.ts';
import { isRefusedUnwrap } from '../signals/watch-list.ts';
import { followUp, type Response } from './on-message.ts';
import type { Ports } from './ports.ts';
import { watchTimer } from './watchdog.ts';

/** What a process keeps between batches; losing it does no harm. Times in milliseconds. */
export interface AuditMemory {
  /** When each key's refusal was last followed up. */
  refusals: Map<string, number>;
}

export function auditMemory(): AuditMemory {
  return { refusals: new Map() };
}

/** While a key is out of reach, Power Platform may try it many times a second: one look in this time is enough. */
const REFUSALS_APART_MS = 30_000;
const MAX_REFUSALS = 10_000;

/**
 * A batch of the audit log → the same road as every signal. The log chiefly tells who did it, minutes after the sweep
 * saw that it was done. A batch without an operation of interest costs its parsing: no read, no write, not even the
 * watch list. Throws only where our own storage can't be reached, so that the runtime tries the batch again.
 */
export async function respondToAudit(
  batch: readonly unknown[],
  ports: Ports,
  { refusals }: Pick<AuditMemory, 'refusals'> = auditMemory(),
): Promise<Response> {
  const receivedAt = ports.clock.now();
  const read = readAuditBatch(batch, receivedAt);
  const { signals, fresh } = withoutRepeats(read.signals, refusals, ports.clock.nowMs());
  const response = await followUp({ signals, rechecks: [], unreadable: read.unreadable }, receivedAt, ports);
  // Only now: a batch that failed comes again, and must not be taken for old then.
  if (refusals.size >= MAX_REFUSALS) refusals.clear();
  for (const key of fresh) refusals.set(key, Date.parse(receivedAt));
  return response;
}

/** What the function does with a batch: follows it up, and looks at the sweep's age as every function does. */
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
