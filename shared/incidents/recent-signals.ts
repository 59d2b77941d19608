import { normalId } from '../azure/arm-id.ts';
import type { Recheck } from '../signals/recheck.ts';
import type { Signal } from '../signals/signal.ts';
import type { PolicyState } from './incident.ts';
import { msSince } from './stored-time.ts';

/** Longer than the last recheck that the settings allow. */
const KEPT_MS = 15 * 60_000;
/** A state row has to stay small; a flood of signals must not push out what a row needs. */
const MAX_SIGNALS = 5;

/** The signals that later rechecks may refer to, after this reading. Pure. */
export function recentSignals(
  before: PolicyState['recentSignals'],
  { signals, now }: { signals: readonly Signal[]; now: string },
): Pick<PolicyState, 'recentSignals'> {
  const kept = (before ?? []).filter(({ receivedAt }) => msSince(receivedAt, now) < KEPT_MS);
  const known = new Set(kept.map(({ signal }) => signal.id));
  const fresh = signals.filter(({ id }) => !known.has(id));
  const all = [...kept, ...fresh.map((signal) => ({ receivedAt: now, signal }))].slice(-MAX_SIGNALS);
  return all.length > 0 ? { recentSignals: all } : {};
}

/** Stands for a recheck until `recallSignals` puts the signal in its place. It says only where to look. */
export function recheckSignal(policyId: string, { signalId, dueAt }: Recheck): Signal {
  return {
    id: signalId,
    source: 'recheck',
    type: 'recheck',
    outcome: 'success',
    scope: normalId(policyId),
    at: dueAt,
  };
}

/**
 * The signals with what the policy's own state knows of those that a recheck refers to. A recheck of a signal
 * that this policy never received says nothing; it only made Lockwatch look. Pure.
 */
export function recallSignals(signals: readonly Signal[], policyState: PolicyState | undefined): Signal[] {
  return signals.flatMap((signal) => {
    if (signal.source !== 'recheck') return [signal];
    const recent = policyState?.recentSignals?.find((one) => one.signal.id === signal.id);
    return recent ? [recent.signal] : [];
  });
}
