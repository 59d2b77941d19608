import { azCommand } from '../az-command.ts';
import type { RemediationStep } from '../finding.ts';
import { CMK_PAGE } from '../links.ts';
import { type Subject, subjectOf } from '../subject.ts';
import { usedVersions } from '../used-versions.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';
import { ROTATION_PAGE } from './pages.ts';

/** The version in use has an expiry date, and no rotation policy creates another version in time. */
export const expiryWithoutRotation: Advisory = {
  id: 'expiry-without-rotation',
  words: 'The key version in use expires some day, and nothing rotates the key',
  link: ROTATION_PAGE,
  severities: ['warning'],
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    const self = expiryWithoutRotation;
    if (facts.key.state !== 'known')
      return unreadableAdvisory(self, scope, 'Whether the key expires is', facts.key);
    const { readAt, value } = facts.key;
    const used = usedVersions(facts, subject);
    if (used.length === 0) {
      return unknownAdvisory(self, scope, 'The version that the policy names is not among those of the key.');
    }
    const ending = used.filter(({ expires }) => expires !== undefined);
    const evidence = ending.map(({ version, expires }) => ({
      text: `Key version ${version}: expires = ${expires}`,
      source: `${scope}/versions/${version}`,
      readAt,
    }));
    const [first] = ending;
    if (first === undefined) {
      return absent(self, scope, `The version in use of the key ${value.name} has no expiry date.`);
    }
    const pinned = subject.policy?.keyVersion !== undefined;
    if (pinned) {
      return present(self, scope, {
        summary: `The policy names the version ${first.version} of the key ${value.name}, which expires on ${first.expires}: no rotation replaces a version that is named.`,
        evidence,
        remediation: [letPolicyFollow(subject)],
      });
    }
    const rotation = facts.protection?.rotation;
    if (rotation?.state !== 'known')
      return unreadableAdvisory(self, scope, 'Whether the key is rotated is', rotation);
    evidence.push({
      text: `Rotation policy: ${rotation.value.rotates ? rotationWords(rotation.value) : 'none that rotates'}`,
      source: scope,
      readAt: rotation.readAt,
    });
    if (rotation.value.rotates) {
      return absent(self, scope, `Key Vault rotates the key ${value.name} by itself.`, evidence);
    }
    return present(self, scope, {
      summary: `The version ${first.version} of the key ${value.name} expires on ${first.expires}, and no rotation policy makes another one before.`,
      evidence,
      remediation: [setRotation(subject)],
    });
  },
};

function rotationWords(rotation: { timeAfterCreate?: string; timeBeforeExpiry?: string }): string {
  if (rotation.timeAfterCreate !== undefined) return `rotates ${rotation.timeAfterCreate} after its making`;
  return `rotates ${rotation.timeBeforeExpiry ?? 'at a time not told'} before its expiry`;
}

function setRotation(subject: Subject): RemediationStep {
  return {
    text: 'Give the key a rotation policy, in a file rotation.json: {"lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P60D"},"action":{"type":"Rotate"}}],"attributes":{"expiryTime":"P1Y"}}. 60 days leave the older version its 28 days.',
    command: azCommand(
      'keyvault key rotation-policy update',
      ['--vault-name', subject.vaultName],
      ['--name', subject.keyName],
      ['--value', 'rotation.json'],
      ['--subscription', subject.subscriptionId],
    ),
    portal: `Key vaults → ${subject.vaultName ?? 'the vault'} → Keys → ${subject.keyName ?? 'the key'} → Rotation policy → Enable auto rotation`,
    link: ROTATION_PAGE,
  };
}

function letPolicyFollow(subject: Subject): RemediationStep {
  return {
    text: 'Plan the change of the version in the enterprise policy well before that date, or let the policy follow the current version; look at how it stands now.',
    command: azCommand('resource show', ['--ids', subject.policyId], ['--query', 'properties.encryption']),
    portal: `Enterprise policies → ${subject.policyName} → Encryption`,
    link: CMK_PAGE,
  };
}
