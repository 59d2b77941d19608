import { armIdParts, normalId } from '../../shared/azure/arm-id.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { raisedBy } from '../../shared/triggers/detection-sources.ts';
import type { Trigger } from '../../shared/triggers/finding.ts';
import { TRIGGERS } from '../../shared/triggers/register.ts';
import type { WiringState } from './event-sources.ts';
import { vaultIdOf } from './readable.ts';
import type { SourceCount, TriggerCoverage } from './report.ts';

export interface WiredSources {
  event: ReadonlyMap<string, WiringState>;
  audit: ReadonlyMap<string, WiringState>;
}

/**
 * For each trigger: the number of policies for which each source would detect it, as things are now. Pure.
 */
export function coverageOf(chains: readonly Facts[], detectionSources: WiredSources): TriggerCoverage[] {
  const policies = chains.filter(({ policy }) => policy.state !== 'known' || !policy.value.managedHsm);
  return TRIGGERS.map((trigger) => ({
    trigger: trigger.id,
    sweep: count(true, policies, (chain) => readable(trigger, chain)),
    event: count(trigger.detectionSources.event.shows.length > 0, policies, (chain) =>
      wiredAt(detectionSources.event, eventSource(trigger, chain)),
    ),
    audit: count(trigger.detectionSources.audit.shows.length > 0, policies, (chain) =>
      wiredAt(detectionSources.audit, vaultIdOf(chain)[0]),
    ),
  }));
}

function count(shows: boolean, chains: readonly Facts[], wired: (chain: Facts) => WiringState): SourceCount {
  const all = shows ? chains.map(wired) : [];
  return {
    shows,
    policies: all.filter((state) => state === 'wired').length,
    couldNotTell: all.filter((state) => state === 'unknown').length,
  };
}

/** A refusal is a missing right; a part that follows from another has the same unknown reason. */
function readable({ detectionSources }: Trigger, chain: Facts): WiringState {
  const unread = detectionSources.needs.map((part) => chain[part]).filter(({ state }) => state === 'unknown');
  if (unread.length === 0) return 'wired';
  return unread.some((part) => part.state === 'unknown' && part.reason === 'forbidden')
    ? 'missing'
    : 'unknown';
}

/**
 * As in `GET /api/coverage`: the vault's topic only where no operation of a subscription reports the trigger.
 */
function eventSource({ about, detectionSources }: Trigger, chain: Facts): string | undefined {
  const [vaultId] = vaultIdOf(chain);
  if (!detectionSources.event.shows.some((shown) => raisedBy(shown) === 'subscription')) return vaultId;
  const { subscriptionId } = armIdParts(about === 'policy' ? chain.policyId : (vaultId ?? ''));
  return subscriptionId === undefined ? undefined : `/subscriptions/${subscriptionId}`;
}

function wiredAt(wired: ReadonlyMap<string, WiringState>, source: string | undefined): WiringState {
  return source === undefined ? 'unknown' : (wired.get(normalId(source)) ?? 'unknown');
}
