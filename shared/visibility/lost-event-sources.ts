import { armIdParts, isUnder } from '../azure/arm-id.ts';
import type { Part } from '../azure/part.ts';
import type { WayFact } from '../facts/facts.ts';
import { shortKey } from '../incidents/ids.ts';
import type { Head } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { Signal } from '../signals/signal.ts';
import { withinNotice } from './visibility-notice.ts';
import {
  type BlindSpot,
  type CutWay,
  countKnown,
  nextSequence,
  type ReportedGap,
  type Sight,
  type SightNotice,
  type SightStep,
} from './visibility-state.ts';

/** Enough to know a redelivery by: Event Grid gives up after a day. */
const SIGNALS_KEPT = 100;
/** More that stand at once are told, and not remembered: what is cut then is one cause, and stands already. */
const WAYS_AT_MOST = 100;
/** Azure is asked for each at most this often. */
const LOOKS_APART_MS = 60_000;
const NEVER = new Date(0).toISOString();

/**
 * Somebody deleted or changed what Lockwatch sees by. A deletion is told at once and stands until it is over; a change
 * is looked at first. Pure.
 */
export function nextCuts(before: Sight, signals: readonly Signal[], now: string): SightStep {
  const heard = new Set(before.cuts ?? []);
  const fresh = [...new Map(signals.map((signal) => [shortKey(signal.id), signal]))].filter(
    ([key]) => !heard.has(key),
  );
  if (fresh.length === 0) return { sight: before, notices: [], changed: false };
  const ways = new Map((before.cutWays ?? []).map((way) => [way.scope, way]));
  const spots = { ...before.spots };
  const told: ReportedGap[] = [];
  for (const [, signal] of fresh) {
    const known = ways.get(signal.scope);
    const way = wayAfter(known, signal, now);
    if (known || ways.size < WAYS_AT_MOST) ways.set(way.scope, way);
    const { id, text, mend } = spotOf(way);
    if (way.state === 'changed' || spots[id]?.toldAt !== undefined) continue;
    told.push({ id, text, mend, since: way.since });
    if (ways.has(way.scope)) spots[id] = { since: way.since, text, mend, toldAt: now };
  }
  const sight: Sight = {
    ...before,
    spots,
    cuts: [...heard, ...fresh.map(([key]) => key)].slice(-SIGNALS_KEPT),
    cutWays: [...ways.values()],
  };
  if (told.length === 0) return { sight, notices: [], changed: true };
  sight.sequence = nextSequence(sight, now);
  const notice: SightNotice = {
    id: `sight-${sight.sequence}`,
    reason: 'blind',
    at: now,
    stillBlind: countKnown(sight),
    ...withinNotice(told),
  };
  return { sight, notices: [notice], changed: true };
}

/** Right after a deletion Azure may still show what is gone; after a write there is something to look at. */
function wayAfter(known: CutWay | undefined, signal: Signal, now: string): CutWay {
  const { scope, operation = '', actor, at } = signal;
  const isDeletion = /\/delete$/i.test(operation);
  if (known?.state === 'cut' && (!isDeletion || Date.parse(at) <= Date.parse(known.since)))
    return isDeletion ? known : { ...known, lookedAt: NEVER };
  const by = actor?.name ?? actor?.objectId;
  return {
    scope,
    operation,
    ...(by === undefined ? {} : { by }),
    since: at,
    state: isDeletion ? 'cut' : 'changed',
    lookedAt: isDeletion ? now : NEVER,
  };
}

/** The ids of those that Azure is to be asked for now. */
export function waysToLookAt(ways: readonly CutWay[], now: string): string[] {
  const isDue = ({ lookedAt }: CutWay) => msSince(lookedAt, now) >= LOOKS_APART_MS;
  return ways.filter(isDue).map(({ scope }) => scope);
}

/**
 * Those that still stand. One ends when Azure shows it open again, when a signal came by it afterwards (it may have been
 * made again under another name), or when nothing that is watched hangs on it any more. What can't be read stays. Pure.
 */
