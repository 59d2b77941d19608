import type { Facts, KeyVersionFact } from '../facts/facts.ts';
import { sameVersion, usedVersion } from './key-versions.ts';
import type { Subject } from './subject.ts';

/** The versions in use that this reading shows: one, or two where the policy was moved off a faulty one. */
export function usedVersions(facts: Facts, subject: Subject): KeyVersionFact[] {
  if (facts.key.state !== 'known') return [];
  const key = facts.key.value;
  const used = subject.pins.map((pin) => usedVersion(key, pin)).filter((version) => version !== undefined);
  return used.filter(
    (version, index) => used.findIndex((other) => sameVersion(other.version, version.version)) === index,
  );
}
