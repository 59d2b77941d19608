import type { KeyFact, KeyVersionFact } from '../facts/facts.ts';
import { daysBetween } from './days.ts';
import type { Remembered, RememberedVersion } from './finding.ts';

/** A disabled version that the policy's environments need, and how sure that is. */
export interface DisabledVersion {
  version: KeyVersionFact;
  verdict: 'revoked' | 'suspected';
  because: string;
}

/** The version that the policy uses: the pinned one, else the newest. Undefined where the pinned one isn't there. */
export function usedVersion<Version extends KeyVersionFact>(
  key: { versions: readonly Version[] },
  pin: string | undefined,
): Version | undefined {
  if (pin === undefined) return key.versions[0];
  return key.versions.find((version) => sameVersion(version.version, pin));
}

/** "The key is disabled": the version in use is disabled, and no other is enabled. */
export function keyIsDisabled(key: KeyFact, pin: string | undefined): boolean {
  return usedVersion(key, pin) !== undefined && !key.versions.some((version) => version.enabled);
}

/**
 * Every disabled version that environments need, the one in use first.
 *
 * A pinned version is judged alone. Otherwise the current one counts, and every older one that was current within
 * the last 28 days: environments may use it that long after a rotation (Power Platform docs: customer-managed key).
 * A version that was disabled within 24 hours of its making is only suspected: Power Platform may not have taken it up.
 */
export function neededButDisabled(
  key: KeyFact,
  pin: string | undefined,
  memory: RememberedVersion[],
  now: string,
): DisabledVersion[] {
  if (pin !== undefined) {
    const pinned = usedVersion(key, pin);
    return pinned && !pinned.enabled
      ? [{ version: pinned, verdict: 'revoked', because: 'the policy names this version' }]
      : [];
  }
  return key.versions.flatMap((version, index) => {
    if (version.enabled) return [];
    const seen = memory.find((one) => sameVersion(one.version, version.version));
    const verdict = disabledWhenFresh(version, seen, now) ? 'suspected' : 'revoked';
    if (index === 0) return [{ version, verdict, because: 'it is the current version' }];
    const newer = key.versions[index - 1];
    const supersededAt = newer?.created ?? seen?.supersededAt;
    if (supersededAt === undefined) {
      return [
        { version, verdict: 'suspected', because: 'it is not known since when it is no longer current' },
      ];
    }
    if (!(daysBetween(supersededAt, now) < KEEP_ENABLED_DAYS)) return [];
    return [
      {
        version,
        verdict,
        because: `it was current until ${supersededAt.slice(0, 10)}, less than 28 days ago`,
      },
    ];
  });
}

/** Each version once, though two pins may name it. */
export function uniqueVersions(versions: DisabledVersion[]): DisabledVersion[] {
  return versions.filter(
    ({ version }, index) =>
      versions.findIndex((other) => sameVersion(other.version.version, version.version)) === index,
  );
}

/** Versions that earlier readings showed and this key lacks: it is another key of the same name. */
export function missingVersions(key: KeyFact, remembered: Remembered): RememberedVersion[] {
  if (remembered.key === undefined || remembered.key.name.toLowerCase() !== key.name.toLowerCase()) return [];
  return remembered.key.versions.filter(
    (seen) => !key.versions.some((version) => sameVersion(version.version, seen.version)),
  );
}

export function sameVersion(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** When it was disabled is not told: no later than now, and about when it was last seen enabled. */
function disabledWhenFresh(
  version: KeyVersionFact,
  seen: RememberedVersion | undefined,
  now: string,
): boolean {
  if (version.created === undefined) return false;
  const disabledAbout = seen === undefined ? now : (seen.lastEnabledAt ?? seen.firstSeenAt);
  return daysBetween(version.created, disabledAbout) < FRESH_DAYS;
}

/** How long environments may use a version after it was replaced (Power Platform docs: customer-managed key). */
export const KEEP_ENABLED_DAYS = 28;
const FRESH_DAYS = 1;
