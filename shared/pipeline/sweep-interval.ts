import { armIdParts } from '../azure/arm-id.ts';
import type { QuotaSeen } from '../azure/arm-rate-limit.ts';
import { ARM_BUCKET } from '../azure/subscription-limit.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import type { SweepBounds } from '../visibility/interval-in-force.ts';

const STEPS_MS = [5, 10, 15, 30, 60, 120, 240, 480].map((seconds) => seconds * 1000);
/** A sweep's part of what Azure refills between two sweeps; the rest is for signals, and for other readers. */
const REFILL_SHARE = 0.5;
/** What every sweep reads of a policy: its role assignments and the versions of its key. */
const READS_A_POLICY = 2;
/** Of a subscription: itself, the role, and the lists of policies, vaults and deny assignments. */
const READS_A_SUBSCRIPTION = 5;
/**
 * The interval becomes shorter after so many intervals of the tenant's size in which Azure slowed no sweep: by time,
 * since three sweeps of a long interval would take half an hour.
 */
const CALM_INTERVALS = 3;
const MIN_CALM_MS = 30_000;
/**
 * Refused reads make the interval at most so many times as long as the size needs: another reader that uses up a
 * subscription's limit does not stop for us, and every subscription is swept at this interval.
 */
const MAX_STRETCH = 4;
/**
 * Azure Resource Manager docs, "Understand how Azure Resource Manager throttles requests": the answer's header
 * says how many reads are left. Below this, signals might have to wait.
 */
const FEW_READS_LEFT = 100;

/** What a sweep has to read, and what Azure said to it. */
export interface SweepLoad extends QuotaSeen {
  /** The reads that it needs in the subscription that needs most. */
  reads: number;
}

/** The interval in force, and how many sweeps in a row Azure has not slowed. */
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
 * The interval after a sweep. Pure. It grows at once. Few reads left double what the size needs, but only once:
 * a longer interval makes no sweep smaller. A refused read doubles the interval in force, up to four times of what
 * the size needs. It becomes shorter one step at a time, after a calm time without either: then no reading is late
 * only because the interval has changed, and a reader that comes and goes does not move it back and forth.
 */
export function paceAfter(
  { intervalMs, calmSweeps }: SweepPace,
  { reads, readsLeft, isThrottled }: SweepLoad,
  bounds: SweepBounds,
): SweepPace {
  const sizedMs = intervalFor(reads, bounds);
  const steps = stepsWithin(bounds);
  const doubled = (ms: number) => steps.find((step) => step >= 2 * ms) ?? bounds.maxMs;
  const atMost = (ms: number) => steps.findLast((step) => step <= ms) ?? bounds.minMs;
  if (isThrottled) {
    const slowerMs = Math.min(doubled(Math.max(intervalMs, sizedMs)), atMost(MAX_STRETCH * sizedMs));
    return { intervalMs: Math.max(intervalMs, slowerMs), calmSweeps: 0 };
  }
  if (readsLeft !== undefined && readsLeft < FEW_READS_LEFT)
    return { intervalMs: Math.max(intervalMs, doubled(sizedMs)), calmSweeps: 0 };
  if (intervalMs <= sizedMs) return { intervalMs: sizedMs, calmSweeps: 0 };
  const calmMs = (calmSweeps + 1) * intervalMs;
  if (calmMs < Math.max(CALM_INTERVALS * sizedMs, MIN_CALM_MS))
    return { intervalMs, calmSweeps: calmSweeps + 1 };
  return { intervalMs: Math.max(atMost(intervalMs - 1), sizedMs), calmSweeps: 0 };
}

function stepsWithin({ minMs, maxMs }: SweepBounds): number[] {
  return [minMs, ...STEPS_MS.filter((step) => step > minMs && step < maxMs), maxMs];
}
