import { compareText } from '../compare-text.ts';
import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { endedAtOf, endedLongAgo, isInState, mayMove, needsEndedOnes } from '../incidents/may-move.ts';
import { DRILL_PARTITION } from '../storage/drill-partition.ts';
import type { IncidentStore, ListedIncident } from '../storage/incident-store.ts';
import { isEnded } from '../storage/rows.ts';
import { StorageRefusedError } from '../storage/storage-errors.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Ports } from './ports.ts';

/** Of one sweep. It moves on in the next one, so a thousand incidents of one outage hold no sweep up. */
const MAX_MOVED = 20;
/** No move begins after this long: the sweep holds a lease. */
const BEGIN_WITHIN_MS = 2_000;
const CHECK_MS = 3_600_000;

/**
 * Of each store. It is gone through once an hour, by as many sweeps as that takes; a process that starts anew may do
 * it again. `refused`: those that may not move, so that they use up the time of one sweep and not of all.
 */
interface Round {
  doneAtMs: number;
  refused: Set<string>;
}
const rounds = new WeakMap<IncidentStore, Round>();

/**
 * Moves incidents that ended more than a day ago to the history, the oldest first, so that what sweeps and signals go
 * through does not grow with the years. One that can't be moved stays, and holds no other back. Never throws: what
 * stays is moved by a later sweep.
 */
export async function moveEnded(policyStates: readonly PolicyState[], ports: MovePorts): Promise<void> {
  const { store, clock, log } = ports;
  const round = rounds.get(store) ?? { doneAtMs: Number.NEGATIVE_INFINITY, refused: new Set() };
  rounds.set(store, round);
  if (clock.nowMs() - round.doneAtMs < CHECK_MS) return;
  try {
    const states = new Map(policyStates.map((state) => [policyKey(state.policyId), state]));
    const ended = inOrder(await endedOnes(round, ports), states);
    const beganMs = clock.nowMs();
    let moved = 0;
    for (const listed of ended) {
      if (moved >= MAX_MOVED || clock.nowMs() - beganMs > BEGIN_WITHIN_MS) return;
      // Also after an error that ends this sweep's moves: the next sweep begins behind it.
      round.refused.add(listed.id);
      if (await moveOne(listed, states, ports)) moved += 1;
    }
    rounds.set(store, { doneAtMs: beganMs, refused: new Set() });
  } catch (error) {
    log.warn('history-not-written', errorFields(error));
  }
}

type MovePorts = Pick<Ports, 'store' | 'clock' | 'log'>;

async function endedOnes({ refused }: Round, { store, clock }: MovePorts): Promise<ListedIncident[]> {
  const now = clock.now();
  const listed = await store.listIncidents({ drills: true });
  const mayHaveEnded = (one: ListedIncident) =>
    one.endedAt === undefined ? isEnded(one) : endedLongAgo(one.endedAt, now);
  return listed.filter((one) => mayHaveEnded(one) && !refused.has(one.id));
}

/** Those that can be decided without reading them first, then the oldest. */
function inOrder(
  ended: readonly ListedIncident[],
  states: ReadonlyMap<string, PolicyState>,
): ListedIncident[] {
  const isRead = ({ policyId }: ListedIncident) => {
    const state = states.get(policyKey(policyId));
    return Number(state !== undefined && needsEndedOnes(state));
  };
  return ended.toSorted(
    (one, other) => isRead(one) - isRead(other) || compareText(one.endedAt ?? '', other.endedAt ?? ''),
  );
}

/** Whether it moved. Without its policy's state an incident stays, since nobody knows what still needs it. */
async function moveOne(
  { id, policyId, endedAt }: ListedIncident,
  states: ReadonlyMap<string, PolicyState>,
  { store, clock, log }: MovePorts,
): Promise<boolean> {
  try {
    const state = states.get(policyKey(policyId));
    if (!state && policyKey(policyId) !== DRILL_PARTITION) return false;
    if (state && isInState(id, state)) return false;
    // An earlier version wrote incidents without the column that says when they ended.
    if (endedAt === undefined || (state && needsEndedOnes(state))) {
      const incident = await store.readIncident(id);
      if (!incident || !endedLongAgo(endedAtOf(incident), clock.now())) return false;
      if (state && !mayMove(incident, state)) return false;
    }
    return (await store.moveToHistory(id)) === 'moved';
  } catch (error) {
    if (!(error instanceof StorageRefusedError)) throw error;
    // Storage refuses this one always; the others can move.
    log.warn('incident-not-moved', { incident: id, ...errorFields(error) });
    return false;
  }
}
