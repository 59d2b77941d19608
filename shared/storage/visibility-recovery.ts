import type { Severity } from '../triggers/advisories/advisory.ts';
import type { Warned } from '../visibility/digest.ts';
import { isRecent } from '../visibility/gap-policies.ts';
import {
  type CutWay,
  countKnown,
  type GapMemory,
  nextSequence,
  type ReportedGap,
  type Sight,
  type SightNotice,
  type SightStep,
} from '../visibility/visibility-state.ts';

/** Rows that were not what we wrote, and where they are. */
export interface UnreadableMemory {
  table: string;
  partitionKey: string;
  rowKey: string;
  why: string;
}

/** The end of these would be reported falsely: only the lost memory knew what shows that they stand. */
const NOT_RECOVERED = /^moved\|/;

/**
 * What people know, made again from the notices of the watch itself: so a lost memory repeats nothing that they were
 * told. Pure.
 */
export function recovered(notices: readonly SightNotice[]): Sight {
  const spots: Sight['spots'] = {};
  const ended = new Map<string, string>();
  const warned: Warned = { known: {}, digestAt: {} };
  let sequence = 0;
  for (const { id: noticeId, reason, at, spots: reported, warnings } of notices.toSorted(byTime)) {
    sequence = Math.max(sequence, Number(/^sight-(\d+)$/.exec(noticeId)?.[1] ?? 0));
    for (const { severity } of warnings?.items ?? []) warned.digestAt[severity] = at;
    for (const [severity, keys] of Object.entries(warnings?.keys ?? {}))
      for (const key of keys) warned.known[key] = severity as Severity;
    for (const gap of reported) {
      const { id } = gap;
      if (id === undefined || NOT_RECOVERED.test(id)) continue;
      if (reason === 'blind') spots[id] = withReported(spots[id], gap, at, ended.get(id));
      else {
        delete spots[id];
        ended.set(id, at);
      }
    }
  }
  const cutWays = Object.entries(spots).flatMap(([id, gap]) => lostSourceOf(id, gap));
  return {
    spots,
    sequence,
    warned,
    ...(ended.size > 0 ? { ended: Object.fromEntries(ended) } : {}),
    ...(cutWays.length > 0 ? { cutWays } : {}),
  };
}

function byTime(a: SightNotice, b: SightNotice): number {
  return a.at.localeCompare(b.at) || a.id.localeCompare(b.id);
}

function withReported(
  before: GapMemory | undefined,
  { text, mend, since, policies }: ReportedGap,
  at: string,
  endedAt: string | undefined,
): GapMemory {
  const named = policies?.map(({ key }) => [key, { since, toldAt: at }] as const);
  return {
    since: before?.since ?? since,
    text,
    mend,
    toldAt: before?.toldAt ?? at,
    noticeAt: at,
    ...(before?.returned || isRecent(endedAt, at) ? { returned: true } : {}),
    ...(named || before?.policies
      ? { policies: { ...before?.policies, ...Object.fromEntries(named ?? []) } }
      : {}),
  };
}

const LOST_SOURCE = /^cut\|(.*)$/s;
const WHO_DID_WHAT = /^(.*) did (\S+) on /;

/** Whether it is still gone, only a look tells. */
function lostSourceOf(id: string, { text, since }: GapMemory): CutWay[] {
  const scope = LOST_SOURCE.exec(id)?.[1];
  if (scope === undefined) return [];
  const [, by, operation = 'something'] = WHO_DID_WHAT.exec(text) ?? [];
  const lookedAt = new Date(0).toISOString();
  return [{ scope, operation, ...(by === undefined ? {} : { by }), since, state: 'changed', lookedAt }];
}

const MEMORY = 'memory';

/**
 * Decides on the memory that was made anew, and reports that it was: once, however often that happens before it can be
 * read again. Pure.
 */
export function decideAnew(
  decide: (sight: Sight, now: string) => SightStep,
  sight: Sight,
  { table, partitionKey, rowKey, why }: UnreadableMemory,
  now: string,
): SightStep {
  const { [MEMORY]: known, ...spots } = sight.spots;
  const step = decide({ ...sight, spots }, now);
  const gap: GapMemory = {
    since: now,
    text: `What Lockwatch remembers of its own visibility could not be read (table ${table}, PartitionKey ${partitionKey}, RowKey ${rowKey}: ${why}). It was made anew from the notices sent.`,
    mend: 'Nothing has to be done: the row was replaced. A visibility gap or an early warning may be reported once more. If this comes back, look for what else writes to that table, such as another version of the app.',
    toldAt: now,
    ...(isRecent(sight.ended?.[MEMORY], now) ? { returned: true } : {}),
    ...known,
  };
  const after: Sight = { ...step.sight, spots: { ...step.sight.spots, [MEMORY]: gap } };
  if (known) return { sight: after, notices: step.notices, changed: true };
  const { text, mend, since } = gap;
  const notices = step.notices.map((one) => ({ ...one, stillBlind: one.stillBlind + 1 }));
  after.sequence = nextSequence(after, now);
  notices.push({
    id: `sight-${after.sequence}`,
    reason: 'blind',
    at: now,
    spots: [{ id: MEMORY, text, mend, since }],
    stillBlind: 1 + countKnown(step.sight),
  });
  return { sight: after, notices, changed: true };
}
