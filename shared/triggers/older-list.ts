import { unknown } from '../azure/outcome.ts';
import type { Facts } from '../facts/facts.ts';
import { AHEAD_MS, isAfter } from './effect-history.ts';
import type { History } from './history.ts';

/**
 * The reading without its list of environments, where a newer one is known: a sweep may use the list of the
 * sweep before, and a signal may have read another one since. Pure. A time that a clock wrote that ran ahead is
 * not waited for.
 */
export function withoutOlderList(facts: Facts, { environments: known }: History): Facts {
  const { environments } = facts;
  if (environments.state !== 'known' || environments.value.source !== 'powerPlatform') return facts;
  const { asOf } = environments.value;
  if (known?.source !== 'powerPlatform' || !isAfter(known.asOf, asOf) || isAfter(known.asOf, asOf, AHEAD_MS))
    return facts;
  const detail = `The list of environments is of ${asOf}; that of ${known.asOf} is known.`;
  return { ...facts, environments: unknown('timeout', detail, environments.readAt) };
}
