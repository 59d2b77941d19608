import { normalId } from '../azure/arm-id.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { IncidentStore } from '../storage/incident-store.ts';
import { policyInterval, type SweepIntervals } from '../visibility/slowed-subscriptions.ts';
import type { Ports } from './ports.ts';

/**
 * When a sweep of this process last read each policy of a slowed subscription: not the time of its last reading,
 * since a signal's reads less. Lives as long as the store; what another process read is read again.
 */
const lastBySweep = new WeakMap<IncidentStore, Map<string, number>>();

/** A slowed policy that was not reached waits unreported for the next sweep until its reading is so many intervals old. */
const LATE_AFTER = 2;

export interface SlowedReads {
  /** Whether this sweep reads the policy: always, unless its subscription is slowed. */
  isDue(policyState: PolicyState): boolean;
  /** A policy that was not reached, and that its own interval lets wait for another sweep. */
  mayWait(policyState: PolicyState): boolean;
  onRead(policyState: PolicyState): void;
}

/** The policies of slowed subscriptions are read at intervals of their own. The others do not wait for them. */
export function slowedReads(
  policyStates: readonly PolicyState[],
  intervals: SweepIntervals,
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
): SlowedReads {
  const begunMs = clock.nowMs();
  const isSlowed = (policyState: PolicyState) =>
    policyInterval(policyState, intervals) > intervals.sweepIntervalMs;
  const earlier = lastBySweep.get(store);
  const last = new Map<string, number>();
  for (const policyState of policyStates.filter(isSlowed)) {
    const id = normalId(policyState.policyId);
    const at = earlier?.get(id);
    if (at !== undefined) last.set(id, at);
  }
  lastBySweep.set(store, last);
  return {
    isDue(policyState) {
      const at = last.get(normalId(policyState.policyId));
      if (at === undefined || !isSlowed(policyState)) return true;
      const ageMs = begunMs - at;
      // A sweep may begin a moment before its time. A clock that was set back is no reason to wait for it.
      return ageMs < 0 || ageMs >= policyInterval(policyState, intervals) - intervals.sweepIntervalMs / 2;
    },
    mayWait: (policyState) =>
      isSlowed(policyState) &&
      msSince(policyState.readAt, clock.now()) < LATE_AFTER * policyInterval(policyState, intervals),
    onRead(policyState) {
      if (isSlowed(policyState)) last.set(normalId(policyState.policyId), begunMs);
    },
  };
}
