import type { Facts, NetworkFact } from '../facts/facts.ts';
import type { Evidence, JudgeOptions } from './finding.ts';
import type { History } from './history.ts';
import { confirmingSigns, latestChange } from './network-change.ts';
import { closedToTrusted, reachOf } from './network-settings.ts';
import { harmlessToggles, REGULAR } from './remember-toggles.ts';

/**
 * A vault that only trusted services reach. As a standing state it is supported. Where a change made it, it is
 * suspected until `remember-network.ts` saw the change to be harmless; signs of a lock confirm it. Where the vault
 * is closed regularly without an effect it is an advisory only (`vault-toggled-regularly`), since pipelines open
 * and close vaults, until anything shows the effect of a lock.
 */
export function trustedOnly(
  facts: Facts,
  network: NetworkFact,
  history: History,
  options: JudgeOptions,
): {
  verdict: 'revoked' | 'suspected' | 'clear';
  signs: Evidence[];
  /** Empty, or a sentence to follow another. */
  because: string;
} {
  if (options.networkReading === 'literal') return { verdict: 'revoked', signs: [], because: '' };
  const change = latestChange(network, history);
  const isMade = change !== undefined && closedToTrusted(change.previous, network);
  const signs = confirmingSigns(facts, network, history);
  if (!isMade) {
    // Environments that an earlier, stricter setting locked stay disabled until someone re-enables each.
    const health = reachOf(network).publicAccess === 'off' ? signs.filter(({ source }) => source) : [];
    return { verdict: health.length > 0 ? 'revoked' : 'clear', signs: health, because: '' };
  }
  if (signs.length > 0) return { verdict: 'revoked', signs, because: '' };
  if (history.network?.settledAt !== undefined) return { verdict: 'clear', signs, because: '' };
  const times = harmlessToggles(history, options.now).length;
  if (times < REGULAR) return { verdict: 'suspected', signs, because: '' };
  const because = ` It was closed like this ${times} times within 7 days, without an effect on the environments.`;
  return { verdict: 'clear', signs, because };
}
