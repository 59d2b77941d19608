import { armIdParts, normalId } from '../azure/arm-id.ts';
import type { Signal } from '../signals/signal.ts';
import type { History } from '../triggers/history.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import type { PolicyState } from './incident.ts';
import { pastOrIgnored } from './stored-time.ts';

export type LastSignals = NonNullable<PolicyState['lastSignals']>;

/** The sources of a policy's signals, as `lastSignals` is keyed: lower-case ARM ids. */
export interface SignalSources {
  /** The subscription of the policy, and that of its vault. */
  ofPolicy?: string;
  ofVault?: string;
  vault?: string;
}

/** The Event Grid sources of a policy, and the vault whose audit log covers it, as far as they are known. */
export function signalSources(policyId: string, history: History): SignalSources {
  const vaultId = policyVaultId(history);
  const sources: SignalSources = {};
  const [ofPolicy, ofVault] = [subscriptionOf(policyId), vaultId && subscriptionOf(vaultId)];
  if (ofPolicy) sources.ofPolicy = ofPolicy;
  if (ofVault) sources.ofVault = ofVault;
  if (vaultId !== undefined) sources.vault = normalId(vaultId);
  return sources;
}

/**
 * When the last signal came from each of the policy's sources, which shows that the event source is
 * connected. Signals from elsewhere (for example for a role definition in another subscription) say nothing
 * about these sources. Undefined: no signal ever came.
 */
export function lastSignals(
  before: LastSignals | undefined,
  { ofPolicy, ofVault, vault }: SignalSources,
  { signals, now }: { signals: readonly Signal[]; now: string },
): LastSignals | undefined {
  const [event, audit] = [new Set<string>(), new Set<string>()];
  for (const { source, scope } of signals) {
    const subscription = source === 'resourceManager' ? subscriptionOf(scope) : undefined;
    if (subscription !== undefined) event.add(subscription);
    if (vault !== undefined && source === 'keyVault') event.add(vault);
    if (vault !== undefined && source === 'audit') audit.add(vault);
  }
  const next: LastSignals = {};
  const events = times(before?.event, [ofPolicy, ofVault, vault], event, now);
  const audits = times(before?.audit, [vault], audit, now);
  if (events) next.event = events;
  if (audits) next.audit = audits;
  return events || audits ? next : undefined;
}

function subscriptionOf(id: string): string | undefined {
  const { subscriptionId } = armIdParts(normalId(id));
  return subscriptionId === undefined ? undefined : `/subscriptions/${subscriptionId}`;
}

/** Only the policy's own sources: a source that it no longer has is removed. */
function times(
  before: Record<string, string> | undefined,
  own: readonly (string | undefined)[],
  came: ReadonlySet<string>,
  now: string,
): Record<string, string> | undefined {
  const all = [...new Set(own)].flatMap((source) => {
    if (source === undefined) return [];
    const last = pastOrIgnored(before?.[source], now);
    const at = came.has(source) ? later(last, now) : last;
    return at === undefined ? [] : [[source, at] as const];
  });
  return all.length > 0 ? Object.fromEntries(all) : undefined;
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && Date.parse(a) > Date.parse(b) ? a : b;
}
