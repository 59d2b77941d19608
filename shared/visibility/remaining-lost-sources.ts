import { armIdParts, isUnder } from '../azure/arm-id.ts';
import type { Part } from '../azure/part.ts';
import type { EventSourceFact } from '../facts/source-facts.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import { counterpartOf, type OwnSources, sourceOf } from './event-source-scope.ts';
import { isOtherSource } from './lost-source-gaps.ts';
import type { LostEventSource } from './visibility-state.ts';

/** Azure is queried for each source at most this often. */
const CHECK_INTERVAL_MS = 60_000;

/** How long the check of another source waits for an answer about ours. */
const COUNTERPART_WAIT_MS = 10 * 60_000;

type Checks = ReadonlyMap<string, Part<EventSourceFact>>;

/**
 * The ids of ours to read from Azure first: each brings the same signals as a source that may not be ours and
 * is due for a check. Many such sources have one of ours in common.
 */
export function counterpartsToCheck(
  lostSources: readonly LostEventSource[],
  ours: OwnSources | undefined,
  now: string,
): string[] {
  const counterparts = dueSources(lostSources, now)
    .filter(isOtherSource)
    .map(({ scope }) => counterpartOf(scope, ours));
  return [...new Set(counterparts.filter((id) => id !== undefined))];
}

/** The ids of the sources to read from Azure: those that are due, and that no open one of ours makes up for. */
export function sourcesToCheck(
  lostSources: readonly LostEventSource[],
  ours: OwnSources | undefined,
  now: string,
  counterparts: Checks = new Map(),
): string[] {
  return dueSources(lostSources, now)
    .filter((one) => !isOtherSource(one) || !isOpen(counterparts.get(counterpartOf(one.scope, ours) ?? '')))
    .map(({ scope }) => scope);
}

function dueSources(lostSources: readonly LostEventSource[], now: string): LostEventSource[] {
  return lostSources.filter(({ checkedAt }) => msSince(checkedAt, now) >= CHECK_INTERVAL_MS);
}

function isOpen(check: Part<EventSourceFact> | undefined): boolean {
  return check?.state === 'known' && check.value.isOpen;
}

interface Seen {
  checks: Checks;
  policyStates: readonly PolicyState[];
  watchedSubscriptions: readonly string[];
  /** Undefined: not configured. */
  eventSources?: OwnSources;
  now: string;
}

/**
 * The sources that are still lost. A loss ends when Azure shows the source working again, when a signal came
 * through it afterwards (it may have been recreated under another name), or when nothing that is watched
 * depends on it any more; for a source that may not be ours, also when ours brings the same signals. A source
 * that can't be read stays. Pure.
 */
export function remainingLostSources(lostSources: readonly LostEventSource[], seen: Seen): LostEventSource[] {
  return lostSources.flatMap((lostSource) => {
    const check = seen.checks.get(lostSource.scope);
    if (isOpen(check) || hasSignalled(lostSource, seen.policyStates) || !isNeeded(lostSource, seen))
      return [];
    const other = isOtherSource(lostSource) ? otherMatters(lostSource, seen) : 'yes';
    if (other === 'no') return [];
    if (check === undefined || other === 'notKnownYet') return [lostSource];
    return [
      { ...lostSource, checkedAt: seen.now, state: check.state === 'unknown' ? lostSource.state : 'lost' },
    ];
  });
}

/** Whether signals may be missing since a source was lost of which nothing shows that it is ours. */
function otherMatters(
  { scope, since }: LostEventSource,
  { checks, eventSources, policyStates, now }: Seen,
): 'yes' | 'no' | 'notKnownYet' {
  if (eventSources === undefined) return 'yes';
  const { signals, base } = sourceOf(scope);
  // The signal of the loss itself came from the subscription; only of a vault there may never have been any.
  const isExpected =
    !base.includes('/providers/') ||
    policyStates.some(({ lastSignals }) =>
      Object.keys(lastSignals?.[signals] ?? {}).some((source) => bringsFrom(scope, signals, source)),
    );
  const counterpart = checks.get(counterpartOf(scope, eventSources) ?? '');
  if (isOpen(counterpart) || !isExpected) return 'no';
  return counterpart?.state === 'unknown' && msSince(since, now) < COUNTERPART_WAIT_MS
    ? 'notKnownYet'
    : 'yes';
}

/** A signal that arrives this much later was sent after the loss. */
const EVENT_MARGIN_MS = 5 * 60_000;
/** Key Vault logging docs: a record may take 10 minutes to arrive. */
const AUDIT_MARGIN_MS = 15 * 60_000;

function hasSignalled({ scope, since }: LostEventSource, policyStates: readonly PolicyState[]): boolean {
  const { signals } = sourceOf(scope);
  const notBefore = Date.parse(since) + (signals === 'event' ? EVENT_MARGIN_MS : AUDIT_MARGIN_MS);
  return policyStates.some(({ lastSignals }) =>
    Object.entries(lastSignals?.[signals] ?? {}).some(
      ([source, at]) => bringsFrom(scope, signals, source) && Date.parse(at) > notBefore,
    ),
  );
}

/**
 * Whether these signals of that source (a subscription or a vault, as `lastSignals` names it) come through
 * this resource.
 */
function bringsFrom(scope: string, signals: 'event' | 'audit', source: string): boolean {
  const lostSource = sourceOf(scope);
  if (lostSource.signals !== signals) return false;
  return (
    lostSource.base === '' ||
    (signals === 'event' ? source === lostSource.base : isUnder(source, lostSource.base))
  );
}

/**
 * Since when these signals of that source have been missing, as far as is known. Undefined: no known source
 * is lost.
 */
export function lostSince(
  lostSources: readonly LostEventSource[],
  signals: 'event' | 'audit',
  source: string,
): string | undefined {
  const lost = lostSources.filter(
    ({ state, scope, evidence }) =>
      state === 'lost' && evidence !== 'none' && bringsFrom(scope, signals, source),
  );
  return lost.map(({ since }) => since).sort()[0];
}

function isNeeded(
  { scope }: LostEventSource,
  {
    policyStates,
    watchedSubscriptions,
  }: { policyStates: readonly PolicyState[]; watchedSubscriptions: readonly string[] },
): boolean {
  const { signals, base } = sourceOf(scope);
  if (signals === 'audit' && base !== '')
    return policyStates.some(({ history }) => isUnder(policyVaultId(history) ?? '', base));
  const subscriptionId = armIdParts(scope).subscriptionId?.toLowerCase();
  return watchedSubscriptions.some((id) => id.toLowerCase() === subscriptionId);
}
