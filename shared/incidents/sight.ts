import type { BlindSpot, Sight, SightNotice, SightStep } from './sight-memory.ts';

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
