import assert from 'node:assert/strict';
import { decide } from '../../shared/incidents/decide.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { aReading, disabled, type ReadingOptions } from './a-reading.ts';

/** Decides these readings one after the other and gives every transition. */
export function play(...readings: ReadingOptions[]): Transition[] {
  let policyState: PolicyState | undefined;
  return readings.map((options) => {
    const transition = decide(policyState, aReading(options));
    policyState = transition.policyState;
    return transition;
  });
}
export function last(...readings: ReadingOptions[]): Transition {
  const transition = play(...readings).at(-1);
  assert.ok(transition);
  return transition;
}

export const REVOKED = { 'key-disabled': 'revoked' } as const;
export const SUSPECTED = { 'network-restricted': 'suspected' } as const;
export const HEALTHY: ReadingOptions = { seconds: 0 };
export const LOCKED: ReadingOptions[] = [HEALTHY, { seconds: 60, verdicts: REVOKED }];
export const RESTORED: ReadingOptions[] = [
  ...LOCKED,
  { seconds: 120, environments: { members: [disabled(1), disabled(2)] } },
];
