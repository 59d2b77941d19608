import type { IncidentStore } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Ports } from './ports.ts';

const CHECK_MS = 3_600_000;

/** When each store was last checked: in the first sweep of a process, and once an hour. */
const checkedAt = new WeakMap<IncidentStore, number>();

/**
 * Finds pending notices that nothing else would find; the next sweep sends them. Never throws: what stays is repaired
 * by a later sweep.
 */
export async function repairPending({
  store,
  clock,
  log,
}: Pick<Ports, 'store' | 'clock' | 'log'>): Promise<void> {
  const nowMs = clock.nowMs();
  if (nowMs - (checkedAt.get(store) ?? Number.NEGATIVE_INFINITY) < CHECK_MS) return;
  try {
    const { written, isWhole } = await store.repairPendingRows();
    if (written > 0) log.warn('pending-notices-found', { notices: written });
    if (isWhole) checkedAt.set(store, nowMs);
  } catch (error) {
    log.warn('pending-notices-not-checked', errorFields(error));
  }
}
