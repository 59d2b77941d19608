import { armIdParts, normalId } from '../azure/arm-id.ts';
import { compareText } from '../compare-text.ts';
import { withLists } from '../facts/listed-answers.ts';
import type { Reading } from '../facts/reader.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { Signal } from '../signals/signal.ts';
import { errorFields } from '../telemetry/log.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import { overdueAfterMs } from '../visibility/interval-in-force.ts';
import { policyInterval, type SweepIntervals, subscriptionsOf } from '../visibility/slowed-subscriptions.ts';
import { afterCommit } from './after-commit.ts';
import type { CommittedTransition } from './decide-and-commit.ts';
import type { Ports } from './ports.ts';
import { type FailedCommit, hintsOfState, isOneCauseOfAll, readAndCommit } from './read-and-commit.ts';
import { inParts, MAX_TOGETHER } from './read-together.ts';
import { type SlowedReads, slowedReads } from './slowed-reads.ts';

export interface ReadAll {
  transitions: number;
  /** Policies that time or Azure's throttling budget did not reach. */
  notReached: string[];
  failed: FailedCommit[];
}

/**
 * Vaults read at the same time in one subscription: few, so that one that hangs leaves room for the others.
 */
const VAULTS_AT_ONCE = 4;

/** The part of the interval in which a sweep reads. */
const WINDOW = 0.8;
/** The longest: the platform ends an invocation after ten minutes (host.json), and a sweep also sends. */
const MAX_WINDOW_MS = 400_000;

/** `endMs`: no reading begins after it. `intervals`: those in force. */
export interface SweepReading {
  session: Reading;
  endMs: number;
  intervals: SweepIntervals;
  slowed: SlowedReads;
}

/** One session for the whole sweep: the list in which new policies are found is also the reading of the others. */
export function beginSweep(
  policyStates: readonly PolicyState[],
  intervals: SweepIntervals,
  ports: Ports,
): SweepReading {
  const windowMs = Math.max(
    ports.config.readBudgetMs,
    Math.min(WINDOW * intervals.sweepIntervalMs, MAX_WINDOW_MS),
  );
  const slowed = slowedReads(policyStates, intervals, ports);
  const protection = isAdviceDue(policyStates.filter(slowed.isDue), ports.clock.now());
  const session = ports.facts.begin(windowMs, { protection, sweep: true, withLists });
  return { session, endMs: ports.clock.nowMs() + windowMs, intervals, slowed };
}

/**
 * Reads every policy that is due in one read session, so that no resource is read twice. The policies of one vault are
 * committed and notified together, hundreds of them in parts, and wait for no other vault; subscriptions are
 * read in parallel, so a slow one holds back only itself. Oldest reading first: a policy that time and Azure's
 * throttling budget do not reach now comes first in the next sweep. Each new policy state replaces the earlier
 * one in `policyStates` at once, and nothing else of its reading is kept.
 */
