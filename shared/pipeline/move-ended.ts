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
 * it again. `waiting`: those that may not move yet, so that they use up the time of one sweep and not of all, and those
 * whose move failed: `failures` times in a row.
 */
interface Round {
  nextMs: number;
  waiting: Map<string, { untilMs: number; failures: number }>;
}
const rounds = new WeakMap<IncidentStore, Round>();
const NEVER_TRIED = { untilMs: Number.NEGATIVE_INFINITY, failures: 0 };
/** A move that fails again waits so long, and twice as long after each further failure. */
const AGAIN_MS = 5_000;

/**
 * Moves incidents that ended more than a day ago to the history, the oldest first, so that what sweeps and signals go
 * through does not grow with the years. One that can't be moved stays, and holds no other back. Never throws: what
 * stays is moved by a later sweep; a move that failed halfway goes on in the next one, behind all others.
 */
export async function moveEnded(policyStates: readonly PolicyState[], ports: MovePorts): Promise<void> {
  const { store, clock, log } = ports;
  const round = rounds.get(store) ?? { nextMs: Number.NEGATIVE_INFINITY, waiting: new Map() };
  rounds.set(store, round);
  if (clock.nowMs() < round.nextMs) return;
  try {
    const states = new Map(policyStates.map((state) => [policyKey(state.policyId), state]));
    const ended = inOrder(await endedOnes(round, ports), states, round);
    const beganMs = clock.nowMs();
    let moved = 0;
    for (const listed of ended) {
      if (moved >= MAX_MOVED || clock.nowMs() - beganMs > BEGIN_WITHIN_MS) return;
      // Also after an error that ends this sweep's moves: the next sweep begins behind it.
      const { failures } = round.waiting.get(listed.id) ?? NEVER_TRIED;
      const waitMs = failures === 0 ? 0 : Math.min(AGAIN_MS * 2 ** failures, CHECK_MS);
      round.waiting.set(listed.id, { untilMs: clock.nowMs() + waitMs, failures: failures + 1 });
      const hasMoved = await moveOne(listed, states, ports);
      if (hasMoved) moved += 1;
      if (hasMoved) round.waiting.delete(listed.id);
      else round.waiting.set(listed.id, { untilMs: beganMs + CHECK_MS, failures: 0 });
    }
    const untils = [...round.waiting.values()].map(({ untilMs }) => untilMs);
    round.nextMs = Math.min(beganMs + CHECK_MS, ...untils);
  } catch (error) {
    log.warn('history-not-written', errorFields(error));
  }
}

type MovePorts = Pick<Ports, 'store' | 'clock' | 'log'>;

async function endedOnes({ waiting }: Round, { store, clock }: MovePorts): Promise<ListedIncident[]> {
  const now = clock.now();
  const listed = await store.listIncidents({ drills: true });
  const ids = new Set(listed.map(({ id }) => id));
  for (const id of waiting.keys()) if (!ids.has(id)) waiting.delete(id);
  const mayHaveEnded = (one: ListedIncident) =>
    one.endedAt === undefined ? isEnded(one) : endedLongAgo(one.endedAt, now);
  const mayBeTried = ({ id }: ListedIncident) => (waiting.get(id) ?? NEVER_TRIED).untilMs <= clock.nowMs();
  return listed.filter((one) => mayHaveEnded(one) && mayBeTried(one));
}

/** Those whose move has not failed, those that can be decided without reading them first, then the oldest. */
function inOrder(
  ended: readonly ListedIncident[],
  states: ReadonlyMap<string, PolicyState>,
  { waiting }: Round,
): ListedIncident[] {
  const isRead = ({ policyId }: ListedIncident) => {
    const state = states.get(policyKey(policyId));
    return Number(state !== undefined && needsEndedOnes(state));
  };
  const failuresOf = ({ id }: ListedIncident) => (waiting.get(id) ?? NEVER_TRIED).failures;
  return ended.toSorted(
    (one, other) =>
      failuresOf(one) - failuresOf(other) ||
      isRead(one) - isRead(other) ||
      compareText(one.endedAt ?? '', other.endedAt ?? ''),
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
