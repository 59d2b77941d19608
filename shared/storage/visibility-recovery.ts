import { compareText } from '../compare-text.ts';
import type { Severity } from '../triggers/advisories/advisory.ts';
import type { Warned } from '../visibility/digest.ts';
import { isRecent } from '../visibility/gap-policies.ts';
import {
  countKnown,
  type GapMemory,
  type LostEventSource,
  nextSequence,
  type ReportedGap,
  type Visibility,
  type VisibilityNotice,
  type VisibilityStep,
} from '../visibility/visibility-state.ts';
import { alertsAfter } from '../visibility/warning-alerts.ts';

/** Rows that differ from those written, and their location. */
export interface UnreadableMemory {
  table: string;
  partitionKey: string;
  rowKey: string;
  why: string;
}

/**
 * The end of these would be reported falsely: only the lost state had the proof that they are still present.
 */
const NOT_RECOVERED = /^moved\|/;

/**
 * Rebuilds from the notices about Lockwatch itself which gaps people know of, so that a lost state repeats no
 * notice. Pure.
 */
export function recovered(notices: readonly VisibilityNotice[]): Visibility {
  const gaps: Visibility['gaps'] = {};
  const ended = new Map<string, string>();
  const warned: Warned = { known: {}, digestAt: {} };
  let sequence = 0;
  const restored: Record<string, string> = {};
  for (const { id: noticeId, reason, at, gaps: reported, warnings, channels = [] } of notices.toSorted(
    byTime,
  )) {
    sequence = Math.max(sequence, Number(/^visibility-(\d+)$/.exec(noticeId)?.[1] ?? 0));
    for (const { severity } of warnings?.items ?? []) warned.digestAt[severity] = at;
    if (warnings?.silences) warned.digestAt.info = at;
    for (const [severity, keys] of Object.entries(warnings?.keys ?? {}))
      for (const key of keys) warned.known[key] = severity as Severity;
    if (warnings?.alerts) warned.alerts = alertsAfter(warned.alerts ?? {}, warnings.alerts);
    for (const { channel, gaveUpAt } of channels) restored[channel] = gaveUpAt;
    for (const gap of reported) {
      const { id } = gap;
      if (id === undefined || NOT_RECOVERED.test(id)) continue;
      if (reason === 'visibilityLost') gaps[id] = withReported(gaps[id], gap, at, ended.get(id));
      else {
        delete gaps[id];
        ended.set(id, at);
      }
    }
  }
  const lostEventSources = Object.entries(gaps).flatMap(([id, gap]) => lostSourceOf(id, gap));
  return {
    gaps,
    sequence,
    warned,
    ...(ended.size > 0 ? { ended: Object.fromEntries(ended) } : {}),
    ...(lostEventSources.length > 0 ? { lostEventSources } : {}),
    ...(Object.keys(restored).length > 0 ? { restoredChannels: restored } : {}),
  };
}

function byTime(a: VisibilityNotice, b: VisibilityNotice): number {
  return compareText(a.at, b.at) || compareText(a.id, b.id);
}

function withReported(
  before: GapMemory | undefined,
  { text, remediation, since, policies }: ReportedGap,
  at: string,
  endedAt: string | undefined,
): GapMemory {
  const named = policies?.map(({ key }) => [key, { since, notifiedAt: at }] as const);
  return {
    since: before?.since ?? since,
    text,
    remediation,
    notifiedAt: before?.notifiedAt ?? at,
    noticeAt: at,
    ...(before?.returned || isRecent(endedAt, at) ? { returned: true } : {}),
    ...(named || before?.policies
      ? { policies: { ...before?.policies, ...Object.fromEntries(named ?? []) } }
      : {}),
  };
}

const LOST_SOURCE = /^(lostSource|otherSource)\|(.*)$/s;
const WHO_DID_WHAT = /^(.*) did (\S+) on /;

/** Whether it is still lost, only a check shows. */
function lostSourceOf(id: string, { text, since }: GapMemory): LostEventSource[] {
  const [, kind, scope] = LOST_SOURCE.exec(id) ?? [];
  if (scope === undefined) return [];
  const [, by, operation = 'something'] = WHO_DID_WHAT.exec(text) ?? [];
  const checkedAt = new Date(0).toISOString();
  const evidence = kind === 'otherSource' ? { evidence: 'none' as const } : {};
  const who = by === undefined ? {} : { by };
  return [{ scope, operation, ...who, since, state: 'changed', ...evidence, checkedAt }];
}

const MEMORY = 'memory';

/**
 * Decides on the rebuilt state, and reports the loss: once, however often that happens before the state can
 * be read again. Pure.
 */
export function decideAnew(
  decide: (visibility: Visibility, now: string) => VisibilityStep,
  visibility: Visibility,
  { table, partitionKey, rowKey, why }: UnreadableMemory,
  now: string,
): VisibilityStep {
  const { [MEMORY]: known, ...gaps } = visibility.gaps;
  const step = decide({ ...visibility, gaps }, now);
  const gap: GapMemory = {
    since: now,
    text: `What Lockwatch remembers of its own visibility could not be read (table ${table}, PartitionKey ${partitionKey}, RowKey ${rowKey}: ${why}). It was made anew from the notices sent.`,
    remediation:
      'Nothing has to be done: the row was replaced. A visibility gap or an early warning may be reported once more. If this comes back, look for what else writes to that table, such as another version of the app.',
    notifiedAt: now,
    ...(isRecent(visibility.ended?.[MEMORY], now) ? { returned: true } : {}),
    ...known,
  };
  const after: Visibility = { ...step.visibility, gaps: { ...step.visibility.gaps, [MEMORY]: gap } };
  if (known) return { visibility: after, notices: step.notices, changed: true };
  const { text, remediation, since } = gap;
  const notices = step.notices.map((one) => ({ ...one, remainingGaps: one.remainingGaps + 1 }));
  after.sequence = nextSequence(after, now);
  notices.push({
    id: `visibility-${after.sequence}`,
    reason: 'visibilityLost',
    at: now,
    gaps: [{ id: MEMORY, text, remediation, since }],
    remainingGaps: 1 + countKnown(step.visibility),
  });
  return { visibility: after, notices, changed: true };
}
