import { compareText } from '../compare-text.ts';
import { msSince, pastOrIgnored } from '../incidents/stored-time.ts';
import {
  earliestIn,
  hiddenSince,
  isRecent,
  nextPolicies,
  type Reported,
  reportGap,
  reportNew,
} from './gap-policies.ts';
import { type JoinedAt, mustWait, withJoined } from './joined-notices.ts';
import { hidesPolicies } from './visibility-gaps.ts';
import { boundedText, MAX_GAPS_LISTED, withinNotice } from './visibility-notice.ts';
import {
  countKnown,
  type GapMemory,
  nextSequence,
  type ReportedGap,
  type Visibility,
  type VisibilityGap,
  type VisibilityNotice,
  type VisibilityStep,
} from './visibility-state.ts';

/** More simultaneous gaps than this have one cause, and nobody reads that many. */
const MAX_GAPS = 500;
/** How many policies, over all gaps, are stored one by one; see `visibility-rows.ts` for their size. */
export const MAX_POLICIES = 60_000;

/** All current gaps, the longest first. `toldAt`: null while a gap may still end by itself. */
export function currentGaps({ gaps }: Visibility) {
  return Object.values(gaps)
    .filter(({ leftAt }) => leftAt === undefined)
    .map(({ text, remediation, since, notifiedAt }) => ({
      what: text,
      remediation,
      since,
      notifiedAt: notifiedAt ?? null,
    }))
    .sort((a, b) => compareText(a.since, b.since));
}

/**
 * Decides which notices the current gaps need. A gap is reported once, when it has lasted for
 * `visibilityAlertMs` (at once if it is urgent); so is each policy that enters it later, together with others
 * (`gap-policies.ts`). Its end is reported too: at once, or, if it has ended before, once the end lasts. A
 * gap that ends before it was reported is not mentioned. Pure.
 */
export function nextVisibility(
  before: Visibility,
  gaps: readonly VisibilityGap[],
  now: string,
  visibilityAlertMs: number,
): VisibilityStep {
  const { ended = {}, ...rest } = before;
  const nextGaps: Visibility['gaps'] = {};
  const fresh: ReportedGap[] = [];
  const over: ReportedGap[] = [];
  const groups: (string | undefined)[] = [];
  const justEnded = Object.entries(ended).filter(([, at]) => isRecent(at, now));
  const hidden = hiddenSince(
    Object.entries(before.gaps).flatMap(([id, gapMemory]) => (hidesPolicies(id) ? [gapMemory] : [])),
  );
  let room = MAX_POLICIES - sum(Object.values(before.gaps).map(sizeOf));
  for (const gap of knownFirst(gaps, before).slice(0, MAX_GAPS)) {
    const standing = standingGap(gap, before, { now, hiddenSince: hidden, room });
    const { gapMemory, notice } = reported(gap, standing, {
      now,
      visibilityAlertMs,
      joinedAt: before.joinedAt,
    });
    room += sizeOf(before.gaps[gap.id]) - sizeOf(gapMemory);
    nextGaps[gap.id] = gapMemory;
    if (notice) {
      fresh.push(notice);
      groups.push(gap.group);
    }
  }
  for (const [id, gapMemory] of Object.entries(before.gaps)) {
    if (id in nextGaps || gapMemory.notifiedAt === undefined) continue;
    const leftAt = gapMemory.leftAt ?? now;
    const endGroup = gapMemory.group && `${gapMemory.group}|end`;
    if ((gapMemory.returned && isRecent(leftAt, now)) || mustWait(before.joinedAt, endGroup, now)) {
      const policies = nextPolicies(gapMemory.policies ?? {}, [], { now, hiddenSince: hidden, room });
      nextGaps[id] = { ...gapMemory, leftAt, ...(gapMemory.policies ? { policies } : {}) };
    } else {
      over.push({ id, text: gapMemory.text, remediation: gapMemory.remediation, since: gapMemory.since });
      justEnded.push([id, now]);
      groups.push(endGroup);
    }
  }
  const next: Visibility = { ...rest, gaps: nextGaps };
  const joinedAt = withJoined(before.joinedAt, groups, now);
  if (joinedAt) next.joinedAt = joinedAt;
  if (justEnded.length > 0) next.ended = Object.fromEntries(justEnded.slice(-MAX_GAPS));
  const remainingGaps = countKnown(next);
  const notices: VisibilityNotice[] = [];
  const addNotice = (reason: VisibilityNotice['reason'], reported: ReportedGap[]) => {
    if (reported.length === 0) return;
    next.sequence = nextSequence(next, now);
    notices.push({
      id: `visibility-${next.sequence}`,
      reason,
      at: now,
      remainingGaps,
      ...withinNotice(reported),
    });
  };
  addNotice('visibilityLost', fresh);
  // Every end is listed: one that is only counted would leave its alert open for ever.
  for (let n = 0; n < over.length; n += MAX_GAPS_LISTED)
    addNotice('visibilityRestored', over.slice(n, n + MAX_GAPS_LISTED));
  return { visibility: next, notices, changed: JSON.stringify(next) !== JSON.stringify(before) };
}

function sizeOf(gapMemory: GapMemory | undefined): number {
  return Object.keys(gapMemory?.policies ?? {}).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** A new gap never displaces a stored gap that people know of. */
function knownFirst(gaps: readonly VisibilityGap[], { gaps: known }: Visibility): VisibilityGap[] {
  return [...gaps.filter(({ id }) => id in known), ...gaps.filter(({ id }) => !(id in known))];
}

function standingGap(
  gap: VisibilityGap,
  { gaps, ended }: Visibility,
  context: Parameters<typeof nextPolicies>[2],
): GapMemory {
  const { id, policies } = gap;
  const before = gaps[id];
  const firstSeen = before && before.leftAt === undefined ? before.since : gap.since;
  const begun = pastOrIgnored(firstSeen, context.now) ?? context.now;
  const gapMemory: GapMemory = {
    ...before,
    since: begun,
    text: boundedText(gap.text),
    remediation: boundedText(gap.remediation),
  };
  delete gapMemory.leftAt;
  if (gap.group !== undefined) gapMemory.group = gap.group;
  if (!before && isRecent(ended?.[id], context.now)) gapMemory.returned = true;
  if (!policies) return gapMemory;
  const hidden = hidesPolicies(id) ? context.hiddenSince : NOT_HIDDEN;
  gapMemory.policies = nextPolicies(before?.policies ?? {}, policies, { ...context, hiddenSince: hidden });
  // A policy that can't be read, first for one reason and then for another, has been unreadable all the time.
  const since = earliestIn(gapMemory);
  if (
    hidesPolicies(id) &&
    gapMemory.notifiedAt === undefined &&
    since !== undefined &&
    since < gapMemory.since
  )
    gapMemory.since = since;
  return gapMemory;
}

const NOT_HIDDEN: ReadonlyMap<string, string> = new Map();

function reported(
  gap: VisibilityGap,
  gapMemory: GapMemory,
  { now, visibilityAlertMs, joinedAt }: { now: string; visibilityAlertMs: number; joinedAt?: JoinedAt },
): Reported {
  if (gapMemory.notifiedAt !== undefined) return reportNew(gap, gapMemory, now, visibilityAlertMs);
  const isDue = gap.urgent || msSince(gapMemory.since, now) >= visibilityAlertMs;
  return isDue && !mustWait(joinedAt, gap.group, now) ? reportGap(gap, gapMemory, now) : { gapMemory };
}
