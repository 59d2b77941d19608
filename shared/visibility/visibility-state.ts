import type { Severity } from '../triggers/advisories/advisory.ts';
import type { DigestItem, Warned } from './digest.ts';

/** Stands where a policy's id stands in the rows of a notice: the watch itself has a partition of its own. */
export const WATCH_ITSELF = 'lockwatch';

/** A policy in a visibility gap, as a notice names it. */
export interface GapPolicy {
  /** `gapKey` of its id. */
  key: string;
  name: string;
}

/** What is remembered of one policy in a visibility gap. Times ISO 8601. */
export interface PolicyInGap {
  since: string;
  /** When a notice named it; absent: nobody was notified of it yet. */
  notifiedAt?: string;
  /** Set while it is no longer in the gap: it is kept for a while, so that its return is no news. */
  leftAt?: string;
}

/** What is remembered of one visibility gap. Times ISO 8601. */
export interface GapMemory {
  since: string;
  text: string;
  remediation: string;
  /** When people were first notified of it. */
  notifiedAt?: string;
  /** When a notice last named policies of it. */
  noticeAt?: string;
  /** It ended, people were notified, and it came back soon after: its next end is reported only once it lasts. */
  returned?: boolean;
  /** Set while it is over and its end is not reported yet. */
  leftAt?: string;
  /** By `gapKey`; absent where the gap is not about policies. */
  policies?: Record<string, PolicyInGap>;
}

/** What is remembered of blindness, for the whole tenant. Times ISO 8601. */
export interface Visibility {
  /** By the spot's id. */
  gaps: Record<string, GapMemory>;
  /** The number of the last notice: see `nextSequence`. */
  sequence: number;
  /** Gaps whose end was reported a short time ago, by id: when. */
  ended?: Record<string, string>;
  warned?: Warned;
  /** The tenant in which each watched subscription was first seen. */
  tenants?: Record<string, string>;
  /** Hashed ids of the signals that told of a way being cut or changed, the latest last: each is heard once. */
  heardSignals?: string[];
  /** What Lockwatch sees by and is cut, or may be, until it is back. */
  lostEventSources?: LostEventSource[];
}

/** A notice about no incident: of the watch itself, or a digest of early warnings. */
export interface VisibilityNotice {
  id: string;
  reason: 'visibilityLost' | 'visibilityRestored' | 'warning';
  at: string;
  /** What is told now: newly blind, or seen again. */
  gaps: ReportedGap[];
  /** How many more that are not listed in `spots`. */
  more?: number;
  /** Of a digest: the gravest first, and how many more there are; `keys`: which findings it covers, hashed. */
  warnings?: { items: DigestItem[]; more: number; keys?: Partial<Record<Severity, string[]>> };
  /** How many spots known to people still stand. */
  remainingGaps: number;
}

/** One visibility gap, as a notice reports it. */
export interface ReportedGap {
  /** The gap's id; absent where nothing is remembered of it. */
  id?: string;
  text: string;
  remediation: string;
  since: string;
  /** The policies that this notice adds, and how many of them are not listed. */
  policies?: GapPolicy[];
  morePolicies?: number;
  /** How many policies of this gap earlier notices named; absent: the gap itself is new. */
  namedBefore?: number;
}

export interface VisibilityStep {
  visibility: Visibility;
  notices: VisibilityNotice[];
  /** Whether anything is to be written. */
  changed: boolean;
}

export const NO_GAPS: Visibility = { gaps: {}, sequence: 0 };

/**
 * The number of the next notice: later than that of any notice that a memory now lost may have counted, since each
 * number is the time at least. A number used twice would have the transaction refused, for ever.
 */
export function nextSequence({ sequence }: Pick<Visibility, 'sequence'>, now: string): number {
  return Math.max(sequence + 1, Date.parse(now));
}

/** How many gaps people know of that still stand. */
export function countKnown({ gaps }: Visibility): number {
  return Object.values(gaps).filter(
    ({ notifiedAt, leftAt }) => notifiedAt !== undefined && leftAt === undefined,
  ).length;
}

/** One thing that Lockwatch can't see, or can't be relied on for. */
export interface VisibilityGap {
  /** The same for as long as it is the same trouble. */
  id: string;
  /** One sentence for a person: what can't be seen. Names come from outside and are not escaped. */
  text: string;
  /** What would mend it, where that is known. */
  remediation: string;
  /** Told at once, without waiting whether it goes by itself. */
  urgent: boolean;
  /** Since when, where that is known; else since the moment at which it is first seen. */
  since?: string;
  /** The policies that it is about, where it is about policies. */
  policies?: readonly GapPolicy[];
  /** The same about some of its policies only: what a notice says of those that are new. */
  only?(keys: ReadonlySet<string>): { text: string; remediation: string };
}

/**
 * A resource by which signals reach Lockwatch (a diagnostic setting, an event subscription, an event hub) that somebody
 * deleted, or changed so that it may let nothing through. Times ISO 8601.
 */
export interface LostEventSource {
  /** Its ARM id, lower case. */
  scope: string;
  operation: string;
  /** The actor's name, or object id where no name is told. */
  by?: string;
  /** When it was done, by the signal's own clock. */
  since: string;
  /** changed: it was written, and may be open or not; only a look tells. */
  state: 'lost' | 'changed';
  /** When Azure was last asked for it; for one just deleted, when that was heard. */
  checkedAt: string;
}
