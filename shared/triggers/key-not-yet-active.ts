import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { KEY_CHANGES } from './changing-operations.ts';
import { addDays, startOfDay } from './days.ts';
import { ONLY_NEW_VERSIONS, VAULT_LOG } from './detection-sources.ts';
import type { Trigger } from './finding.ts';
import { versionItems } from './finding-subject.ts';
import { rightTo, setAttributes, versionEvidence, versionInPortal, versionSteps } from './key-steps.ts';
import { neededUnlistedBecause } from './key-versions.ts';
import { CMK_PAGE, KEYS_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { subjectOf } from './subject.ts';
import { usedVersions, versionsInNeed } from './used-versions.ts';
import { isEarly } from './version-faults.ts';

/** Beyond the lock page's list: before its activation date a key can't be used to wrap and unwrap. */
export const keyNotYetActive: Trigger<'key-not-yet-active'> = {
  id: 'key-not-yet-active',
  words: 'Setting an activation date in the future on the encryption key',
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
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history, options) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known')
      return unreadableFinding('key-not-yet-active', scope, 'The key', facts.key);
    const { readAt, value } = facts.key;
    const used = versionsInNeed(facts, subject, history);
    const inUse = usedVersions(facts, subject);
    const evidence = versionEvidence(
      scope,
      readAt,
      used,
      ({ notBefore }) => `notBefore = ${notBefore ?? 'none'}`,
    );
    const early = used.filter((version) => isEarly(version, options.now));
    const [first] = early;
    if (first === undefined) {
      const unlisted = neededUnlistedBecause(value, subject.pins, history.key);
      if (unlisted) {
        const why = `Whether a version that environments may need is not active yet: ${unlisted.detail}`;
        return unknownFinding('key-not-yet-active', scope, why, evidence);
      }
      return clear(
        'key-not-yet-active',
        scope,
        `The version in use of the key ${value.name} is active.`,
        evidence,
      );
    }
    const from = addDays(options.now, 0);
    return {
      trigger: 'key-not-yet-active',
      verdict: 'revoked',
      summary: `The version ${first.version} of the key ${value.name} can't be used before ${first.notBefore}.`,
      evidence,
      remediation: versionSteps(subject, early, ({ version }) => [
        {
          text: `Set the activation date of the version ${version} to a time that has passed (the beginning of today in this command, UTC). ${rightTo(subject, 'Update')}`,
          command: from && setAttributes(subject, version, ['--not-before', startOfDay(from)]),
          portal: `${versionInPortal(subject, version)} → Set activation date → Save`,
          link: KEYS_PAGE,
        },
      ]),
      scope,
      subject: versionItems(
        early.map((one) => ({
          version: one.version,
          isInUse: inUse.includes(one),
          fault: `, not before ${one.notBefore}`,
        })),
      ),
    };
  },
};
