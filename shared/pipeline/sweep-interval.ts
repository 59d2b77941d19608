import { armIdParts } from '../azure/arm-id.ts';
import type { QuotaSeen } from '../azure/arm-rate-limit.ts';
import { ARM_BUCKET } from '../azure/subscription-limit.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import type { SweepBounds } from '../visibility/interval-in-force.ts';
import type { SlowedSubscription, SlowedSubscriptions } from '../visibility/slowed-subscriptions.ts';

const STEPS_MS = [5, 10, 15, 30, 60, 120, 240, 480].map((seconds) => seconds * 1000);
/** A sweep's part of what Azure refills between two sweeps; the rest is for signals, and for other readers. */
const REFILL_SHARE = 0.5;
/** What every sweep reads of a policy: its role assignments and the versions of its key. */
const READS_A_POLICY = 2;
/** Of a subscription: itself, the role, and the lists of policies, vaults and deny assignments. */
const READS_A_SUBSCRIPTION = 5;
/**
 * An interval becomes shorter after so many intervals of the tenant's size without a reason for it: by time, since
 * three sweeps of a long interval would take half an hour.
 */
const CALM_INTERVALS = 3;
const MIN_CALM_MS = 30_000;
/**
 * Refused reads make a subscription's interval at most so many times as long as that of the sweeps: another reader
 * that uses up a subscription's limit does not stop for us.
 */
const MAX_STRETCH = 4;
/**
 * Azure Resource Manager docs, "Understand how Azure Resource Manager throttles requests": the answer's header
 * says how many reads are left. Below this, signals might have to wait.
 */
const FEW_READS_LEFT = 100;

/** What a sweep has to read, and what Azure said to it in each subscription. */
export interface SweepLoad {
  /** The reads that it needs in the subscription that needs most. */
  reads: number;
  quota: ReadonlyMap<string, QuotaSeen>;
}

/** The interval in force, and how many sweeps in a row needed a shorter one. */
export interface SweepPace {
  intervalMs: number;
  calmSweeps: number;
}

/**
 * The reads that a sweep needs in each subscription, by its id in lower case. Pure. `found`: the ids of policies
 * without a state yet.
 */
export function readsOf(
  policyStates: readonly Pick<PolicyState, 'policyId' | 'history' | 'supported'>[],
  found: readonly string[],
  watched: readonly string[],
): Map<string, number> {
  const reads = new Map<string, number>();
  const add = (id: string | undefined, count: number) => {
    const name = id?.toLowerCase() ?? '';
    reads.set(name, (reads.get(name) ?? READS_A_SUBSCRIPTION) + count);
  };
  for (const subscriptionId of watched) add(subscriptionId, 0);
  for (const { policyId, history, supported } of policyStates) {
    add(armIdParts(policyId).subscriptionId, 0);
    // A key in a Managed HSM is not read.
    if (supported) add(armIdParts(policyVaultId(history) ?? policyId).subscriptionId, READS_A_POLICY);
  }
  for (const policyId of found) add(armIdParts(policyId).subscriptionId, READS_A_POLICY);
  return reads;
}

/** The shortest interval at which so many reads in one subscription leave half of Azure's refill to others. Pure. */
export function intervalFor(reads: number, bounds: SweepBounds): number {
  const neededMs = (reads / (ARM_BUCKET.perSecond * REFILL_SHARE)) * 1000;
  return stepsWithin(bounds).find((step) => step >= neededMs) ?? bounds.maxMs;
}

/**
 * The interval after a sweep. Pure. It grows at once. It becomes shorter one step at a time, after a calm time:
 * then no reading is late only because the interval has changed.
 */
export function paceAfter(
  { intervalMs, calmSweeps }: SweepPace,
  reads: number,
  bounds: SweepBounds,
): SweepPace {
  const sizedMs = intervalFor(reads, bounds);
  if (intervalMs <= sizedMs) return { intervalMs: sizedMs, calmSweeps: 0 };
  const calmMs = (calmSweeps + 1) * intervalMs;
  if (calmMs < Math.max(CALM_INTERVALS * sizedMs, MIN_CALM_MS))
    return { intervalMs, calmSweeps: calmSweeps + 1 };
  return { intervalMs: Math.max(stepBelow(intervalMs, bounds), sizedMs), calmSweeps: 0 };
}

/**
 * The subscriptions that are read at longer intervals after a sweep. Pure. Reads are scarce in one subscription, and
 * no other waits for it. Few reads left double the interval of the sweeps, but only once: a longer interval makes
 * no reading smaller. A refused read doubles the one in force, up to four times that of the sweeps. It becomes
 * shorter one step at a time, after a calm time in which the subscription was read once at least: so a reader that
 * comes and goes does not move it back and forth.
 */
export function slowedAfter(
  slowed: SlowedSubscriptions,
  quota: SweepLoad['quota'],
  { sweepIntervalMs, bounds, now }: { sweepIntervalMs: number; bounds: SweepBounds; now: string },
): SlowedSubscriptions {
  const doubled = (ms: number) => stepsWithin(bounds).find((step) => step >= 2 * ms) ?? bounds.maxMs;
  const after = (before: SlowedSubscription | undefined, seen: QuotaSeen | undefined): SlowedSubscription => {
    const intervalMs = Math.min(Math.max(before?.intervalMs ?? 0, sweepIntervalMs), bounds.maxMs);
    if (seen?.isThrottled) {
      const slower = Math.min(doubled(intervalMs), stepAtMost(MAX_STRETCH * sweepIntervalMs, bounds));
      return { intervalMs: Math.max(intervalMs, slower), since: now };
    }
    if (seen?.readsLeft !== undefined && seen.readsLeft < FEW_READS_LEFT)
      return { intervalMs: Math.max(intervalMs, doubled(sweepIntervalMs)), since: now };
    const calmMs = Math.max(CALM_INTERVALS * sweepIntervalMs, intervalMs + sweepIntervalMs, MIN_CALM_MS);
    if (before && msSince(before.since, now) < calmMs) return { intervalMs, since: before.since };
    return { intervalMs: stepBelow(intervalMs, bounds), since: now };
  };
  const ids = new Set([...slowed.keys(), ...quota.keys()]);
  return new Map(
    [...ids]
      .map((id) => [id, after(slowed.get(id), quota.get(id))] as const)
      .filter(([, { intervalMs }]) => intervalMs > sweepIntervalMs),
  );
}

function stepAtMost(ms: number, bounds: SweepBounds): number {
  return stepsWithin(bounds).findLast((step) => step <= ms) ?? bounds.minMs;
}

function stepBelow(ms: number, bounds: SweepBounds): number {
  return stepAtMost(ms - 1, bounds);
}

function stepsWithin({ minMs, maxMs }: SweepBounds): number[] {
  return [minMs, ...STEPS_MS.filter((step) => step > minMs && step < maxMs), maxMs];
}
