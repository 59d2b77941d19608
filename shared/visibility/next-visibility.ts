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
import { hidesPolicies } from './visibility-gaps.ts';
import { cut, withinNotice } from './visibility-notice.ts';
import {
  type BlindSpot,
  countKnown,
  type GapMemory,
  nextSequence,
  type ReportedGap,
  type Sight,
  type SightNotice,
  type SightStep,
} from './visibility-state.ts';

/** Blindness in more places than this at once is one cause more than anyone reads. */
const MAX_GAPS = 500;
/** So many policies, all gaps together, are remembered one by one: see `visibility-rows.ts` for what they take. */
export const MAX_POLICIES = 60_000;

/** All that can't be seen now, the longest first. `toldAt`: null while it may still go by itself. */
export function cannotSee({ spots }: Sight) {
  return Object.values(spots)
    .filter(({ leftAt }) => leftAt === undefined)
    .map(({ text, mend, since, toldAt }) => ({ what: text, mend, since, toldAt: toldAt ?? null }))
    .sort((a, b) => a.since.localeCompare(b.since));
}

/**
 * What the blindness of this moment calls for. A gap is reported once, when it has stood for `blindAfterMs` (at once
 * where it is urgent); so is each policy that comes into it later, joined with others (`gap-policies.ts`). It is
 * reported again when it is over: at once, or once that lasts where it has been over before. What went before it was
 * reported is not worth a word. Pure.
 */
export function nextSight(
  before: Sight,
  spots: readonly BlindSpot[],
  now: string,
  blindAfterMs: number,
): SightStep {
  const { ended = {}, ...rest } = before;
  const gaps: Sight['spots'] = {};
  const fresh: ReportedGap[] = [];
  const over: ReportedGap[] = [];
  const justEnded = Object.entries(ended).filter(([, at]) => isRecent(at, now));
  const hidden = hiddenSince(
    Object.entries(before.spots).flatMap(([id, gap]) => (hidesPolicies(id) ? [gap] : [])),
  );
  let room = MAX_POLICIES - sum(Object.values(before.spots).map(sizeOf));
  for (const spot of knownFirst(spots, before).slice(0, MAX_GAPS)) {
    const standing = standingGap(spot, before, { now, hiddenSince: hidden, room });
    const { gap, notice } = reported(spot, standing, now, blindAfterMs);
    room += sizeOf(before.spots[spot.id]) - sizeOf(gap);
    gaps[spot.id] = gap;
    if (notice) fresh.push(notice);
  }
  for (const [id, gap] of Object.entries(before.spots)) {
    if (id in gaps || gap.toldAt === undefined) continue;
    const leftAt = gap.leftAt ?? now;
    if (gap.returned && isRecent(leftAt, now)) {
      const policies = nextPolicies(gap.policies ?? {}, [], { now, hiddenSince: hidden, room });
      gaps[id] = { ...gap, leftAt, ...(gap.policies ? { policies } : {}) };
    } else {
      over.push({ id, text: gap.text, mend: gap.mend, since: gap.since });
      justEnded.push([id, now]);
    }
  }
  const next: Sight = { ...rest, spots: gaps };
  if (justEnded.length > 0) next.ended = Object.fromEntries(justEnded.slice(-MAX_GAPS));
  const stillBlind = countKnown(next);
  const notices: SightNotice[] = [];
  const tell = (reason: SightNotice['reason'], told: ReportedGap[]) => {
    if (told.length === 0) return;
    next.sequence = nextSequence(next, now);
    notices.push({ id: `sight-${next.sequence}`, reason, at: now, stillBlind, ...withinNotice(told) });
  };
  tell('blind', fresh);
  tell('sightRegained', over);
  return { sight: next, notices, changed: JSON.stringify(next) !== JSON.stringify(before) };
}

function sizeOf(gap: GapMemory | undefined): number {
  return Object.keys(gap?.policies ?? {}).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** What people know of is never pushed out of the memory by what is new. */
function knownFirst(spots: readonly BlindSpot[], { spots: known }: Sight): BlindSpot[] {
  return [...spots.filter(({ id }) => id in known), ...spots.filter(({ id }) => !(id in known))];
}

function standingGap(
  spot: BlindSpot,
  { spots, ended }: Sight,
  context: Parameters<typeof nextPolicies>[2],
): GapMemory {
  const { id, policies } = spot;
  const before = spots[id];
  const told = before && before.leftAt === undefined ? before.since : spot.since;
  const begun = pastOrIgnored(told, context.now) ?? context.now;
  const gap: GapMemory = { ...before, since: begun, text: cut(spot.text), mend: cut(spot.mend) };
  delete gap.leftAt;
  if (!before && isRecent(ended?.[id], context.now)) gap.returned = true;
  if (!policies) return gap;
  const hidden = hidesPolicies(id) ? context.hiddenSince : NOT_HIDDEN;
  gap.policies = nextPolicies(before?.policies ?? {}, policies, { ...context, hiddenSince: hidden });
  // A policy that can't be read now for this reason, now for that one, can't be read all the time.
  const since = earliestIn(gap);
  if (hidesPolicies(id) && gap.toldAt === undefined && since !== undefined && since < gap.since)
    gap.since = since;
  return gap;
}

const NOT_HIDDEN: ReadonlyMap<string, string> = new Map();

function reported(spot: BlindSpot, gap: GapMemory, now: string, blindAfterMs: number): Reported {
  if (gap.toldAt !== undefined) return reportNew(spot, gap, now, blindAfterMs);
  const isDue = spot.urgent || msSince(gap.since, now) >= blindAfterMs;
  return isDue ? reportGap(spot, gap, now) : { gap };
}
