import { environmentKey } from '../facts/environment-state.ts';
import type { EnvironmentFact, EnvironmentsFact } from '../facts/facts.ts';
import { AHEAD_MS, type EffectHistory, isAfter, TOGETHER_MS } from './effect-history.ts';
import { isDown, isLinked, isUp, upOrDown } from './lock-signs.ts';

const MINUTE_MS = 60_000;
/** Members that a list no longer names are unknown; a list that names none ends the spell after this time. */
const VANISHED_MS = 24 * 60 * MINUTE_MS;

/**
 * The effect after one more complete list: which environments turned disabled since the list before, and
 * whether any still runs. Environments that were disabled before, and those without a known state, count on
 * neither side. A list that is not newer than the last one changes nothing.
 */
export function rememberList(
  effect: EffectHistory,
  previous: readonly EnvironmentFact[] | undefined,
  { asOf, environments, outside }: EnvironmentsFact,
): EffectHistory {
  if (
    Number.isNaN(Date.parse(asOf)) ||
    (effect.listAt !== undefined && !isAfter(asOf, effect.listAt) && !isAfter(effect.listAt, asOf, AHEAD_MS))
  )
    return effect;
  const { up, down } = countUpAndDown(environments);
  const { fell, rose } = down > 0 ? changes(previous ?? [], environments) : NO_CHANGE;
  const falls = down > 0 ? fallsAfter(effect.falls ?? [], fell, rose, asOf) : [];
  const next: EffectHistory = { ...effect, listAt: asOf };
  put(next, 'falls', falls.length > 0 ? falls : undefined);
  put(
    next,
    'down',
    downAfter(
      effect,
      {
        up,
        down,
        fell,
        falls,
        // A state that was stored before effects were has members and no effect.
        isFirst: previous === undefined || (effect.listAt === undefined && fell === 0),
      },
      asOf,
    ),
  );
  if (up > 0) next.runsAt = asOf;
  if (outside) withOutside(next, outside.disabled, asOf);
  // An environment that turned disabled is news, though the policy was Unhealthy from the first reading on.
  if (fell > 0 && next.unhealthy?.atFirst)
    next.unhealthy = { since: next.unhealthy.since, at: next.unhealthy.at };
  return next;
}

function countUpAndDown(environments: readonly EnvironmentFact[]): { up: number; down: number } {
  const count = { up: 0, down: 0 };
  for (const one of environments) {
    const shown = upOrDown(one);
    if (shown !== undefined) count[shown] += 1;
  }
  return count;
}

/** A list of any source links an environment to the policy. */
export function linksAny({ environments }: EnvironmentsFact): boolean {
  return environments.some(isLinked);
}

interface Seen {
  up: number;
  down: number;
  fell: number;
  falls: NonNullable<EffectHistory['falls']>;
  /** No list was known before. */
  isFirst: boolean;
}

function downAfter(effect: EffectHistory, seen: Seen, asOf: string): EffectHistory['down'] {
  const before = effect.down;
  if (seen.up > 0) return undefined;
  if (seen.down === 0) return isAfter(asOf, before?.at, VANISHED_MS) ? undefined : before;
  if (before) return { ...before, at: asOf, count: before.count + seen.fell };
  if (seen.isFirst) return { since: asOf, at: asOf, count: seen.down, atFirst: true };
  const count = seen.falls.reduce((sum, fall) => sum + fall.count, 0);
  return count > 0 ? { since: asOf, at: asOf, count } : undefined;
}

const NO_CHANGE = { fell: 0, rose: 0 };

function changes(
  previous: readonly EnvironmentFact[],
  environments: readonly EnvironmentFact[],
): { fell: number; rose: number } {
  const before = new Map(previous.map((one) => [environmentKey(one.id), one]));
  let [fell, rose] = [0, 0];
  for (const one of environments) {
    const earlier = before.get(environmentKey(one.id));
    if (!earlier) continue;
    if (isDown(one) && (isUp(earlier) || earlier.ran)) fell += 1;
    if (isUp(one) && isDown(earlier)) rose += 1;
  }
  return { fell, rose };
}

/** One that runs again no longer counts as fallen; which one it was is not stored, so the oldest is taken. */
function fallsAfter(
  before: NonNullable<EffectHistory['falls']>,
  fell: number,
  rose: number,
  asOf: string,
): NonNullable<EffectHistory['falls']> {
  let again = rose;
  const kept = before.flatMap((fall) => {
    const gone = Math.min(again, fall.count);
    again -= gone;
    const count = fall.count - gone;
    return count > 0 && !isAfter(asOf, fall.at, TOGETHER_MS) ? [{ ...fall, count }] : [];
  });
  if (fell === 0) return kept;
  const last = kept.at(-1);
  if (!last || isAfter(asOf, last.at, MINUTE_MS)) return [...kept, { at: asOf, count: fell }];
  return [...kept.slice(0, -1), { at: last.at, count: last.count + fell }];
}

/** How many environments outside the policy turned disabled in the 30 minutes around the policy's own. */
function withOutside(next: EffectHistory, disabled: number, asOf: string): void {
  const samples = (next.outside ?? []).filter(
    ({ at }, n, all) => n === all.length - 1 || !isAfter(asOf, at, TOGETHER_MS),
  );
  const { down } = next;
  if (down && !down.atFirst && !isAfter(asOf, down.since, TOGETHER_MS)) {
    const least = Math.min(disabled, ...samples.map((sample) => sample.disabled));
    const fell = Math.max(down.outside ?? 0, disabled - least);
    if (fell > 0) next.down = { ...down, outside: fell };
  }
  const last = samples.at(-1);
  const isSameMinute = last !== undefined && !isAfter(asOf, last.at, MINUTE_MS);
  next.outside = isSameMinute ? samples : [...samples, { at: asOf, disabled }];
}

function put<K extends keyof EffectHistory>(effect: EffectHistory, key: K, value: EffectHistory[K]): void {
  if (value === undefined) delete effect[key];
  else effect[key] = value;
}
