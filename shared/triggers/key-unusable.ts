import type { KeyFact, KeyVersionFact } from '../facts/facts.ts';
import { latelyReplaced } from '../facts/keep-enabled.ts';
import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { KEY_CHANGES } from './changing-operations.ts';
import { ONLY_NEW_VERSIONS, VAULT_LOG } from './detection-sources.ts';
import type { RemediationStep, Trigger } from './finding.ts';
import type { History } from './history.ts';
import { rightTo, setAttributes, versionInPortal } from './key-steps.ts';
import { byVersion, neededUnlistedBecause, unlistedBecause } from './key-versions.ts';
import { CMK_PAGE, KEYS_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { type Subject, subjectOf } from './subject.ts';
import { usedVersions } from './used-versions.ts';
import { materialFaults, missingOperations, NEEDED_OPERATIONS, unusableBecause } from './version-faults.ts';

/**
 * Beyond the lock page's list: the key must be RSA or RSA-HSM of 2048 or 3072 bits, and allow wrapKey and
 * unwrapKey (Power Platform docs: customer-managed key). Operations that could not be read are neither
 * allowed nor missing.
 */
export const keyUnusable: Trigger<'key-unusable'> = {
  id: 'key-unusable',
  words: 'Changing the encryption key so that it can no longer wrap and unwrap',
  link: CMK_PAGE,
  about: 'key',
  detectionSources: {
    needs: ['key'],
    event: ONLY_NEW_VERSIONS,
    audit: {
      shows: [AUDIT_OPERATION.KeyUpdate, AUDIT_OPERATION.KeyCreate, AUDIT_OPERATION.KeyImport],
      sources: [VAULT_LOG],
    },
  },
  alwaysRaisesEvent: false,
  operations: { change: KEY_CHANGES, propagationMs: 0 },
  hides: null,
  assertedBy: null,
  /** A vault that refuses the details of a version leaves its allowed operations unread. */
  lastReadAt: ({ key }) =>
    key?.versions.some(({ keyOps }) => keyOps !== undefined) ? key.seenAt : undefined,
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history, { now }) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known') return unreadableFinding('key-unusable', scope, 'The key', facts.key);
    const { readAt, value } = facts.key;
    const inUse = usedVersions(facts, subject);
    const used = [...inUse, ...replacedInNeed(value, inUse, subject, history, now)];
    const evidence = used.map((version) => ({
      text: `Key version ${version.version}: ${settingsOf(version)}`,
      source: `${scope}/versions/${version.version}`,
      readAt,
    }));
    const faulty = used.filter((version) => unusableBecause(version).length > 0);
    const [first] = faulty;
    // A previous version that was never seen faulty is presumed to be as it was made.
    const seen = byVersion(history.key?.versions ?? []);
    const unclear = used.find((version) => {
      const before = seen.get(version.version.toLowerCase());
      const isOpen = inUse.includes(version) || (before !== undefined && unusableBecause(before).length > 0);
      return version.keyOps === undefined && isOpen;
    });
    const unlisted =
      inUse.length < subject.pins.length
        ? neededUnlistedBecause(value, subject.pins, history.key)
        : undefined;
    if (first === undefined && unlisted !== undefined) {
      return unknownFinding(
        'key-unusable',
        scope,
        `What a version in use may do: ${unlisted.detail}`,
        evidence,
      );
    }
    if (first === undefined && unclear !== undefined) {
      const why = `What the version ${unclear.version} of the key ${value.name} may do is not told.`;
      return unknownFinding('key-unusable', scope, why, evidence);
    }
    if (first === undefined) {
      return clear(
        'key-unusable',
        scope,
        `The version in use of the key ${value.name} can wrap and unwrap.`,
        evidence,
      );
    }
    return {
      trigger: 'key-unusable',
      verdict: 'revoked',
      summary: `The version ${first.version} of the key ${value.name} can't be used: ${unusableBecause(first).join(', ')}.${inUse.includes(first) ? '' : ' It was replaced less than 28 days ago, and environments may still need it.'}`,
      evidence,
      remediation: faulty.flatMap((version) => remediation(subject, version)),
      scope,
      subject: faulty.flatMap((version) =>
        unusableBecause(version).map((fault) => `version ${version.version.toLowerCase()}: ${fault}`),
      ),
    };
  },
};

/**
 * Previous versions that environments may still use. One that is disabled is reported by `key-version-disabled`.
 */
function replacedInNeed(
  key: KeyFact,
  inUse: readonly KeyVersionFact[],
  { pins }: Subject,
  history: History,
  now: string,
): KeyVersionFact[] {
  if (!pins.includes(undefined) || unlistedBecause(key, history.key) !== undefined) return [];
  return latelyReplaced(key.versions, now).filter((version) => !inUse.includes(version));
}

/**
 * What `az keyvault key set-attributes --ops` accepts; anything else in the list would make the command fail.
 */
const OPERATIONS = ['encrypt', 'decrypt', 'sign', 'verify', ...NEEDED_OPERATIONS, 'import', 'export'];

function settingsOf({ kty, keySize, keyOps }: KeyVersionFact): string {
  return `type ${kty ?? 'not told'}, size ${keySize ?? 'not told'}, operations ${keyOps ? `[${keyOps.join(', ')}]` : 'not told'}`;
}

function remediation(subject: Subject, version: KeyVersionFact): RemediationStep[] {
  const steps: RemediationStep[] = [];
  if (missingOperations(version).length > 0) {
    const kept = (version.keyOps ?? []).map((one) => one.toLowerCase());
    const all = OPERATIONS.filter(
      (one) => NEEDED_OPERATIONS.includes(one) || kept.includes(one.toLowerCase()),
    );
    steps.push({
      text: `Allow the operations wrapKey and unwrapKey on the version ${version.version}. ${rightTo(subject, 'Update')}`,
      command: setAttributes(subject, version.version, ['--ops', ...all]),
      portal: `${versionInPortal(subject, version.version)} → Permitted operations: Wrap Key, Unwrap Key → Save`,
      link: KEYS_PAGE,
    });
  }
  if (materialFaults(version).length > 0) {
    steps.push({
      text: "A key's type and size can't be changed: bring back the original key, and have the enterprise policy name it. If that can't be done, ask Microsoft Support. It needs Key Vault Crypto Officer on the vault, and Contributor on the enterprise policy.",
      portal: `Key vaults → ${subject.vaultName ?? 'the vault'} → Keys`,
      link: CMK_PAGE,
    });
  }
  return steps;
}
