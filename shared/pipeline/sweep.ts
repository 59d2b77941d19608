import { normalId } from '../azure/arm-id.ts';
import { before, deadlineIn } from '../azure/deadline.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { claimDue } from '../notices/claim-due.ts';
import { deliver } from '../notices/deliver.ts';
import type { DeliveryBatch, Sent } from '../notices/deliver-ports.ts';
import type { Signal } from '../signals/signal.ts';
import type { IncidentStore } from '../storage/incident-store.ts';
import { isInReadModel } from '../storage/read-model.ts';
import { StorageRefusedError } from '../storage/storage-errors.ts';
import { errorFields } from '../telemetry/log.ts';
import type { SweepIntervals } from '../visibility/slowed-subscriptions.ts';
import { sharingIn } from './after-commit.ts';
import { type Discovery, discover } from './discovery.ts';
import { forgetOldSilences } from './forget-notices.ts';
import { moveEnded } from './move-ended.ts';
import type { Ports } from './ports.ts';
import { beginSweep, type ReadAll, readAll, type SweepReading } from './read-all.ts';
import { remind } from './reminders.ts';
import { repairPending } from './repair-pending.ts';
import { reportVisibility } from './report-visibility.ts';
import { readsOf, type SweepLoad } from './sweep-interval.ts';

export interface SweepResult {
  policies: number;
  discovered: number;
  /**
   * Policies that the sweep did not reach because of time or Azure's throttling budget. They come first in
   * the next sweep.
   */
  notReached: number;
  transitions: number;
  noticesTried: number;
  /** Policies with a notification that only the timers made due. */
  reminded: number;
}

export interface SweepRun {
  /** The signals that asked for this sweep. */
  asking?: readonly Signal[];
  /** The intervals in force. */
  intervals?: SweepIntervals;
  /** Called once everything has been read, also where something then fails. */
  onLoad?(load: SweepLoad): void;
}

/**
 * The pipeline on a timer: reads and commits every policy as for a signal, sends every due notice, and finds
 * new policies. None of the three waits for another: a channel or a subscription that hangs holds back only
 * itself. Notices are sent in the background, so that no channel delays a reading, a decision or a reminder.
 * Throws the first storage error, after everything else has been done.
 */
export async function sweep(whole: Ports, run: SweepRun = {}): Promise<SweepResult> {
  const sendings: Promise<Sent>[] = [];
  const background = (sending: Promise<Sent>) => sendings.push(sending);
  const [swept] = await Promise.allSettled([readAndDecide({ ...whole, background }, run)]);
  for (const { failure } of await Promise.all(sendings)) if (failure !== undefined) throw failure;
  return resultOf(swept);
}

async function readAndDecide(
  ports: Ports,
  { asking = [], intervals = { sweepIntervalMs: ports.config.sweepBounds.minMs }, onLoad }: SweepRun,
): Promise<SweepResult> {
  const policyStates = (await ports.store.listPolicyStates()).map(({ policyState }) => policyState);
  // Built from the policy states: no reading waits for the read model, which may be unavailable for minutes.
  const { list } = await ports.watched(policyStates);
  const concerned = asking.map((signal) => ({ signal, policyIds: new Set(list.concerns(signal)) }));
  const signalsOf = (policyId: string) =>
    concerned.flatMap(({ signal, policyIds }) => (policyIds.has(policyId) ? [signal] : []));
  const pending = deliverPending(ports);
  const reading = beginSweep(policyStates, intervals, ports);
  const discovery = startDiscovery(policyStates, reading, ports);
  const [tried, found, swept] = await Promise.allSettled([
    pending,
    discovery.found,
    discovery.turn.then(() => readAll(policyStates, signalsOf, reading, ports)),
    repairReadModel(policyStates, ports),
  ]);
  // If something could not be read or found, the stored state is still enough for reminders.
  const [reminders] = await Promise.allSettled([remind(policyStates, ports)]);
  const discovered = found.status === 'fulfilled' ? found.value : nothingFound(ports);
  const { fresh, unlistable, subscriptions, postponed } = discovered;
  onLoad?.(loadOf(policyStates, [...fresh, ...postponed], reading, ports));
  const read = swept.status === 'fulfilled' ? swept.value : nothingRead(policyStates);
  const { transitions } = read;
  const failed = [...read.failed, ...discovered.failed];
  const notReached = [...read.notReached, ...postponed];
  // Whatever failed above, people are notified of what can't be seen; then the sweep fails.
  // A reading that could not be written is as good as none. A policy with a permanent write error must not
  // keep people from being notified of other visibility gaps.
  await reportVisibility({ policyStates, unlistable, subscriptions, notReached, unwritten: failed }, ports);
  await repairPending(ports);
  await moveEnded(policyStates, ports);
  await forgetOldSilences(policyStates, ports);
  for (const part of [found, swept]) if (part.status === 'rejected') throw part.reason;
  for (const { reason } of failed) throw reason;
  return {
    policies: policyStates.length + fresh.length,
    discovered: fresh.length,
    notReached: notReached.length,
    transitions,
    noticesTried: resultOf(tried),
    reminded: resultOf(reminders),
  };
}

