import { armIdParts, normalId } from '../azure/arm-id.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import { claimDue } from '../notices/claim-due.ts';
import { deliver } from '../notices/deliver.ts';
import type { DeliveryBatch, Sent } from '../notices/deliver-ports.ts';
import type { Signal } from '../signals/signal.ts';
import { entryOf, isInReadModel } from '../storage/read-model.ts';
import { StorageRefusedError } from '../storage/storage-errors.ts';
import { errorFields } from '../telemetry/log.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import { sharingIn } from './after-commit.ts';
import { type Discovery, discover } from './discovery.ts';
import type { Ports } from './ports.ts';
import { type FailedCommit, hintsOf, readAndCommit } from './read-and-commit.ts';
import { remind } from './reminders.ts';
import { reportVisibility } from './report-visibility.ts';

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

/**
 * The pipeline on a timer: reads and commits every policy as for a signal, sends every due notice, and finds
 * new policies. None of the three waits for another: a channel or a subscription that hangs holds back only
 * itself. Notices are sent in the background, so that no channel delays a reading, a decision or a reminder.
 * Throws the first storage error, after everything else has been done. `asking`: the signals that asked for
 * this sweep.
 */
export async function sweep(whole: Ports, asking: readonly Signal[] = []): Promise<SweepResult> {
  const sendings: Promise<Sent>[] = [];
  const background = (sending: Promise<Sent>) => sendings.push(sending);
  const [swept] = await Promise.allSettled([readAndDecide({ ...whole, background }, asking)]);
  for (const { failure } of await Promise.all(sendings)) if (failure !== undefined) throw failure;
  return resultOf(swept);
}

