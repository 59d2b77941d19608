import type { DigestItem, Warned } from './digest.ts';

/** Stands where a policy's id stands in the rows of a notice: the watch itself has a partition of its own. */
export const WATCH_ITSELF = 'lockwatch';

/** What is remembered of blindness, for the whole tenant. Times ISO 8601. */
export interface Sight {
  /** By the spot's id. `toldAt`: people know of it. */
  spots: Record<string, { since: string; text: string; mend: string; toldAt?: string }>;
  /** Counts the notices, so that each has an id of its own. */
  sequence: number;
  warned?: Warned;
  /** The tenant in which each watched subscription was first seen. */
  tenants?: Record<string, string>;
  /** Ids of the signals that told of a way being cut or changed, the latest last: each is heard once. */
  cuts?: string[];
  /** What Lockwatch sees by and is cut, or may be, until it is back. */
  cutWays?: CutWay[];
}

/** A notice about no incident: of the watch itself, or a digest of early warnings. */
export interface SightNotice {
  id: string;
  reason: 'blind' | 'sightRegained' | 'warning';
  at: string;
  /** What is told now: newly blind, or seen again. */
  spots: { text: string; mend: string; since: string }[];
  /** Of a digest: the gravest first, and how many more there are. */
  warnings?: { items: DigestItem[]; more: number };
  /** How many spots known to people still stand. */
  stillBlind: number;
}

export interface SightStep {
  sight: Sight;
  notices: SightNotice[];
  /** Whether anything is to be written. */
  changed: boolean;
}

export const NOTHING_BLIND: Sight = { spots: {}, sequence: 0 };

/** One thing that Lockwatch can't see, or can't be relied on for. */
export interface BlindSpot {
  /** The same for as long as it is the same trouble. */
  id: string;
  /** One sentence for a person: what can't be seen. Names come from outside and are not escaped. */
  text: string;
  /** What would mend it, where that is known. */
  mend: string;
  /** Told at once, without waiting whether it goes by itself. */
  urgent: boolean;
  /** Since when, where that is known; else since the moment at which it is first seen. */
  since?: string;
}

/**
 * A resource by which signals reach Lockwatch (a diagnostic setting, an event subscription, an event hub) that somebody
 * deleted, or changed so that it may let nothing through. Times ISO 8601.
 */
export interface CutWay {
  /** Its ARM id, lower case. */
  scope: string;
  operation: string;
  /** The actor's name, or object id where no name is told. */
  by?: string;
  /** When it was done, by the signal's own clock. */
  since: string;
  /** changed: it was written, and may be open or not; only a look tells. */
  state: 'cut' | 'changed';
  /** When Azure was last asked for it; for one just deleted, when that was heard. */
  lookedAt: string;
}
