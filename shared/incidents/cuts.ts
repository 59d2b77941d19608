import type { Signal } from '../signals/signal.ts';
import type { Sight, SightStep } from './sight.ts';

/** Enough to know a redelivery by: Event Grid gives up after a day. */
const CUTS_KEPT = 100;

/**
 * Somebody deleted what Lockwatch sees by (a diagnostic setting, an event subscription, an event hub): told at once and
 * once. It does not stand in the list of what can't be seen, since nothing tells when it is there again. Pure.
 */
export function nextCuts(before: Sight, signals: readonly Signal[], now: string): SightStep {
  const known = new Set(before.cuts ?? []);
  const fresh = [...new Map(signals.map((signal) => [signal.id, signal])).values()].filter(
    ({ id }) => !known.has(id),
  );
  if (fresh.length === 0) return { sight: before, notices: [], changed: false };
  const sight: Sight = {
    ...before,
    sequence: before.sequence + 1,
    cuts: [...(before.cuts ?? []), ...fresh.map(({ id }) => id)].slice(-CUTS_KEPT),
  };
  const spots = fresh.map((signal) => ({
    text: `${signal.actor?.name ?? signal.actor?.objectId ?? 'Somebody'} did ${signal.operation} on ${signal.scope}. If Lockwatch gets its events or audit records that way, they stop coming.`,
    mend: 'Put it back, or deploy Lockwatch again. The sweep goes on meanwhile.',
    since: signal.at,
  }));
  const stillBlind = Object.values(before.spots).filter(({ toldAt }) => toldAt !== undefined).length;
  const notice = { id: `sight-${sight.sequence}`, reason: 'blind' as const, at: now, spots, stillBlind };
  return { sight, notices: [notice], changed: true };
}
