import type { Facts, KeyVersionFact } from '../facts/facts.ts';
import { KEEP_ENABLED_DAYS } from '../facts/keep-enabled.ts';
import { daysBetween } from './days.ts';
import type { HistoricVersion, History } from './history.ts';
import { byVersion, replacedAt, unlistedBecause, usedVersion } from './key-versions.ts';
import { mayStartAnew } from './may-start-anew.ts';
import type { Subject } from './subject.ts';
import { hasExpired, isEarly } from './version-faults.ts';

/** The versions in use that this reading shows: one, or two where the policy was moved off a faulty one. */
export function usedVersions(facts: Facts, subject: Subject): KeyVersionFact[] {
  if (facts.key.state !== 'known') return [];
  const key = facts.key.value;
  return unique(subject.pins.map((pin) => usedVersion(key, pin)).filter((version) => version !== undefined));
}

/**
 * The versions in use, and every older one that was current, and already outside its validity dates, when a
 * newer one was created: a new version does not unlock data that the old one locked (Power Platform docs:
 * Lock environments).
 */
export function versionsInNeed(facts: Facts, subject: Subject, history: History): KeyVersionFact[] {
  const used = usedVersions(facts, subject);
  if (facts.key.state !== 'known') return used;
  const { value: key } = facts.key;
  const { versions } = key;
  const newestInUse = versions.findIndex((version) => used.includes(version));
  const seen = byVersion(history.key?.versions ?? []);
  const isWhole = unlistedBecause(key, history.key) === undefined;
  const replaced = versions.filter((version, index) => {
    const before = seen.get(version.version.toLowerCase());
    const at = replacedAt(versions, index, before, isWhole);
    if (newestInUse < 0 || index <= newestInUse || at === undefined) return false;
    return wasReplacedInVain(version, at, before, facts, history);
  });
  return unique([...used, ...replaced]);
}

/** Only where an earlier reading saw it in use: a policy created later was never encrypted with it. */
function wasReplacedInVain(
  version: KeyVersionFact,
  at: string,
  seen: HistoricVersion | undefined,
  facts: Facts,
  history: History,
): boolean {
  if (!(Date.parse(seen?.firstSeenAt ?? '') <= Date.parse(at))) return false;
  if (!hasExpired(version, at) && !isEarly(version, at)) return false;
  if (!(daysBetween(at, facts.key.readAt) < KEEP_ENABLED_DAYS)) return false;
  return !mayStartAnew(facts, history, at);
}

function unique(versions: KeyVersionFact[]): KeyVersionFact[] {
  return [...byVersion(versions).values()];
}
