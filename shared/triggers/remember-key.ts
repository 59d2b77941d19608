import type { Facts, KeyFact, KeyVersionFact } from '../facts/facts.ts';
import type { Remembered, RememberedVersion } from './finding.ts';
import { missingVersions, sameVersion } from './key-versions.ts';
import { mayStartAnew } from './may-start-anew.ts';

/** The key's versions after this reading. A key made anew under the same name adds nothing to them. */
export function rememberKey(memory: Remembered, facts: Facts): Remembered['key'] {
  const before = memory.key;
  const { key } = facts;
  if (key.state === 'unknown') return before;
  if (key.state === 'gone') return before && { ...before, goneAt: before.goneAt ?? key.readAt };
  const expected = memory.policy?.keyName;
  if (expected !== undefined && expected.toLowerCase() !== key.value.name.toLowerCase()) return before;
  const known = before?.name.toLowerCase() === key.value.name.toLowerCase() ? before : undefined;
  if (known !== undefined && missingVersions(key.value, memory).length > 0) {
    if (!mayStartAnew(facts, memory, known.seenAt)) return { ...known, goneAt: known.goneAt ?? key.readAt };
    return seen(key.value, [], key.readAt);
  }
  return seen(key.value, known?.versions ?? [], key.readAt);
}

function seen(key: KeyFact, earlier: RememberedVersion[], readAt: string): Remembered['key'] {
  const versions = key.versions.map((version, index) => {
    const before = earlier.find((one) => sameVersion(one.version, version.version));
    return seenVersion(version, before, key.versions[index - 1], readAt);
  });
  return { name: key.name, versions, seenAt: readAt };
}

function seenVersion(
  version: KeyVersionFact,
  before: RememberedVersion | undefined,
  newer: KeyVersionFact | undefined,
  readAt: string,
): RememberedVersion {
  const lastEnabledAt = version.enabled ? readAt : before?.lastEnabledAt;
  // Without `created`, the first reading that showed a newer version is the nearest that is known.
  const supersededAt = newer && (newer.created ?? before?.supersededAt ?? readAt);
  return {
    ...version,
    // Told for the version in use only: of one that was, the last that was told is kept.
    kty: version.kty ?? before?.kty,
    keyOps: version.keyOps ?? before?.keyOps,
    keySize: version.keySize ?? before?.keySize,
    firstSeenAt: before?.firstSeenAt ?? readAt,
    lastSeenAt: readAt,
    ...(lastEnabledAt === undefined ? {} : { lastEnabledAt }),
    ...(supersededAt === undefined ? {} : { supersededAt }),
  };
}
