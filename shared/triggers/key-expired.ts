import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { VAULT_EVENT } from '../signals/operation-names.ts';
import { KEY_CHANGES } from './changing-operations.ts';
import { addDays, startOfDay } from './days.ts';
import { VAULT_EVENTS, VAULT_EVENTS_WARNING, VAULT_LOG } from './detection-sources.ts';
import type { Trigger } from './finding.ts';
import { versionItems } from './finding-subject.ts';
import { rightTo, setAttributes, versionEvidence, versionInPortal, versionSteps } from './key-steps.ts';
import { neededUnlistedBecause } from './key-versions.ts';
import { CMK_PAGE, KEYS_PAGE } from './links.ts';
import { lockSigns } from './lock-signs.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { subjectOf } from './subject.ts';
import { usedVersions, versionsInNeed } from './used-versions.ts';
import { hasExpired } from './version-faults.ts';
import { witnessesOf } from './witnesses.ts';

/**
 * Beyond the lock page's list: a key past its expiry date can't be used to wrap and unwrap (CMK page, key
 * requirements).
 */
export const keyExpired: Trigger<'key-expired'> = {
  id: 'key-expired',
  words: 'Letting the encryption key expire',
  link: CMK_PAGE,
  about: 'key',
  detectionSources: {
    needs: ['key'],
    event: {
      shows: [VAULT_EVENT.keyExpired],
      but: 'only for the current version, and only where it was made after the event subscription',
      sources: [VAULT_EVENTS, VAULT_EVENTS_WARNING],
    },
    audit: {
      shows: [AUDIT_OPERATION.KeyUpdate],
      but: 'not that a date is reached: only that the date was changed',
      sources: [VAULT_LOG],
    },
  },
  alwaysRaisesEvent: false,
  operations: { change: [...KEY_CHANGES, VAULT_EVENT.keyExpired], propagationMs: 0 },
  hides: null,
  assertedBy: null,
  isUndoneByPeople: true,
  causedByTime: {
    inShort: 'the key expired',
    reported: 'Azure told of the expiry',
    inFull:
      "the key reached the expiry date that it was given. Who gave it is in the vault's audit log (AuditEvent), if one is kept.",
  },
  judge(facts, history, options) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known') return unreadableFinding('key-expired', scope, 'The key', facts.key);
    const { readAt, value } = facts.key;
    const used = versionsInNeed(facts, subject, history);
    const inUse = usedVersions(facts, subject);
    const evidence = versionEvidence(scope, readAt, used, ({ expires }) => `expires = ${expires ?? 'never'}`);
    const expired = used.filter((version) => hasExpired(version, options.now));
    const [first] = expired;
    if (first === undefined) {
      const unlisted = neededUnlistedBecause(value, subject.pins, history.key);
      if (unlisted) {
        const why = `Whether a version that environments may need has expired: ${unlisted.detail}`;
        return unknownFinding('key-expired', scope, why, evidence);
      }
      return clear(
        'key-expired',
        scope,
        `The version in use of the key ${value.name} has not expired.`,
        evidence,
      );
    }
    const until = addDays(options.now, 365);
    // Whether the lock comes at that instant is not published.
    const isSeen = lockSigns(facts).length > 0 || witnessesOf(history, options.now).length > 0;
    const effect = isSeen ? 'its environments are down' : 'environments that use it go down';
    return {
      trigger: 'key-expired',
      verdict: 'revoked',
      summary: `The version ${first.version} of the key ${value.name} expired on ${first.expires}: ${effect}.`,
      evidence,
      remediation: versionSteps(subject, expired, ({ version }) => [
        {
          text: `Move the expiry date of the version ${version} into the future (a year in this command; choose your own), then plan the rotation. A new version in its place does not unlock the environments. ${rightTo(subject, 'Update')}`,
          command: until && setAttributes(subject, version, ['--expires', startOfDay(until)]),
          portal: `${versionInPortal(subject, version)} → Set expiration date → Save`,
          link: KEYS_PAGE,
        },
      ]),
      scope,
      subject: versionItems(
        expired.map((one) => ({
          version: one.version,
          isInUse: inUse.includes(one),
          fault: `, expired on ${one.expires}`,
        })),
      ),
    };
  },
};