async function readAndDecide(ports: Ports, asking: readonly Signal[]): Promise<SweepResult> {
  const policyStates = (await ports.store.listPolicyStates()).map(({ policyState }) => policyState);
  // Built from the policy states: no reading waits for the read model, which may be unavailable for minutes.
  const { list } = await ports.watched(policyStates);
  const concerned = asking.map((signal) => ({ signal, policyIds: new Set(list.concerns(signal)) }));
  const signalsOf = (policyId: string) =>
    concerned.flatMap(({ signal, policyIds }) => (policyIds.has(policyId) ? [signal] : []));
  const [tried, found, swept] = await Promise.allSettled([
    deliverPending(ports),
    discover(ports, { policyIds: policyStates.map(({ policyId }) => policyId) }),
    readAll(policyStates, signalsOf, ports),
    repairReadModel(policyStates, ports),
  ]);
  // If something could not be read or found, the stored state is still enough for reminders.
  const [reminders] = await Promise.allSettled([remind(policyStates, ports)]);
  const discovery = found.status === 'fulfilled' ? found.value : nothingFound(ports);
  const { fresh, unlistable, subscriptions, postponed } = discovery;
  const reading = swept.status === 'fulfilled' ? swept.value : nothingRead(policyStates);
  const { transitions } = reading;
  const failed = [...reading.failed, ...discovery.failed];
  const notReached = [...reading.notReached, ...postponed];
  // Whatever failed above, people are notified of what can't be seen; then the sweep fails.
  // A reading that could not be written is as good as none. A policy with a permanent write error must not
  // keep people from being notified of other visibility gaps.
  await reportVisibility({ policyStates, unlistable, subscriptions, notReached, unwritten: failed }, ports);
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

/** Discovery failed as a whole: a new policy in any subscription would not be noticed. */
function nothingFound({ config }: Ports): Discovery {
  const detail = "The search for new policies failed; the app's log has the reason.";
  const unlistable = config.watchedSubscriptions.map((subscriptionId) => ({ subscriptionId, detail }));
  return { fresh: [], unlistable, subscriptions: [], postponed: [], failed: [] };
}

function nothingRead(policyStates: readonly PolicyState[]) {
  const notReached = policyStates.map(({ policyId }) => policyId);
  return { transitions: 0, failed: [] as FailedCommit[], notReached };
}

function resultOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/**
 * Vaults read at the same time in one subscription: few, so that one that hangs leaves room for the others.
 */
const VAULTS_AT_ONCE = 4;
/** Intervals after which a reading is too old for a policy that Azure throttles. */
const OLD_AFTER = 3;
/**
 * Policies of one vault that are read together: as many as the throttling budget always allows for one sweep.
 */
const MAX_TOGETHER = 50;

/**
 * Reads every policy in one read session, so that no resource is read twice. The policies of one vault are
 * committed and notified together, and wait for no other vault; subscriptions are read in parallel, so a slow
 * one holds back only itself. Oldest reading first: a policy that time and Azure's throttling budget do not
 * reach now comes first in the next sweep. Each new policy state replaces the earlier one in `policyStates`
 * at once, and nothing else of its reading is kept.
 */
async function readAll(policyStates: PolicyState[], signalsOf: (policyId: string) => Signal[], ports: Ports) {
  const windowMs = Math.max(ports.config.readBudgetMs, 0.8 * ports.config.sweepIntervalMs);
  const endMs = ports.clock.nowMs() + windowMs;
  const protection = isAdviceDue(policyStates, ports.clock.now());
  const session = ports.facts.begin(windowMs, { protection, sweep: true });
  const place = new Map(policyStates.map(({ policyId }, n) => [normalId(policyId), n]));
  let transitions = 0;
  const failed: FailedCommit[] = [];
  const notReached: string[] = [];
  const readVault = async (policies: readonly PolicyState[]) => {
    const chains = policies.map((policyState) => ({
      policyId: policyState.policyId,
      hints: hintsOf(entryOf(policyState)),
    }));
    const reserved = ports.clock.nowMs() < endMs ? await session.reserve(chains) : 'short';
    // A policy that Azure's throttling keeps unread for long is unknown, and must not still be reported as
    // clear.
    const isOld =
      ports.clock.nowMs() - Date.parse(oldest(policies)) > OLD_AFTER * ports.config.sweepIntervalMs;
    if (reserved === 'short' || (reserved === 'throttled' && !isOld)) {
      notReached.push(...policies.map(({ policyId }) => policyId));
      return;
    }
    try {
      const concerned = new Map(policies.map(({ policyId }) => [policyId, signalsOf(policyId)]));
      for (const { policyId, transition } of await readAndCommit(concerned, ports, session, failed)) {
        const at = place.get(normalId(policyId));
        if (at !== undefined) policyStates[at] = transition.policyState;
        if (transition.kind !== 'none') transitions += 1;
      }
    } catch (reason) {
      failed.push(...policies.map(({ policyId }) => ({ policyId, reason })));
    }
  };
  const subscriptions = Map.groupBy(byVault(policyStates), ([first]) =>
    armIdParts(placeOf(first)).subscriptionId?.toLowerCase(),
  );
  await Promise.all(
    [...subscriptions.values()].flatMap((vaults) => {
      const waiting = vaults.sort((a, b) => oldest(a).localeCompare(oldest(b)));
      return Array.from({ length: Math.min(VAULTS_AT_ONCE, waiting.length) }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await readVault(next);
      });
    }),
  );
  if (notReached.length > 0) ports.log.warn('sweep-not-finished', { policies: notReached.length });
  return { transitions, notReached, failed };
}

/**
 * The facts behind advisories change slowly, so they are read only now and then, and at once for a new
 * policy.
 */
const ADVICE_FOR_MS = 10 * 60_000;

function isAdviceDue(policyStates: readonly PolicyState[], now: string): boolean {
  return policyStates.some(({ advisories }) => msSince(advisories?.readAt, now) >= ADVICE_FOR_MS);
}

function byVault(policyStates: readonly PolicyState[]): PolicyState[][] {
  return [...Map.groupBy(policyStates, (policyState) => normalId(placeOf(policyState))).values()].flatMap(
    (policies) => {
      const oldestFirst = policies.sort((a, b) => a.readAt.localeCompare(b.readAt));
      const parts = Math.ceil(policies.length / MAX_TOGETHER);
      return Array.from({ length: parts }, (_, n) =>
        oldestFirst.slice(n * MAX_TOGETHER, (n + 1) * MAX_TOGETHER),
      );
    },
  );
}

/**
 * The resource whose subscription is read: the policy's vault, or the policy itself if no vault was ever
 * seen.
 */
function placeOf(policyState: PolicyState | undefined): string {
  if (!policyState) return '';
  return policyVaultId(policyState.history) ?? policyState.policyId;
}

function oldest(policyStates: readonly PolicyState[]): string {
  return policyStates.map(({ readAt }) => readAt).sort()[0] ?? '';
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
