import type { Signal } from '../signals/signal.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import { isText, isTime, objectOf } from './checks.ts';

const signalFault = objectOf<Signal>({
  id: isText,
  source: isText,
  type: isText,
  outcome: isText,
  scope: isText,
  at: isTime,
});

/** They only say who acted; a row must stay small. */
const MAX_ASKING = 5;

export function withAsking(before: Heartbeat, signals: readonly Signal[]): Heartbeat {
  return { ...before, askedBy: JSON.stringify(signals.slice(-MAX_ASKING)) };
}

/** The signals for which a sweep was asked. Unreadable ones count as none: the sweep reads everything anyway. */
export function askingSignals({ askedBy }: Heartbeat): Signal[] {
  if (askedBy === undefined) return [];
  try {
    const signals: unknown = JSON.parse(askedBy);
    return Array.isArray(signals) ? signals.filter((one) => signalFault(one) === undefined) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
