import type { Facts, PolicyFact } from '../facts/facts.ts';
import { type EffectHistory, isAfter, type Spell, withoutTimesAhead } from './effect-history.ts';
import type { History } from './history.ts';
import { linksAny, rememberList } from './remember-lists.ts';
import { otherWitnesses } from './witnesses.ts';

/**
 * The effect after this reading: environments that turned disabled, and the health of the policy. Pure.
 * `before`: the history before this reading. Applying a reading twice has the same result as applying it once.
 */
export function rememberEffect(before: History, facts: Facts): EffectHistory {
  const { environments, policy, readAt } = facts;
  let next: EffectHistory = withoutTimesAhead({ ...before.effect }, latestOf(facts));
  if (environments.state === 'known') {
    const { value } = environments;
    const { environments: list } = before;
    if (value.source === 'powerPlatform')
      next = rememberList(next, list?.source === 'powerPlatform' ? list.members : undefined, value);
    const linkedAt = value.source === 'inventory' ? readAt : value.asOf;
    if (linksAny(value) && !isAfter(next.linkedAt, linkedAt)) next.linkedAt = linkedAt;
  }
  if (policy.state === 'known' && !Number.isNaN(Date.parse(policy.readAt)))
    next = withHealth(next, policy.value, policy.readAt, before.policy);
  return withOthers(next, { ...before, effect: next }, readAt);
}

/** The latest time that this reading may store, so that reading twice has the same result as reading once. */
function latestOf({ readAt, policy, environments }: Facts): string {
  const times = [readAt];
  if (policy.state === 'known') times.push(policy.readAt);
  if (environments.state === 'known' && environments.value.source === 'powerPlatform')
    times.push(environments.value.asOf);
  return times.reduce((latest, at) =>
    Number.isNaN(Date.parse(latest)) || isAfter(at, latest) ? at : latest,
  );
}

function withHealth(
  effect: EffectHistory,
  { healthStatus, encryptionState }: PolicyFact,
  readAt: string,
  before: PolicyFact | undefined,
): EffectHistory {
  const { unhealthy, encryptionOff, healthyAt, ...rest } = effect;
  const next: EffectHistory = { ...rest };
  // Read before the effect was stored, or by an earlier version.
  const wasHealthyAt = healthyAt ?? (before?.healthStatus === 'Healthy' ? seenAt(before) : undefined);
  if (healthStatus === 'Healthy' && !isAfter(wasHealthyAt, readAt)) next.healthyAt = readAt;
  else if (wasHealthyAt !== undefined) next.healthyAt = wasHealthyAt;
  if (healthStatus === 'Unhealthy') {
    const isFirst = before === undefined || before.healthStatus === 'Unhealthy';
    next.unhealthy = unhealthy
      ? { ...unhealthy, ...extended(unhealthy, readAt) }
      : { since: readAt, at: readAt, ...(isFirst && next.healthyAt === undefined ? { atFirst: true } : {}) };
  } else if (unhealthy && !isRecovered(healthStatus, effect)) {
    next.unhealthy = unhealthy;
  }
  if (/^(?:disabled|notconfigured)$/i.test(encryptionState ?? ''))
    next.encryptionOff = extended(encryptionOff, readAt);
  else if (encryptionState === undefined && encryptionOff) next.encryptionOff = encryptionOff;
  return next;
}

function seenAt(policy: PolicyFact): string | undefined {
  return (policy as NonNullable<History['policy']>).seenAt;
}

/** A status that is missing or Undetermined says nothing; environments that run since then do. */
function isRecovered(healthStatus: PolicyFact['healthStatus'], effect: EffectHistory): boolean {
  if (healthStatus === 'Healthy' || healthStatus === 'Warning') return true;
  return isAfter(effect.runsAt, effect.unhealthy?.at);
}

function extended(spell: Spell | undefined, at: string): Spell {
  if (!spell) return { since: at, at };
  return { since: spell.since, at: isAfter(at, spell.at) ? at : spell.at };
}

/** When a witness other than the environments was last there, and since when none is. */
function withOthers(effect: EffectHistory, history: History, readAt: string): EffectHistory {
  if (Number.isNaN(Date.parse(readAt))) return effect;
  const { others } = effect;
  if (otherWitnesses(history, readAt).length > 0)
    return { ...effect, others: { at: isAfter(others?.at, readAt) ? (others?.at ?? readAt) : readAt } };
  if (!others || others.goneAt !== undefined) return effect;
  return { ...effect, others: { ...others, goneAt: readAt } };
}
