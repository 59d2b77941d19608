import type { Unknown } from '../azure/part.ts';
import type { KeyFact, KeyVersionFact } from '../facts/facts.ts';
import { KEEP_ENABLED_DAYS } from '../facts/keep-enabled.ts';
import { daysBetween } from './days.ts';
import type { HistoricVersion, History } from './history.ts';

/** A disabled version that the policy's environments need, and how certain that is. */
export interface DisabledVersion {
  version: KeyVersionFact;
  /** The policy uses it: it is the current one, or the policy names it. */
  isInUse: boolean;
  verdict: 'revoked' | 'suspected';
  because: string;
}

/**
 * The version that the policy uses: the pinned one, else the newest. Undefined where the pinned one is
 * missing.
 */
export function usedVersion<Version extends KeyVersionFact>(
  key: { versions: readonly Version[] },
  pin: string | undefined,
): Version | undefined {
  if (pin === undefined) return key.versions[0];
  return key.versions.find((version) => sameVersion(version.version, pin));
}

/** "The key is disabled": the version in use is disabled, and no other is enabled. */
export function keyIsDisabled(key: KeyFact, pin: string | undefined): boolean {
  if (key.incomplete && !key.disabled) return false;
  return usedVersion(key, pin) !== undefined && !key.versions.some((version) => version.enabled);
}

/**
 * Every disabled version that environments need, the one in use first.
 *
 * A pinned version is judged alone. Otherwise the current one counts, and every older one that was current
 * within the last 28 days: environments may use it that long after a rotation (Power Platform docs:
 * customer-managed key). A version that was disabled within 24 hours of its creation is only suspected: Power
 * Platform may not have adopted it.
 */
export function neededButDisabled(
  key: KeyFact,
  pin: string | undefined,
  memory: History['key'],
  now: string,
): DisabledVersion[] {
  if (pin !== undefined) {
    const pinned = usedVersion(key, pin);
    return pinned && !pinned.enabled
      ? [{ version: pinned, isInUse: true, verdict: 'revoked', because: 'the policy names this version' }]
      : [];
  }
  const history = byVersion(memory?.versions ?? []);
  const isWhole = unlistedBecause(key, memory) === undefined;
  return key.versions.flatMap((version, index) => {
    if (version.enabled) return [];
    const seen = history.get(version.version.toLowerCase());
    const found = {
      version,
      isInUse: index === 0,
      verdict: disabledWhenFresh(version, seen, now) ? ('suspected' as const) : ('revoked' as const),
    };
    if (index === 0) return [{ ...found, because: 'it is the current version' }];
    const supersededAt = replacedAt(key.versions, index, seen, isWhole);
    if (supersededAt === undefined) {
      // Dropped from the history because its 28 days were over; or not determinable from an incomplete list.
      if (memory?.olderLeftOut || !isWhole) return [];
      const because = 'it is not known since when it is no longer current';
      return [{ ...found, verdict: 'suspected', because }];
    }
    if (!(daysBetween(supersededAt, now) < KEEP_ENABLED_DAYS)) return [];
    const because = `it was current until ${supersededAt.slice(0, 10)}, less than 28 days ago`;
    return [{ ...found, because }];
  });
}

/** When the next version replaced it. In an incomplete list the next one may be missing. */
export function replacedAt(
  versions: readonly KeyVersionFact[],
  index: number,
  seen: HistoricVersion | undefined,
  isWhole: boolean,
): string | undefined {
  return seen?.supersededAt ?? (isWhole ? versions[index - 1]?.created : undefined);
}

/** Each version once, though two pins may name it. */
export function uniqueVersions(versions: DisabledVersion[]): DisabledVersion[] {
  const byId = new Map<string, DisabledVersion>();
  for (const one of versions) {
    const id = one.version.version.toLowerCase();
    const before = byId.get(id);
    byId.set(id, before ? { ...before, isInUse: before.isInUse || one.isInUse } : one);
  }
  return [...byId.values()];
}

/** By the version's id in lower case; of two of one id the first. */
export function byVersion<Version extends KeyVersionFact>(
  versions: readonly Version[],
): Map<string, Version> {
  const map = new Map<string, Version>();
  for (const version of versions) {
    const id = version.version.toLowerCase();
    if (!map.has(id)) map.set(id, version);
  }
  return map;
}

/**
 * How the versions compare with those of earlier readings. Key Vault can't delete a single version, so a gap
 * between existing versions is a gap in the list; and a key restored from an older backup lacks the newest
 * ones.
 */
export function listingOf(
  key: KeyFact,
  memory: History['key'],
): { is: 'complete' | 'incomplete' | 'replaced'; missing: HistoricVersion[] } {
  const isSameKey = memory?.name.toLowerCase() === key.name.toLowerCase();
  const history = isSameKey ? (memory?.versions ?? []) : [];
  if (history.length === 0) return { is: key.incomplete ? 'incomplete' : 'complete', missing: [] };
  const listed = byVersion(key.versions);
  const isListed = history.map(({ version }) => listed.has(version.toLowerCase()));
  const missing = history.filter((_, index) => !isListed[index]);
  const isGap = isListed.lastIndexOf(false) > isListed.indexOf(true) && isListed.includes(true);
  if (key.incomplete || isGap) return { is: 'incomplete', missing };
  return { is: missing.length > 0 ? 'replaced' : 'complete', missing };
}

/** Why versions that matter may be missing from this reading. Undefined where it shows all of them. */
export function unlistedBecause(key: KeyFact, memory: History['key']): Unknown | undefined {
  if (key.incomplete) return key.incomplete;
  const { is, missing } = listingOf(key, memory);
  if (is !== 'incomplete') return undefined;
  return {
    state: 'unknown',
    reason: 'invalidAnswer',
    detail: `The list of versions of the key ${key.name} lacks ${missing[0]?.version}, which Key Vault can't delete by itself.`,
    readAt: memory?.seenAt ?? '',
  };
}

/** The same for the versions that a policy needs: those that it names are judged by their own answers. */
export function neededUnlistedBecause(
  key: KeyFact,
  pins: readonly (string | undefined)[],
  memory: History['key'],
): Unknown | undefined {
  const areAllPinned = pins.every((pin) => pin !== undefined && usedVersion(key, pin) !== undefined);
  return areAllPinned ? undefined : unlistedBecause(key, memory);
}

function sameVersion(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Azure does not report when it was disabled: no later than now, and about when it was last seen enabled. */
function disabledWhenFresh(version: KeyVersionFact, seen: HistoricVersion | undefined, now: string): boolean {
  if (version.created === undefined) return false;
  const disabledAbout = seen === undefined ? now : (seen.lastEnabledAt ?? seen.firstSeenAt);
  return daysBetween(version.created, disabledAbout) < FRESH_DAYS;
}

const FRESH_DAYS = 1;
