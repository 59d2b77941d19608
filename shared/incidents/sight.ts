import type { BlindSpot } from './blind-spots.ts';
import type { CutWay } from './cuts.ts';
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
/** Blindness in more places than this at once is one cause more than anyone reads; the rest is counted. */
const SPOTS_AT_MOST = 200;

/** All that can't be seen now, the longest first. `toldAt`: null while it may still go by itself. */
export function cannotSee({ spots }: Sight) {
  return Object.values(spots)
    .map(({ text, mend, since, toldAt }) => ({ what: text, mend, since, toldAt: toldAt ?? null }))
    .sort((a, b) => a.since.localeCompare(b.since));
}

/**
 * What the blindness of this moment calls for: a spot is told once, when it has stood for `blindAfterMs` (at once where
 * it is urgent), and again when it has gone; what went before it was told is not worth a word. Pure.
 */
export function nextSight(
  before: Sight,
  spots: readonly BlindSpot[],
  now: string,
  blindAfterMs: number,
): SightStep {
  const next: Sight = { ...before, spots: {} };
  const fresh: SightNotice['spots'] = [];
  for (const { id, text, mend, urgent, since: told } of spots.slice(0, SPOTS_AT_MOST)) {
    const known = before.spots[id];
    const since = known?.since ?? told ?? now;
    const isDue = urgent || Date.parse(now) - Date.parse(since) >= blindAfterMs;
    const spot = { since, text, mend, toldAt: known?.toldAt };
    if (isDue && spot.toldAt === undefined) {
      spot.toldAt = now;
      fresh.push({ text, mend, since });
    }
    next.spots[id] = spot;
  }
  const regained = Object.entries(before.spots)
    .filter(([id, { toldAt }]) => toldAt !== undefined && !(id in next.spots))
    .map(([, { text, mend, since }]) => ({ text, mend, since }));
  const stillBlind = Object.values(next.spots).filter(({ toldAt }) => toldAt !== undefined).length;
  const notices: SightNotice[] = [];
  const tell = (reason: SightNotice['reason'], told: SightNotice['spots']) => {
    if (told.length === 0) return;
    next.sequence += 1;
    notices.push({ id: `sight-${next.sequence}`, reason, at: now, spots: told, stillBlind });
  };
  tell('blind', fresh);
  tell('sightRegained', regained);
  return { sight: next, notices, changed: JSON.stringify(next) !== JSON.stringify(before) };
}
