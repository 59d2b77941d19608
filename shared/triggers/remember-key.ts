import type { Facts, KeyFact, KeyVersionFact } from '../facts/facts.ts';
import { KEEP_ENABLED_DAYS } from '../facts/keep-enabled.ts';
import { daysBetween } from './days.ts';
import type { HistoricVersion, History } from './history.ts';
import { byVersion, listingOf } from './key-versions.ts';
import { mayStartAnew } from './may-start-anew.ts';
import { subjectOf } from './subject.ts';
import { hasExpired, isEarly } from './version-faults.ts';

type RememberedKey = NonNullable<History['key']>;

/** The key's versions after this reading. A key recreated under the same name adds nothing to them. */
export function rememberKey(memory: History, facts: Facts): History['key'] {
  const before = memory.key;
  const { key } = facts;
  if (key.state === 'unknown') return before;
  if (key.state === 'gone') return before && { ...before, goneAt: before.goneAt ?? key.readAt };
  const expected = memory.policy?.keyName;
  if (expected !== undefined && expected.toLowerCase() !== key.value.name.toLowerCase()) return before;
  const { pins } = subjectOf(facts, memory);
  const known = before?.name.toLowerCase() === key.value.name.toLowerCase() ? before : undefined;
  const { is, missing } = listingOf(key.value, known);
  if (known !== undefined && is === 'replaced') {
    if (!mayStartAnew(facts, memory, known.seenAt)) return { ...known, goneAt: known.goneAt ?? key.readAt };
    return withReading(key.value, undefined, pins, key.readAt);
  }
  if (known !== undefined && is === 'incomplete') {
    // An incomplete list proves neither that the original key is back, nor that this is another key of the
    // same name.
    if (known.goneAt !== undefined || missing.length === known.versions.length) return known;
  }
  return withReading(key.value, known, pins, key.readAt);
}

function withReading(
  key: KeyFact,
  known: RememberedKey | undefined,
  pins: readonly (string | undefined)[],
  readAt: string,
): RememberedKey {
  const earlier = byVersion(known?.versions ?? []);
  const versions = wholeList(key, earlier);
  // A list with a gap removes nothing: without those that show the gap, the same list again would look like
  // another key of the same name.
  const isGap = !key.incomplete && versions.some(({ isListed }) => !isListed);
  const candidates: Candidate[] = [];
  let unproven = 0;
  for (const [index, { version, isListed }] of versions.entries()) {
    const id = version.version.toLowerCase();
    const before = earlier.get(id);
    const newer = versions[index - 1]?.version;
    const isInUse = pins.some((pin) => (pin === undefined ? index === 0 : pin.toLowerCase() === id));
    // Without `created`, the first reading that showed a newer version is the best known time.
    const replacedAt = key.incomplete ? before?.supersededAt : newer?.created;
    const supersededAt = newer && (replacedAt ?? newer.created ?? before?.supersededAt ?? readAt);
    if (!isInUse && supersededAt !== undefined) {
      // In an incomplete list, the newer version is not known to be the next one.
      if (key.incomplete && !before) {
        unproven += 1;
        continue;
      }
      // It was dropped when its 28 days were over, and no other data says when it was replaced.
      if (known?.olderLeftOut && !before && newer?.created === undefined) continue;
      if (!(isGap && before) && !(daysBetween(supersededAt, readAt) < KEEP_ENABLED_DAYS)) continue;
    }
    const rank = isInUse ? 0 : isFaulty(version, supersededAt) ? 1 : 2;
    candidates.push({ version, isListed, before, supersededAt, rank });
  }
  const kept = mostNeeded(candidates).map((one) => rememberedVersion(one, readAt));
  const isAnyLeftOut = kept.length + unproven < versions.length || known?.olderLeftOut === true;
  const history: RememberedKey = { name: key.name, versions: kept, seenAt: readAt };
  return isAnyLeftOut ? { ...history, olderLeftOut: true } : history;
}

function isFaulty(version: KeyVersionFact, supersededAt = ''): boolean {
  return !version.enabled || hasExpired(version, supersededAt) || isEarly(version, supersededAt);
}

