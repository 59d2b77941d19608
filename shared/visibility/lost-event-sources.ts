import { shortKey } from '../incidents/ids.ts';
import type { Signal } from '../signals/signal.ts';
import { type OwnSources, sourceEvidence } from './event-source-scope.ts';
import { mustWait, withJoined } from './joined-notices.ts';
import { isOtherSource, lostSourceGap, NEVER_CHECKED } from './lost-source-gaps.ts';
import { withinNotice } from './visibility-notice.ts';
import {
  countKnown,
  type LostEventSource,
  nextSequence,
  type ReportedGap,
  type SourceEvidence,
  type Visibility,
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
/** Of resources that may not be ours; they have room of their own, so that they never displace one of ours. */
const MAX_OTHERS = 20;

/**
 * Handles the deletion or change of an event source. The deletion of one that is known to be ours is reported
 * at once and remains until it is over; a change, or any other source, is checked first. `ours`: the
 * deployment's, if the setting names them. Pure.
 */
export function nextLostEventSources(
  before: Visibility,
  signals: readonly Signal[],
  ours: OwnSources | undefined,
  now: string,
): VisibilityStep {
  const heard = new Set(before.heardSignals ?? []);
  const lostSources = new Map((before.lostEventSources ?? []).map((one) => [one.scope, one]));
  const fresh = new Map<string, Signal>();
  let changed = false;
  for (const signal of signals) {
    // A signal of another source is not stored: many of them would displace those of ours.
    if (sourceEvidence(signal.scope, ours) === 'none')
      changed = addOther(lostSources, signal, now) || changed;
    else if (!heard.has(shortKey(signal.id))) fresh.set(shortKey(signal.id), signal);
  }
  if (fresh.size === 0 && !changed) return { visibility: before, notices: [], changed: false };
  const gaps = { ...before.gaps };
  const reported: ReportedGap[] = [];
  const groups: (string | undefined)[] = [];
  for (const signal of fresh.values()) {
    const known = lostSources.get(signal.scope);
    const lostSource = sourceAfter(known, signal, sourceEvidence(signal.scope, ours), now);
    if (known || [...lostSources.values()].filter((one) => !isOtherSource(one)).length < MAX_SOURCES)
      lostSources.set(lostSource.scope, lostSource);
    const { id, text, remediation, group } = lostSourceGap(lostSource);
    if (lostSource.state === 'changed' || gaps[id]?.notifiedAt !== undefined) continue;
    // The next sweeps report it, together with what else is lost by then.
    if (mustWait(before.joinedAt, group, now)) continue;
    reported.push({ id, text, remediation, since: lostSource.since });
    groups.push(group);
    if (lostSources.has(lostSource.scope))
      gaps[id] = { since: lostSource.since, text, remediation, notifiedAt: now, ...(group ? { group } : {}) };
  }
  const joinedAt = withJoined(before.joinedAt, groups, now);
  const visibility: Visibility = {
    ...before,
    gaps,
    ...(joinedAt ? { joinedAt } : {}),
    heardSignals: [...heard, ...fresh.keys()].slice(-SIGNALS_KEPT),
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

/** Whether it was added: each is checked once, however many events name it meanwhile. */
function addOther(lostSources: Map<string, LostEventSource>, signal: Signal, now: string): boolean {
  if (lostSources.has(signal.scope) || [...lostSources.values()].filter(isOtherSource).length >= MAX_OTHERS)
    return false;
  const { scope } = signal;
  lostSources.set(scope, {
    ...sourceAfter(undefined, signal, 'none', now),
    state: 'changed',
    checkedAt: NEVER_CHECKED,
  });
  return true;
}

/** Right after a deletion Azure may still show the deleted resource; after a write it can be read. */
function sourceAfter(
  known: LostEventSource | undefined,
  signal: Signal,
  evidence: SourceEvidence,
  now: string,
): LostEventSource {
  const { scope, operation = '', actor, at } = signal;
  const isDeletion = /\/delete$/i.test(operation);
  if (known?.state === 'lost' && (!isDeletion || Date.parse(at) <= Date.parse(known.since)))
    return isDeletion ? known : { ...known, checkedAt: NEVER_CHECKED };
  const by = actor?.name ?? actor?.objectId;
  return {
    scope,
    operation,
    ...(by === undefined ? {} : { by }),
    since: at,
    state: isDeletion ? 'lost' : 'changed',
    ...(evidence === 'setting' ? {} : { evidence }),
    checkedAt: isDeletion ? now : NEVER_CHECKED,
  };
}
