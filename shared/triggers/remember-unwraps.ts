import type { Signal } from '../signals/signal.ts';
import { isRefusedUnwrap, isSucceededUnwrap } from '../signals/watch-list.ts';
import { type EffectHistory, isAfter } from './effect-history.ts';
import type { History } from './history.ts';
import { MAX_PROPAGATION_MS } from './propagation.ts';
import { isOwnUse } from './refused-unwrap.ts';

/** A record that is further ahead comes from a clock that ran ahead, and would count for as long. */
const MAX_AHEAD_MS = 60_000;
/** Refusals further apart than this have nothing to do with each other. */
const APART_MS = 60 * 60_000;

/**
 * The history with what the audit log says of the policy's own identity: unwraps that were refused, and the
 * last one that succeeded, by the records' own times. Refusals by the end of a known loss, or so soon after
 * that the change that ended it need not have taken effect, belong to that loss. Applying the same records
 * twice has the same result as applying them once. Pure.
 */
export function rememberUnwraps(history: History, signals: readonly Signal[], now: string): History {
  const own = signals
    .filter((one) => !isAfter(one.at, now, MAX_AHEAD_MS))
    .filter((one) => (isRefusedUnwrap(one) || isSucceededUnwrap(one)) && isOwnUse(one, history))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (own.length === 0) return history;
  const effect: EffectHistory = { ...history.effect };
  for (const signal of own) {
    if (isSucceededUnwrap(signal)) {
      if (!isAfter(effect.unwrappedAt, signal.at)) effect.unwrappedAt = signal.at;
    } else if (
      effect.lossEndedAt === undefined ||
      isAfter(signal.at, effect.lossEndedAt, MAX_PROPAGATION_MS)
    ) {
      effect.unwraps = refusedOnceMore(effect, signal.at);
    }
  }
  return { ...history, effect };
}

/** Only a refusal before the first or after the last one is certain to be another one. */
function refusedOnceMore({ unwraps, unwrappedAt }: EffectHistory, at: string): EffectHistory['unwraps'] {
  if (unwrappedAt !== undefined && !isAfter(at, unwrappedAt)) return unwraps;
  if (!unwraps || isAfter(at, unwraps.lastAt, APART_MS) || isAfter(unwrappedAt, unwraps.lastAt))
    return { firstAt: at, lastAt: at, count: 1 };
  const { firstAt, lastAt, count } = unwraps;
  if (isAfter(at, lastAt)) return { firstAt, lastAt: at, count: count + 1 };
  if (isAfter(firstAt, at) && !isAfter(firstAt, at, APART_MS))
    return { firstAt: at, lastAt, count: count + 1 };
  return unwraps;
}