interface Candidate {
  version: KeyVersionFact;
  isListed: boolean;
  before: HistoricVersion | undefined;
  supersededAt: string | undefined;
  rank: number;
}

/**
 * A policy's row must not grow with its key: Key Vault limits neither the number of versions nor their rate.
 */
const MAX_REMEMBERED_VERSIONS = 20;

/** Versions in use first, then faulty ones, then the newest; the result is in list order. */
function mostNeeded(candidates: readonly Candidate[]): Candidate[] {
  if (candidates.length <= MAX_REMEMBERED_VERSIONS) return [...candidates];
  const kept = new Set(candidates.toSorted((a, b) => a.rank - b.rank).slice(0, MAX_REMEMBERED_VERSIONS));
  return candidates.filter((one) => kept.has(one));
}

/**
 * The versions as listed; if the list is incomplete, together with those known from earlier readings, newest
 * first.
 */
function wholeList(key: KeyFact, earlier: ReadonlyMap<string, HistoricVersion>): ListedVersion[] {
  const there = byVersion(key.versions);
  const unlisted = [...earlier].filter(([id]) => !there.has(id)).map(([, version]) => version);
  if (!key.incomplete && unlisted.length === 0)
    return key.versions.map((version) => ({ version, isListed: true }));
  const listed = key.versions.map((version) => ({ version: filledIn(version, earlier), isListed: true }));
  if (!key.incomplete) return inKnownOrder(listed, earlier);
  return [...listed, ...unlisted.map((version) => ({ version, isListed: false }))].sort(newestFirst);
}

/**
 * A list with a gap tells nothing of the order of those that are known: the earlier readings' stays, so the
 * same list again has the same gap. New versions are placed by their time.
 */
function inKnownOrder(
  listed: readonly ListedVersion[],
  earlier: ReadonlyMap<string, HistoricVersion>,
): ListedVersion[] {
  const byId = new Map(listed.map((one) => [one.version.version.toLowerCase(), one]));
  const ordered = [...earlier].map(([id, version]) => byId.get(id) ?? { version, isListed: false });
  for (const one of listed) {
    if (earlier.has(one.version.version.toLowerCase())) continue;
    const older = ordered.findIndex((other) => newestFirst(one, other) < 0);
    ordered.splice(older < 0 ? ordered.length : older, 0, one);
  }
  return ordered;
}

interface ListedVersion {
  version: KeyVersionFact;
  isListed: boolean;
}

function newestFirst(a: ListedVersion, b: ListedVersion): number {
  return byText(b.version.created ?? '', a.version.created ?? '');
}

/**
 * The answer for a key that is disabled as a whole says nothing about its versions: their times stay
 * unchanged.
 */
function filledIn(version: KeyVersionFact, earlier: ReadonlyMap<string, HistoricVersion>): KeyVersionFact {
  const before = version.created === undefined ? earlier.get(version.version.toLowerCase()) : undefined;
  if (before?.created === undefined) return version;
  const { created, notBefore, expires } = before;
  return {
    ...version,
    created,
    notBefore: version.notBefore ?? notBefore,
    expires: version.expires ?? expires,
  };
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function rememberedVersion(
  { version, isListed, before, supersededAt }: Candidate,
  readAt: string,
): HistoricVersion {
  const superseded = supersededAt === undefined ? {} : { supersededAt };
  if (!isListed && before) return { ...before, ...superseded };
  const activeAt = isEarly(version, readAt) ? before?.activeAt : (before?.activeAt ?? readAt);
  const lastEnabledAt = version.enabled ? readAt : before?.lastEnabledAt;
  return {
    ...version,
    // Reported for the version in use only: a version that was in use keeps the last reported value.
    kty: version.kty ?? before?.kty,
    keyOps: version.keyOps ?? before?.keyOps,
    keySize: version.keySize ?? before?.keySize,
    firstSeenAt: before?.firstSeenAt ?? readAt,
    lastSeenAt: readAt,
    ...(activeAt === undefined ? {} : { activeAt }),
    ...(lastEnabledAt === undefined ? {} : { lastEnabledAt }),
    ...superseded,
  };
}
