import type { KeyFact, KeyVersionFact } from '../facts/facts.ts';
import { KEEP_ENABLED_DAYS } from '../facts/keep-enabled.ts';
import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { KEY_CHANGES } from './changing-operations.ts';
import { addDays, daysBetween, startOfDay } from './days.ts';
import { ONLY_NEW_VERSIONS, VAULT_LOG } from './detection-sources.ts';
import type { JudgeOptions, Trigger } from './finding.ts';
import { versionItems } from './finding-subject.ts';
import type { History } from './history.ts';
import { rightTo, setAttributes, versionEvidence, versionInPortal, versionSteps } from './key-steps.ts';
import { byVersion, neededUnlistedBecause } from './key-versions.ts';
import { CMK_PAGE, KEYS_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { subjectOf } from './subject.ts';
import { usedVersions, versionsInNeed } from './used-versions.ts';
import { hasExpired, isEarly, unusableBecause } from './version-faults.ts';

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
    const isDoubtful = early.every((version) =>
      replacesUsable(version, value, subject.pins, history, options),
    );
    const summary = `The version ${first.version} of the key ${value.name} can't be used before ${first.notBefore}.`;
    return {
      trigger: 'key-not-yet-active',
      verdict: isDoubtful ? 'suspected' : 'revoked',
      summary: isDoubtful
        ? `${summary} It is new, and the version before it is usable: whether Power Platform has taken up the new one is not known.`
        : summary,
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

/**
 * A new current version that never was active, after one that is usable: Power Platform may go on with that one,
 * which must stay enabled for 28 days (Power Platform docs: customer-managed key).
 */
function replacesUsable(
  version: KeyVersionFact,
  { versions }: KeyFact,
  pins: readonly (string | undefined)[],
  { key: memory }: History,
  { now }: JudgeOptions,
): boolean {
  if (version !== versions[0] || pins.some((pin) => pin !== undefined)) return false;
  if (version.created === undefined || !(daysBetween(version.created, now) < KEEP_ENABLED_DAYS)) return false;
  const seen = byVersion(memory?.versions ?? []).get(version.version.toLowerCase());
  const previous = versions[1];
  if (seen?.activeAt !== undefined || previous === undefined || !previous.enabled) return false;
  return !hasExpired(previous, now) && !isEarly(previous, now) && unusableBecause(previous).length === 0;
}