/** The stores whose last sweep left new policies unread. */
const leftNewUnread = new WeakSet<IncidentStore>();
/** The longest that the readings of a sweep wait for the list of policies. */
const LISTED_WITHIN_MS = 1_000;

/**
 * `turn`: when the other readings may begin. At once; but where the last sweep left new policies unread, after
 * these are in line for the throttling budget: a subscription with more policies than one sweep may read would
 * otherwise use all of it for those that are known, and the new ones would never be.
 */
function startDiscovery(policyStates: readonly PolicyState[], { session }: SweepReading, ports: Ports) {
  const { store, clock } = ports;
  const { promise: listed, resolve: onListed } = Promise.withResolvers<void>();
  const policyIds = policyStates.map(({ policyId }) => policyId);
  const found = discover(ports, { policyIds, session, onListed }).then((discovery) => {
    if (discovery.postponed.length > 0) leftNewUnread.add(store);
    else leftNewUnread.delete(store);
    return discovery;
  });
  if (!leftNewUnread.has(store)) return { found, turn: Promise.resolve() };
  const listedOrOver = Promise.race([listed, Promise.allSettled([found])]);
  const turn = before(deadlineIn(LISTED_WITHIN_MS, clock), () => listedOrOver).then(() => undefined);
  return { found, turn };
}

function loadOf(
  policyStates: readonly PolicyState[],
  found: readonly string[],
  { session }: SweepReading,
  { config }: Ports,
): SweepLoad {
  const reads = Math.max(0, ...readsOf(policyStates, found, config.watchedSubscriptions).values());
  return { reads, quota: session.quota?.() ?? new Map() };
}

/** Discovery failed as a whole: a new policy in any subscription would not be noticed. */
function nothingFound({ config }: Ports): Discovery {
  const detail = "The search for new policies failed; the app's log has the reason.";
  const unlistable = config.watchedSubscriptions.map((subscriptionId) => ({ subscriptionId, detail }));
  return { fresh: [], unlistable, subscriptions: [], postponed: [], failed: [] };
}

function nothingRead(policyStates: readonly PolicyState[]): ReadAll {
  const notReached = policyStates.map(({ policyId }) => policyId);
  return { transitions: 0, failed: [], notReached };
}

function resultOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Sends every undelivered notice whose next try is due. Returns how many rows were tried. */
export async function deliverPending(ports: Ports): Promise<number> {
  const rows = await claimDue(ports);
  if (rows.length > 0) await deliver({ rows, sharing: await sharingNow(ports) }, ports);
  return rows.length;
}

/**
 * A concurrent notice of the same group goes under the same lease. Undefined: the sharing policies are not
 * known.
 */
async function sharingNow(ports: Ports): Promise<DeliveryBatch['sharing']> {
  try {
    return sharingIn(await ports.watched());
  } catch (error) {
    ports.log.warn('sharing-unknown', errorFields(error));
    return undefined;
  }
}

/**
 * Rebuilds the read model from the policy states wherever it is missing or out of date, so it may be deleted
 * at any time. Never throws. If storage fails, the next sweep continues, since a thousand more errors would
 * add nothing.
 */
async function repairReadModel(policyStates: readonly PolicyState[], ports: Ports): Promise<void> {
  try {
    const read = await ports.readModel.read();
    const entries = new Map(read.map((entry) => [normalId(entry.policyId), entry]));
    const behind = policyStates.filter(
      (policyState) => !isInReadModel(policyState, entries.get(normalId(policyState.policyId))),
    );
    for (const policyState of behind) await writeOrSkip(policyState, ports);
  } catch (error) {
    ports.log.warn('read-model-behind', errorFields(error));
  }
}

/** An entry that storage always refuses does not keep the others from being written. */
async function writeOrSkip(policyState: PolicyState, ports: Ports): Promise<void> {
  try {
    await ports.readModel.write(policyState, ports.clock.now());
  } catch (error) {
    if (!(error instanceof StorageRefusedError)) throw error;
    ports.log.warn('read-model-behind', { policyId: policyState.policyId, ...errorFields(error) });
  }
}
