import type { Severity } from '../triggers/advisories/advisory.ts';
import type { DigestItem, Warned } from './digest.ts';
import type { DigestSilences } from './digest-silences.ts';
import type { JoinedAt } from './joined-notices.ts';
import type { ReportedRestored, RestoredChannel } from './restored-channels.ts';
import type { AlertChanges } from './warning-alerts.ts';

/**
 * Takes the place of a policy's id in the rows of a notice about Lockwatch itself, which has its own
 * partition.
 */
export const WATCH_ITSELF = 'lockwatch';

/** A policy in a visibility gap, as a notice names it. */
export interface GapPolicy {
  /** `gapKey` of its id. */
  key: string;
  name: string;
}

/** The stored state of one policy in a visibility gap. Times ISO 8601. */
export interface PolicyInGap {
  since: string;
  /** When a notice named it; absent: nobody was notified of it yet. */
  notifiedAt?: string;
  /** When it left the gap. It is kept for a while, so that its return is no news. */
  leftAt?: string;
}

/** The stored state of one visibility gap. Times ISO 8601. */
export interface GapMemory {
  since: string;
  text: string;
  remediation: string;
  /** When people were first notified of it. */
  notifiedAt?: string;
  /** When a notice last named policies of it. */
  noticeAt?: string;
  /** It ended, people were notified, and it soon came back: its next end is reported only once it lasts. */
  returned?: boolean;
  /** When it ended, while its end is not reported yet. */
  leftAt?: string;
  /** Its group, where it is reported with others only (`joined-notices.ts`). */
  group?: string;
  /** By `gapKey`; absent where the gap is not about policies. */
  policies?: Record<string, PolicyInGap>;
}

/** The stored visibility of the whole tenant. Times ISO 8601. */
export interface Visibility {
  /** By the gap's id. */
  gaps: Record<string, GapMemory>;
  /** The number of the last notice: see `nextSequence`. */
  sequence: number;
  /** When the end of a gap was reported, by id; only recent ones. */
  ended?: Record<string, string>;
  warned?: Warned;
  /** The tenant in which each watched subscription was first seen. */
  tenants?: Record<string, string>;
  /**
   * Hashed ids of the signals that reported the loss or change of an event source, the latest last. Each is
   * handled once.
   */
  heardSignals?: string[];
  /** When each group of gaps was last reported (`joined-notices.ts`). */
  joinedAt?: JoinedAt;
  /** Event sources that are lost, or may be, until they work again. */
  lostEventSources?: LostEventSource[];
  restoredChannels?: ReportedRestored;
}

/** A notice without an incident: about Lockwatch itself, or a digest of early warnings. */
export interface VisibilityNotice {
  id: string;
  reason: 'visibilityLost' | 'visibilityRestored' | 'warning' | 'deliveryRestored';
  at: string;
  /** The gaps of this notice: newly lost, or restored. */
  gaps: ReportedGap[];
  /** How many more gaps are not listed in `gaps`. */
  more?: number;
  /**
   * For a digest: the gravest first, and how many more there are; `keys`: hashes of the findings that it
   * covers.
   */
  warnings?: {
    items: DigestItem[];
    more: number;
    keys?: Partial<Record<Severity, string[]>>;
    silences?: DigestSilences[];
    alerts?: AlertChanges;
  };
  /** Of `deliveryRestored`. */
  channels?: RestoredChannel[];
  /** How many gaps that people know of remain. */
  remainingGaps: number;
}

/** One visibility gap, as a notice reports it. */
export interface ReportedGap {
  /** The gap's id; absent if nothing about it is stored. */
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
  /** Whether the state must be written. */
  changed: boolean;
}

export const NO_GAPS: Visibility = { gaps: {}, sequence: 0 };

/**
 * The number of the next notice. It is at least the current time, and so greater than any number that a lost
 * state may have used. If a number were used twice, storage would refuse the transaction every time.
 */
export function nextSequence({ sequence }: Pick<Visibility, 'sequence'>, now: string): number {
  return Math.max(sequence + 1, Date.parse(now));
}

/** How many current gaps people know of. */
export function countKnown({ gaps }: Visibility): number {
  return Object.values(gaps).filter(
    ({ notifiedAt, leftAt }) => notifiedAt !== undefined && leftAt === undefined,
  ).length;
}

/** Something that Lockwatch can't see, or can't reliably do. */
export interface VisibilityGap {
  /** Constant for as long as the problem is the same. */
  id: string;
  /** One sentence for a person: the thing that can't be seen. Names are untrusted and not escaped. */
  text: string;
  /** How to fix it, if known. */
  remediation: string;
  /** Reported at once, without waiting for it to end by itself. */
  urgent: boolean;
  /** Reported only with others of this group (`joined-notices.ts`). */
  group?: string;
  /** When it began, if known; otherwise the time when it is first seen. */
  since?: string;
  /** The policies that it concerns, if it concerns policies. */
  policies?: readonly GapPolicy[];
  /** The text for some of its policies only: a notice uses it for the new ones. */
  only?(keys: ReadonlySet<string>): { text: string; remediation: string };
}

/**
 * How a resource is known to bring signals to Lockwatch: by the setting, by the name that the deployment
 * gives where nothing is set, or not at all.
 */
export type SourceEvidence = 'setting' | 'name' | 'none';

/**
 * A resource through which signals reach Lockwatch (a diagnostic setting, an event subscription, an event
 * hub), and which somebody deleted, or changed so that it may let nothing through. Times ISO 8601.
 */
export interface LostEventSource {
  /** Its ARM id, lower case. */
  scope: string;
  operation: string;
  /** The actor's name, or the object id if no name is known. */
  by?: string;
  /** When it was done, according to the signal. */
  since: string;
  /** changed: it was written, and may work or not; only a check shows that. */
  state: 'lost' | 'changed';
  /** How it is known to be ours. Absent: by the setting. */
  evidence?: Exclude<SourceEvidence, 'setting'>;
  /** When Azure was last queried for it; for a new deletion, when the signal arrived. */
  checkedAt: string;
}
