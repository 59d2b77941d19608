import { msSince } from '../incidents/stored-time.ts';
import type { GapMemory, GapPolicy, PolicyInGap, ReportedGap, VisibilityGap } from './visibility-state.ts';

/** New policies of one gap are reported together, this long after its last notice at the earliest. */
const JOIN_MS = 15 * 60_000;
/** A policy that leaves a gap and returns within this time was known to be in it: its return is no news. */
const RETURN_MS = 60 * 60_000;

/** Whether it was so recent that people still know of it. */
export function isRecent(at: string | undefined, now: string): boolean {
  return msSince(at, now) < RETURN_MS;
}

/**
 * The policies that are in a gap now, were named, or left it recently. `room`: how many new ones fit. Pure.
 */
export function nextPolicies(
  before: Readonly<Record<string, PolicyInGap>>,
  present: readonly GapPolicy[],
  { now, hiddenSince, room }: { now: string; hiddenSince: ReadonlyMap<string, string>; room: number },
): Record<string, PolicyInGap> {
  const next: Record<string, PolicyInGap> = {};
  const here = new Set(present.map(({ key }) => key));
  for (const [key, known] of Object.entries(before)) {
    if (here.has(key))
      next[key] = known.leftAt === undefined ? known : { since: now, notifiedAt: known.notifiedAt };
    else if (known.notifiedAt !== undefined && isRecent(known.leftAt ?? now, now))
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

/** A gap, and the notice that is due for it, if any. */
export interface Reported {
  gapMemory: GapMemory;
  notice?: ReportedGap;
}

/** A gap that is reported for the first time, with the names of all policies in it. */
export function reportGap(gap: VisibilityGap, gapMemory: GapMemory, now: string): Reported {
  const { id, text, remediation, policies } = gap;
  const notice = {
    id,
    text,
    remediation,
    since: gapMemory.since,
    ...(policies ? { policies: [...policies] } : {}),
  };
  return { gapMemory: { ...withNamed(gapMemory, now), notifiedAt: now }, notice };
}

/**
 * A reported gap, with the policies that nobody was notified of. It is due once one of them has been in it
 * for as long as a new gap waits, and the last notice is not too recent.
 */
export function reportNew(
  gap: VisibilityGap,
  gapMemory: GapMemory,
  now: string,
  visibilityAlertMs: number,
): Reported {
  const waiting = Object.entries(gapMemory.policies ?? {}).filter(
    ([, { notifiedAt }]) => notifiedAt === undefined,
  );
  const isDue = waiting.some(([, { since }]) => gap.urgent || msSince(since, now) >= visibilityAlertMs);
  if (!isDue || msSince(gapMemory.noticeAt ?? gapMemory.notifiedAt ?? now, now) < JOIN_MS)
    return { gapMemory };
  const keys = new Set(waiting.map(([key]) => key));
  const notice: ReportedGap = {
    id: gap.id,
    text: gap.text,
    remediation: gap.remediation,
    ...gap.only?.(keys),
    since: earliest(waiting.map(([, { since }]) => since)) ?? now,
    policies: (gap.policies ?? []).filter(({ key }) => keys.has(key)),
    namedBefore: presentIn(gapMemory).length - keys.size,
  };
  return { gapMemory: withNamed(gapMemory, now), notice };
}

function withNamed(gapMemory: GapMemory, now: string): GapMemory {
  const policies = Object.entries(gapMemory.policies ?? {}).map(
    ([key, policy]) =>
      [key, policy.notifiedAt === undefined ? { ...policy, notifiedAt: now } : policy] as const,
  );
  return {
    ...gapMemory,
    noticeAt: now,
    ...(gapMemory.policies ? { policies: Object.fromEntries(policies) } : {}),
  };
}

/** The start of each policy's uninterrupted time in gaps of this kind. */
export function hiddenSince(gaps: readonly GapMemory[]): Map<string, string> {
  const since = new Map<string, string>();
  for (const gapMemory of gaps) {
    for (const [key, policy] of Object.entries(gapMemory.policies ?? {})) {
      const other = since.get(key);
      if (policy.leftAt === undefined && (other === undefined || policy.since < other))
        since.set(key, policy.since);
    }
  }
  return since;
}

/** When the first of the policies that are in it now entered it. */
export function earliestIn(gapMemory: GapMemory): string | undefined {
  return earliest(presentIn(gapMemory).map(({ since }) => since));
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
