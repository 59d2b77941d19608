import { msSince } from '../incidents/stored-time.ts';
import type { BlindSpot, GapMemory, GapPolicy, PolicyInGap, ReportedGap } from './visibility-state.ts';

/** New policies of one gap are reported together, this long after its last notice at the earliest. */
const JOIN_MS = 15 * 60_000;
/** What leaves a gap and is back within this time was known to be in it: its return is no news. */
const RETURN_MS = 60 * 60_000;

/** Whether it was so short a time ago that what was known then is no news. */
export function isRecent(at: string | undefined, now: string): boolean {
  return msSince(at, now) < RETURN_MS;
}

/** Which policies are in a gap now, were named, or left it a short time ago. `room`: how many new ones fit. Pure. */
export function nextPolicies(
  before: Readonly<Record<string, PolicyInGap>>,
  present: readonly GapPolicy[],
  { now, hiddenSince, room }: { now: string; hiddenSince: ReadonlyMap<string, string>; room: number },
): Record<string, PolicyInGap> {
  const next: Record<string, PolicyInGap> = {};
  const here = new Set(present.map(({ key }) => key));
  for (const [key, known] of Object.entries(before)) {
    if (here.has(key)) next[key] = known.leftAt === undefined ? known : { since: now, toldAt: known.toldAt };
    else if (known.toldAt !== undefined && isRecent(known.leftAt ?? now, now))
      next[key] = { ...known, leftAt: known.leftAt ?? now };
  }
  let fresh = 0;
  for (const key of here) {
    if (key in next || fresh >= room) continue;
    next[key] = { since: hiddenSince.get(key) ?? now };
    fresh += 1;
  }
  return next;
}

/** A gap and what a notice says of it, if there is anything to say. */
export interface Reported {
  gap: GapMemory;
  notice?: ReportedGap;
}

/** A gap that is reported for the first time: whoever is in it then is named. */
export function reportGap(spot: BlindSpot, gap: GapMemory, now: string): Reported {
  const { id, text, mend, policies } = spot;
  const notice = { id, text, mend, since: gap.since, ...(policies ? { policies: [...policies] } : {}) };
  return { gap: { ...withNamed(gap, now), toldAt: now }, notice };
}

/**
 * A reported gap, with the policies that nobody was notified of once one of them has been in it for as long as a new
 * gap waits, and the last notice is not too recent.
 */
export function reportNew(spot: BlindSpot, gap: GapMemory, now: string, blindAfterMs: number): Reported {
  const waiting = Object.entries(gap.policies ?? {}).filter(([, { toldAt }]) => toldAt === undefined);
  const isDue = waiting.some(([, { since }]) => spot.urgent || msSince(since, now) >= blindAfterMs);
  if (!isDue || msSince(gap.noticeAt ?? gap.toldAt ?? now, now) < JOIN_MS) return { gap };
  const keys = new Set(waiting.map(([key]) => key));
  const notice: ReportedGap = {
    id: spot.id,
    text: spot.text,
    mend: spot.mend,
    ...spot.only?.(keys),
    since: earliest(waiting.map(([, { since }]) => since)) ?? now,
    policies: (spot.policies ?? []).filter(({ key }) => keys.has(key)),
    namedBefore: presentIn(gap).length - keys.size,
  };
  return { gap: withNamed(gap, now), notice };
}

function withNamed(gap: GapMemory, now: string): GapMemory {
  const policies = Object.entries(gap.policies ?? {}).map(
    ([key, policy]) => [key, policy.toldAt === undefined ? { ...policy, toldAt: now } : policy] as const,
  );
  return { ...gap, noticeAt: now, ...(gap.policies ? { policies: Object.fromEntries(policies) } : {}) };
}

/** Since when each policy is in a gap of this kind without a break. */
export function hiddenSince(gaps: readonly GapMemory[]): Map<string, string> {
  const since = new Map<string, string>();
  for (const gap of gaps) {
    for (const [key, policy] of Object.entries(gap.policies ?? {})) {
      const other = since.get(key);
      if (policy.leftAt === undefined && (other === undefined || policy.since < other))
        since.set(key, policy.since);
    }
  }
  return since;
}

/** When the first of the policies that are in it now came into it. */
export function earliestIn(gap: GapMemory): string | undefined {
  return earliest(presentIn(gap).map(({ since }) => since));
}

function earliest(times: readonly string[]): string | undefined {
  return times.reduce<string | undefined>(
    (first, at) => (first === undefined || at < first ? at : first),
    undefined,
  );
}

function presentIn({ policies }: GapMemory): PolicyInGap[] {
  return Object.values(policies ?? {}).filter(({ leftAt }) => leftAt === undefined);
}
