import type { Signal } from '../signals/signal.ts';
import { canBringAbout } from './attribute-actor.ts';
import type { PolicyState } from './incident.ts';
import { untilOrIgnored } from './stored-time.ts';

/**
 * Azure RBAC docs, "Troubleshoot": a role change may take up to 10 minutes. Key Vault docs: a network rule
 * may take up to 15.
 */
const PERMISSION_MS = 10 * 60_000;
const NETWORK_MS = 15 * 60_000;

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
  const before = untilOrIgnored(policyState?.propagationEndsAt, now, NETWORK_MS);
  const latest = [before, ...ends]
    .filter((end) => end !== undefined)
    .sort()
    .at(-1);
  return untilOrIgnored(latest, now, NETWORK_MS);
}

function endOf(signal: Signal, now: string): string | undefined {
  // A signal from the future must not keep an incident open for ever.
  const at = Math.min(Date.parse(signal.at), Date.parse(now));
  const ends = [
    canBringAbout(signal, 'permissions-revoked') ? at + PERMISSION_MS : Number.NaN,
    canBringAbout(signal, 'network-restricted') ? at + NETWORK_MS : Number.NaN,
  ].filter((end) => !Number.isNaN(end));
  return ends.length === 0 ? undefined : new Date(Math.max(...ends)).toISOString();
}
