import { isOperation } from '../signals/is-operation.ts';
import type { Signal } from '../signals/signal.ts';
import { TRIGGERS } from '../triggers/register.ts';
import type { PolicyState } from './incident.ts';
import { untilOrIgnored } from './stored-time.ts';

const LONGEST_MS = Math.max(...TRIGGERS.map(({ operations }) => operations.propagationMs));

/**
 * Until when a reading that shows access *present* is provisional, after the changes that these signals
 * report: ARM may show a change before it takes effect. Undefined: nothing was changed that propagates late.
 * A reading that shows access missing counts at once. Times ISO 8601.
 */
export function propagationEndsAt(
  policyState: PolicyState | undefined,
  signals: readonly Signal[],
  now: string,
): string | undefined {
  const ends = signals.filter(({ outcome }) => outcome === 'success').map((signal) => endOf(signal, now));
  const before = untilOrIgnored(policyState?.propagationEndsAt, now, LONGEST_MS);
  const latest = [before, ...ends]
    .filter((end) => end !== undefined)
    .sort()
    .at(-1);
  return untilOrIgnored(latest, now, LONGEST_MS);
}

function endOf(signal: Signal, now: string): string | undefined {
  // A signal from the future must not keep an incident open for ever.
  const at = Math.min(Date.parse(signal.at), Date.parse(now));
  const ends = TRIGGERS.map(({ operations }) => operations).flatMap(({ change, propagationMs }) =>
    propagationMs > 0 && isOperation(signal, change) ? [at + propagationMs] : [],
  );
  return ends.length === 0 || Number.isNaN(at) ? undefined : new Date(Math.max(...ends)).toISOString();
}
