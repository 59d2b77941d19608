import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { endedLongAgo, mayMove } from '../incidents/may-move.ts';
import { DRILL_PARTITION } from '../storage/drill-partition.ts';
import type { IncidentStore, ListedIncident } from '../storage/incident-store.ts';
import { StorageRefusedError } from '../storage/storage-errors.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Ports } from './ports.ts';

/** Of one sweep. It moves on in the next one, so a thousand incidents of one outage hold no sweep up. */
const MAX_MOVED = 20;
/** No move begins after this long: the sweep holds a lease. */
const BEGIN_WITHIN_MS = 2_000;
const CHECK_MS = 3_600_000;

/** When each store was last gone through: once an hour is enough, and a process that starts anew may do it again. */
const checkedAt = new WeakMap<IncidentStore, number>();

/**
 * Moves incidents that ended more than a day ago to the history, the oldest first, so that what sweeps and signals go
 * through does not grow with the years. One that can't be moved stays, and holds no other back. Never throws: what
 * stays is moved by a later sweep.
 */
export async function moveEnded(policyStates: readonly PolicyState[], ports: MovePorts): Promise<void> {
  const { store, clock, log } = ports;
  const beganMs = clock.nowMs();
  if (beganMs - (checkedAt.get(store) ?? Number.NEGATIVE_INFINITY) < CHECK_MS) return;
  try {
    const states = new Map(policyStates.map((state) => [policyKey(state.policyId), state]));
    let moved = 0;
    for (const listed of await endedOnes(ports)) {
      if (moved >= MAX_MOVED || clock.nowMs() - beganMs > BEGIN_WITHIN_MS) return;
      if (await moveOne(listed, states, ports)) moved += 1;
    }
    checkedAt.set(store, beganMs);
  } catch (error) {
    log.warn('history-not-written', errorFields(error));
  }
}

type MovePorts = Pick<Ports, 'store' | 'clock' | 'log'>;

async function endedOnes({ store, clock }: MovePorts): Promise<ListedIncident[]> {
  const now = clock.now();
  const listed = await store.listIncidents({ drills: true });
  return listed
    .filter(({ endedAt }) => endedLongAgo(endedAt, now))
    .sort((one, other) => (one.endedAt ?? '').localeCompare(other.endedAt ?? ''));
}

/** Whether it moved. Without its policy's state an incident stays, since nobody knows what still needs it. */
async function moveOne(
  { id, policyId }: ListedIncident,
  states: ReadonlyMap<string, PolicyState>,
  { store, log }: MovePorts,
): Promise<boolean> {
  try {
    if (policyKey(policyId) !== DRILL_PARTITION) {
      const state = states.get(policyKey(policyId));
      const incident = state && (await store.readIncident(id));
      if (!incident || !mayMove(incident, state)) return false;
    }
    return (await store.moveToHistory(id)) === 'moved';
  } catch (error) {
    if (!(error instanceof StorageRefusedError)) throw error;
    // Storage refuses this one always; the others can move.
    log.warn('incident-not-moved', { incident: id, ...errorFields(error) });
    return false;
  }
}
