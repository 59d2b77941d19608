import type { KeyVersionFact } from '../facts/facts.ts';
import type { Trigger, UndoStep } from './finding.ts';
import { setAttributes, versionInPortal } from './key-steps.ts';
import { CMK_PAGE, KEYS_PAGE } from './links.ts';
import { clear, unreadable } from './make-finding.ts';
import { type Subject, subjectOf } from './subject.ts';
import { usedVersions } from './used-versions.ts';

/**
 * Beyond the lock page's list: the key must be RSA or RSA-HSM of 2048 or 3072 bits, and allow wrapKey and unwrapKey
 * (Power Platform docs: customer-managed key). What Azure doesn't tell is not judged.
 */
export const keyUnusable: Trigger = {
  id: 'key-unusable',
  words: 'Changing the encryption key so that it can no longer wrap and unwrap',
  link: CMK_PAGE,
  about: 'key',
  judge(facts, remembered) {
    const subject = subjectOf(facts, remembered);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known') return unreadable('key-unusable', scope, 'The key', facts.key);
    const { readAt, value } = facts.key;
    const used = usedVersions(facts, subject);
    const evidence = used.map((version) => ({
      text: `Key version ${version.version}: ${told(version)}`,
      source: `${scope}/versions/${version.version}`,
      readAt,
    }));
    const faulty = used.filter((version) => faultsOf(version).length > 0);
    const [first] = faulty;
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
      summary: `The version ${first.version} of the key ${value.name} can't be used: ${faultsOf(first).join(', ')}.`,
      evidence,
      undo: faulty.flatMap((version) => undo(subject, version)),
      scope,
    };
  },
};

const NEEDED_OPERATIONS = ['wrapKey', 'unwrapKey'];
/** What `az keyvault key set-attributes --ops` accepts; anything else in the list would make the command fail. */
const OPERATIONS = ['encrypt', 'decrypt', 'sign', 'verify', ...NEEDED_OPERATIONS, 'import', 'export'];

function told({ kty, keySize, keyOps }: KeyVersionFact): string {
  return `type ${kty ?? 'not told'}, size ${keySize ?? 'not told'}, operations ${keyOps ? `[${keyOps.join(', ')}]` : 'not told'}`;
}

function faultsOf(version: KeyVersionFact): string[] {
  return [...materialFaults(version), ...missingOperations(version).map((one) => `it does not allow ${one}`)];
}

function materialFaults({ kty, keySize }: KeyVersionFact): string[] {
  const faults: string[] = [];
  if (kty !== undefined && !['rsa', 'rsa-hsm'].includes(kty.toLowerCase())) {
    faults.push(`its type is ${kty}, not RSA or RSA-HSM`);
  }
  if (keySize !== undefined && keySize !== 2048 && keySize !== 3072) {
    faults.push(`its size is ${keySize}, not 2048 or 3072`);
  }
  return faults;
}

function missingOperations({ keyOps }: KeyVersionFact): string[] {
  if (keyOps === undefined) return [];
  const allowed = keyOps.map((one) => one.toLowerCase());
  return NEEDED_OPERATIONS.filter((one) => !allowed.includes(one.toLowerCase()));
}

function undo(subject: Subject, version: KeyVersionFact): UndoStep[] {
  const steps: UndoStep[] = [];
  if (missingOperations(version).length > 0) {
    const kept = (version.keyOps ?? []).map((one) => one.toLowerCase());
    const all = OPERATIONS.filter(
      (one) => NEEDED_OPERATIONS.includes(one) || kept.includes(one.toLowerCase()),
    );
    steps.push({
      text: `Allow the operations wrapKey and unwrapKey on the version ${version.version}.`,
      command: setAttributes(subject, version.version, ['--ops', ...all]),
      portal: `${versionInPortal(subject, version.version)} → Permitted operations: Wrap Key, Unwrap Key → Save`,
      link: KEYS_PAGE,
    });
  }
  if (materialFaults(version).length > 0) {
    steps.push({
      text: "A key's type and size can't be changed: bring back the original key, and have the enterprise policy name it. If that can't be done, ask Microsoft Support.",
      portal: `Key vaults → ${subject.vaultName ?? 'the vault'} → Keys`,
      link: CMK_PAGE,
    });
  }
  return steps;
}