export async function readAll(
  policyStates: PolicyState[],
  signalsOf: (policyId: string) => Signal[],
  { session, endMs, intervals, slowed }: SweepReading,
  ports: Ports,
): Promise<ReadAll> {
  const place = new Map(policyStates.map(({ policyId }, n) => [normalId(policyId), n]));
  let transitions = 0;
  const failed: FailedCommit[] = [];
  const notReached: string[] = [];
  const failAll = (policies: readonly PolicyState[], reason: unknown) =>
    failed.push(...policies.map(({ policyId }) => ({ policyId, reason })));
  const concernedOf = (policies: readonly PolicyState[]) =>
    new Map(policies.map(({ policyId }) => [policyId, signalsOf(policyId)]));
  const reserve = async (policies: readonly PolicyState[]) =>
    ports.clock.nowMs() < endMs ? await session.reserve(policies.map(chainOf)) : 'short';

  const commit = async (policies: readonly PolicyState[], held: CommittedTransition[]) => {
    try {
      const done = await readAndCommit(concernedOf(policies), ports, session, { failed, held });
      for (const { policyId, transition } of done) {
        const at = place.get(normalId(policyId));
        if (at !== undefined) policyStates[at] = transition.policyState;
        slowed.onRead(transition.policyState);
        if (transition.kind !== 'none') transitions += 1;
      }
    } catch (reason) {
      failAll(policies, reason);
    }
  };
  const saysThrottled = (policyState: PolicyState) =>
    [...subscriptionsOf(policyState)].some((id) => session.quota?.().get(id)?.isThrottled);
  const readPart = async (policies: readonly PolicyState[], held: CommittedTransition[]) => {
    const reserved = await reserve(policies);
    // A policy that Azure's throttling keeps unread until its reading is overdue is unknown, and must not still be
    // reported as clear. A short Retry-After that is repeated at each sweep keeps it unread as well as a long one.
    const isThrottled =
      reserved === 'throttled' || (ports.clock.nowMs() < endMs && policies.some(saysThrottled));
    const isOverdue = (policyState: PolicyState) =>
      ports.clock.nowMs() - Date.parse(policyState.readAt) >
      overdueAfterMs(policyInterval(policyState, intervals));
    if (reserved !== 'reserved' && !(isThrottled && policies.some(isOverdue)))
      notReached.push(...policies.filter((one) => !slowed.mayWait(one)).map(({ policyId }) => policyId));
    else await commit(policies, held);
  };
  /** A cause that all policies of the vault share is seen by the reading of one. */
  const commitBySharedCause = async ({ policies, held }: OneVault) => {
    if (policies.length <= MAX_TOGETHER || (await reserve(policies.slice(0, 1))) !== 'reserved') return false;
    try {
      if (!(await isOneCauseOfAll(concernedOf(policies), session, ports))) return false;
    } catch (error) {
      ports.log.warn('first-of-vault-not-read', errorFields(error));
      return false;
    }
    await commit(policies, held);
    return true;
  };
  const readNext = async ({ vault, policies }: VaultPart) => {
    vault.isCommitted ??= commitBySharedCause(vault);
    if (!(await vault.isCommitted)) await readPart(policies, vault.held);
    vault.partsLeft -= 1;
    if (vault.partsLeft > 0 || vault.held.length === 0) return;
    const [after] = await Promise.allSettled([afterCommit(vault.held, await ports.watched(), ports)]);
    if (after.status === 'rejected') failed.push({ reason: after.reason });
  };

  // What a signal asks about is read in any case: the sweep is all that reads it.
  const due = policyStates.filter((one) => slowed.isDue(one) || signalsOf(one.policyId).length > 0);
  const subscriptions = Map.groupBy(partsByVault(due), ({ policies: [first] }) =>
    armIdParts(placeOf(first)).subscriptionId?.toLowerCase(),
  );
  await Promise.all(
    [...subscriptions.values()].flatMap((parts) => {
      const waiting = parts.sort((a, b) => compareText(oldest(a.policies), oldest(b.policies)));
      return Array.from({ length: Math.min(VAULTS_AT_ONCE, waiting.length) }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await readNext(next);
      });
    }),
  );
  if (notReached.length > 0) ports.log.warn('sweep-not-finished', { policies: notReached.length });
  return { transitions, notReached, failed };
}

/** The policies of one vault in one sweep. */
interface OneVault {
  policies: readonly PolicyState[];
  partsLeft: number;
  /** Transitions whose notices wait for the last part, so that they go in one message. */
  held: CommittedTransition[];
  /** All of them were committed by what the first reading showed. */
  isCommitted?: Promise<boolean>;
}
interface VaultPart {
  vault: OneVault;
  policies: readonly PolicyState[];
}

function partsByVault(policyStates: readonly PolicyState[]): VaultPart[] {
  const byVault = Map.groupBy(policyStates, (policyState) => normalId(placeOf(policyState)));
  return [...byVault.values()].flatMap((ofVault) => {
    const policies = ofVault.sort((a, b) => compareText(a.readAt, b.readAt));
    const parts = inParts(policies);
    const vault: OneVault = { policies, partsLeft: parts.length, held: [] };
    return parts.map((part) => ({ vault, policies: part }));
  });
}

function chainOf(policyState: PolicyState) {
  return { policyId: policyState.policyId, hints: hintsOfState(policyState) };
}

/**
 * The facts behind advisories change slowly, so they are read only now and then, and at once for a new
 * policy.
 */
const ADVICE_FOR_MS = 10 * 60_000;

function isAdviceDue(policyStates: readonly PolicyState[], now: string): boolean {
  return policyStates.some(({ advisories }) => msSince(advisories?.readAt, now) >= ADVICE_FOR_MS);
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