export function standingWays(
  ways: readonly CutWay[],
  seen: {
    looks: ReadonlyMap<string, Part<WayFact>>;
    heads: readonly Head[];
    watchedSubscriptions: readonly string[];
    now: string;
  },
): CutWay[] {
  return ways.flatMap((way) => {
    const look = seen.looks.get(way.scope);
    const isOpen = look?.state === 'known' && look.value.isOpen;
    if (isOpen || hasSignalled(way, seen.heads) || !isNeeded(way, seen)) return [];
    if (look === undefined) return [way];
    return [{ ...way, lookedAt: seen.now, state: look.state === 'unknown' ? way.state : 'cut' }];
  });
}

/** What came this much later did not set out before the cut. */
const EVENT_MARGIN_MS = 5 * 60_000;
/** Key Vault logging docs: a record may be 10 minutes under way. */
const AUDIT_MARGIN_MS = 15 * 60_000;

function hasSignalled({ scope, since }: CutWay, heads: readonly Head[]): boolean {
  const { signals } = wayOf(scope);
  const notBefore = Date.parse(since) + (signals === 'event' ? EVENT_MARGIN_MS : AUDIT_MARGIN_MS);
  return heads.some(({ lastSignals }) =>
    Object.entries(lastSignals?.[signals] ?? {}).some(
      ([source, at]) => bringsFrom(scope, signals, source) && Date.parse(at) > notBefore,
    ),
  );
}

/** Whether these signals of that source (a subscription or a vault, as `lastSignals` names it) come by this resource. */
function bringsFrom(scope: string, signals: 'event' | 'audit', source: string): boolean {
  const way = wayOf(scope);
  if (way.signals !== signals) return false;
  return way.base === '' || (signals === 'event' ? source === way.base : isUnder(source, way.base));
}

/** Since when these signals of that source can't come, as far as is known; undefined: no way that we know of is cut. */
export function cutSince(
  ways: readonly CutWay[],
  signals: 'event' | 'audit',
  source: string,
): string | undefined {
  const cut = ways.filter(({ state, scope }) => state === 'cut' && bringsFrom(scope, signals, source));
  return cut.map(({ since }) => since).sort()[0];
}

function isNeeded(
  { scope }: CutWay,
  { heads, watchedSubscriptions }: { heads: readonly Head[]; watchedSubscriptions: readonly string[] },
): boolean {
  const { signals, base } = wayOf(scope);
  if (signals === 'audit' && base !== '')
    return heads.some(({ remembered }) =>
      isUnder(remembered.vault?.id ?? remembered.policy?.vaultId ?? '', base),
    );
  const subscriptionId = armIdParts(scope).subscriptionId?.toLowerCase();
  return watchedSubscriptions.some((id) => id.toLowerCase() === subscriptionId);
}

/**
 * Which signals come by this resource, and from where, as `lastSignals` names it: a subscription or a vault. Of a
 * diagnostic setting, what it hangs on; of an event hub '', since any vault may send there.
 */
export function wayOf(scope: string): { signals: 'event' | 'audit'; base: string } {
  const setting = scope.lastIndexOf(SETTING);
  if (setting >= 0) return { signals: 'audit', base: scope.slice(0, setting) };
  if (scope.includes('/providers/microsoft.eventhub/')) return { signals: 'audit', base: '' };
  const hanging = scope.slice(0, Math.max(0, scope.lastIndexOf(EVENT_SUBSCRIPTION)));
  if (hanging.includes('/providers/')) return { signals: 'event', base: hanging };
  return { signals: 'event', base: `/subscriptions/${armIdParts(scope).subscriptionId}` };
}

const SETTING = '/providers/microsoft.insights/diagnosticsettings/';
const EVENT_SUBSCRIPTION = '/providers/microsoft.eventgrid/eventsubscriptions/';

export function cutSpots(ways: readonly CutWay[]): BlindSpot[] {
  return ways.map(spotOf);
}

function spotOf({ scope, operation, by = 'Somebody', since, state }: CutWay): BlindSpot {
  const did = `${by} did ${operation} on ${scope}`;
  const spot = { id: `cut|${scope}`, since, urgent: state === 'cut' };
  if (state === 'changed')
    return {
      ...spot,
      text: `${did}, and Lockwatch can't read what became of it. If it gets its audit records that way, they may have stopped.`,
      mend: `Give the app's identity the role Reader on ${scope}.`,
    };
  return {
    ...spot,
    text: `${did}. If Lockwatch gets its events or audit records that way, they stop coming.`,
    mend: 'Put it back, or deploy Lockwatch again. The sweep goes on meanwhile.',
  };
}
