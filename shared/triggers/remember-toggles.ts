import type { NetworkFact } from '../facts/facts.ts';
import { type EffectHistory, isAfter } from './effect-history.ts';
import type { History } from './history.ts';
import { closedToTrusted, isOpening } from './network-settings.ts';
import type { NetworkToggle } from './network-toggle.ts';
import { MAX_PROPAGATION_MS } from './propagation.ts';
import { witnessesOf } from './witnesses.ts';

const DAY_MS = 86_400_000;
const KEPT_FOR_MS = 7 * DAY_MS;
const MAX_TOGGLES = 10;
/** So many in 7 days are a routine, such as a pipeline that opens the vault for itself. */
export const REGULAR = 3;

/** The toggles after a change from one network setting to another, first read at `at`. Pure. */
export function nextToggles(
  before: readonly NetworkToggle[] | undefined,
  from: NetworkFact,
  to: NetworkFact,
  at: string,
): NetworkToggle[] {
  const kept = (before ?? []).filter(({ closedAt }) => !isAfter(at, closedAt, KEPT_FOR_MS));
  if (Number.isNaN(Date.parse(at))) return kept;
  const last = kept.at(-1);
  const isClosed = last !== undefined && last.openedAt === undefined;
  if (isOpening(from, to) && isClosed) return [...kept.slice(0, -1), { ...last, openedAt: at }];
  if (closedToTrusted(from, to) && !isClosed) return [...kept, { closedAt: at }].slice(-MAX_TOGGLES);
  return kept;
}

/** Marks those during which a sign of a lock began, or so soon after that the opening need not have acted. */
export function withEffect(toggles: readonly NetworkToggle[], effect: EffectHistory): NetworkToggle[] {
  const { down, unhealthy, encryptionOff, unwraps } = effect;
  const signs = [down, unhealthy, encryptionOff].flatMap((spell) => (spell ? [spell.since] : []));
  if (unwraps) signs.push(unwraps.lastAt);
  return toggles.map((toggle) => {
    const { closedAt, openedAt, hadEffect } = toggle;
    const isDuring = (sign: string) =>
      Date.parse(sign) >= Date.parse(closedAt) && !isAfter(sign, openedAt, MAX_PROPAGATION_MS);
    return hadEffect || !signs.some(isDuring) ? toggle : { ...toggle, hadEffect: true };
  });
}

/**
 * The closings of the last 7 days that took nothing down, oldest first; the last one may still be closed.
 * None while a witness of a lock is there.
 */
export function harmlessToggles(history: History, now: string): NetworkToggle[] {
  if (witnessesOf(history, now).length > 0) return [];
  return (history.network?.toggles ?? []).filter(
    ({ closedAt, hadEffect }) => !hadEffect && !isAfter(now, closedAt, KEPT_FOR_MS),
  );
}
