import { armIdParts, isUnder } from '../azure/arm-id.ts';
import type { Part } from '../azure/part.ts';
import type { EventSourceFact } from '../facts/source-facts.ts';
import { shortKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { Signal } from '../signals/signal.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';
import { withinNotice } from './visibility-notice.ts';
import {
  countKnown,
  type LostEventSource,
  nextSequence,
  type ReportedGap,
  type Visibility,
  type VisibilityGap,
  type VisibilityNotice,
  type VisibilityStep,
} from './visibility-state.ts';

/** Enough to recognise a redelivery: Event Grid stops retrying after a day. */
const SIGNALS_KEPT = 100;
/**
 * Lost sources beyond this number are reported but not stored: so many at once have one cause, already
 * reported.
 */
const MAX_SOURCES = 100;
/** Azure is queried for each source at most this often. */
const CHECK_INTERVAL_MS = 60_000;
const NEVER = new Date(0).toISOString();

/**
 * Handles the deletion or change of an event source of Lockwatch. A deletion is reported at once and remains
 * until it is over; a change is checked first. Pure.
 */
export function nextLostEventSources(
  before: Visibility,
  signals: readonly Signal[],
  now: string,
): VisibilityStep {
  const heard = new Set(before.heardSignals ?? []);
  const fresh = [...new Map(signals.map((signal) => [shortKey(signal.id), signal]))].filter(
    ([key]) => !heard.has(key),
  );
  if (fresh.length === 0) return { visibility: before, notices: [], changed: false };
  const lostSources = new Map(
    (before.lostEventSources ?? []).map((lostSource) => [lostSource.scope, lostSource]),
  );
  const gaps = { ...before.gaps };
  const reported: ReportedGap[] = [];
  for (const [, signal] of fresh) {
    const known = lostSources.get(signal.scope);
    const lostSource = sourceAfter(known, signal, now);
    if (known || lostSources.size < MAX_SOURCES) lostSources.set(lostSource.scope, lostSource);
    const { id, text, remediation } = gapOf(lostSource);
    if (lostSource.state === 'changed' || gaps[id]?.notifiedAt !== undefined) continue;
    reported.push({ id, text, remediation, since: lostSource.since });
    if (lostSources.has(lostSource.scope))
      gaps[id] = { since: lostSource.since, text, remediation, notifiedAt: now };
  }
  const visibility: Visibility = {
    ...before,
    gaps,
    heardSignals: [...heard, ...fresh.map(([key]) => key)].slice(-SIGNALS_KEPT),
    lostEventSources: [...lostSources.values()],
  };
  if (reported.length === 0) return { visibility, notices: [], changed: true };
  visibility.sequence = nextSequence(visibility, now);
  const notice: VisibilityNotice = {
    id: `visibility-${visibility.sequence}`,
    reason: 'visibilityLost',
    at: now,
    remainingGaps: countKnown(visibility),
    ...withinNotice(reported),
  };
  return { visibility, notices: [notice], changed: true };
}

/** Right after a deletion Azure may still show the deleted resource; after a write it can be read. */
function sourceAfter(known: LostEventSource | undefined, signal: Signal, now: string): LostEventSource {
  const { scope, operation = '', actor, at } = signal;
  const isDeletion = /\/delete$/i.test(operation);
  if (known?.state === 'lost' && (!isDeletion || Date.parse(at) <= Date.parse(known.since)))
    return isDeletion ? known : { ...known, checkedAt: NEVER };
  const by = actor?.name ?? actor?.objectId;
  return {
    scope,
    operation,
    ...(by === undefined ? {} : { by }),
    since: at,
    state: isDeletion ? 'lost' : 'changed',
    checkedAt: isDeletion ? now : NEVER,
  };
}

/** The ids of the sources that are due for a check in Azure. */
export function sourcesToCheck(lostSources: readonly LostEventSource[], now: string): string[] {
  const isDue = ({ checkedAt }: LostEventSource) => msSince(checkedAt, now) >= CHECK_INTERVAL_MS;
  return lostSources.filter(isDue).map(({ scope }) => scope);
}

/**
 * The sources that are still lost. A loss ends when Azure shows the source working again, when a signal came
 * through it afterwards (it may have been recreated under another name), or when nothing that is watched
 * depends on it any more. A source that can't be read stays. Pure.
 */
export function remainingLostSources(
  lostSources: readonly LostEventSource[],
  seen: {
    checks: ReadonlyMap<string, Part<EventSourceFact>>;
    policyStates: readonly PolicyState[];
    watchedSubscriptions: readonly string[];
    now: string;
  },
): LostEventSource[] {
  return lostSources.flatMap((lostSource) => {
    const check = seen.checks.get(lostSource.scope);
    const isOpen = check?.state === 'known' && check.value.isOpen;
    if (isOpen || hasSignalled(lostSource, seen.policyStates) || !isNeeded(lostSource, seen)) return [];
    if (check === undefined) return [lostSource];
    return [
      { ...lostSource, checkedAt: seen.now, state: check.state === 'unknown' ? lostSource.state : 'lost' },
    ];
  });
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
    ({ state, scope }) => state === 'lost' && bringsFrom(scope, signals, source),
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

/**
 * The signals that come through this resource, and their origin, as `lastSignals` names it: a subscription or
 * a vault. For a diagnostic setting, the resource that it belongs to; for an event hub '', since any vault
 * may send there.
 */
export function sourceOf(scope: string): { signals: 'event' | 'audit'; base: string } {
  const setting = scope.lastIndexOf(SETTING);
  if (setting >= 0) return { signals: 'audit', base: scope.slice(0, setting) };
  if (scope.includes('/providers/microsoft.eventhub/')) return { signals: 'audit', base: '' };
  const hanging = scope.slice(0, Math.max(0, scope.lastIndexOf(EVENT_SUBSCRIPTION)));
  if (hanging.includes('/providers/')) return { signals: 'event', base: hanging };
  return { signals: 'event', base: `/subscriptions/${armIdParts(scope).subscriptionId}` };
}

const SETTING = '/providers/microsoft.insights/diagnosticsettings/';
const EVENT_SUBSCRIPTION = '/providers/microsoft.eventgrid/eventsubscriptions/';

export function lostSourceGaps(lostSources: readonly LostEventSource[]): VisibilityGap[] {
  return lostSources.map(gapOf);
}

function gapOf({ scope, operation, by = 'Somebody', since, state }: LostEventSource): VisibilityGap {
  const did = `${by} did ${operation} on ${scope}`;
  const gap = { id: `lostSource|${scope}`, since, urgent: state === 'lost' };
  if (state === 'changed')
    return {
      ...gap,
      text: `${did}, and Lockwatch can't read what became of it. If it gets its audit records that way, they may have stopped.`,
      remediation: `Give the app's identity the role Reader on ${scope}.`,
    };
  return {
    ...gap,
    text: `${did}. If Lockwatch gets its events or audit records that way, they stop coming.`,
    remediation: 'Put it back, or deploy Lockwatch again. The sweep goes on meanwhile.',
  };
}
