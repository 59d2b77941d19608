import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { disabledVersion } from './asserted-key.ts';
import { KEY_DISABLING } from './changing-operations.ts';
import { NO_EVENT_OF_KEYS, VAULT_LOG } from './detection-sources.ts';
import type { Trigger } from './finding.ts';
import { versionItems } from './finding-subject.ts';
import { enableVersion, versionEvidence, versionSteps } from './key-steps.ts';
import {
  type DisabledVersion,
  keyIsDisabled,
  neededButDisabled,
  neededUnlistedBecause,
  uniqueVersions,
} from './key-versions.ts';
import { LOCK_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { subjectOf } from './subject.ts';

/**
 * One version disabled among enabled ones. Where none is enabled, `key-disabled` reports it and this follows
 * from it.
 */
export const keyVersionDisabled: Trigger<'key-version-disabled'> = {
  id: 'key-version-disabled',
  words: 'Disabling the key version',
  link: LOCK_PAGE,
  about: 'key',
  detectionSources: {
    needs: ['key'],
    event: NO_EVENT_OF_KEYS,
    audit: { shows: [AUDIT_OPERATION.KeyUpdate], sources: [VAULT_LOG] },
  },
  alwaysRaisesEvent: false,
  operations: KEY_DISABLING,
  hides: null,
  assertedBy: (assertion, signal, history) => {
    const { version, isOlder } = disabledVersion(assertion, signal, history) ?? {};
    if (version === undefined || !isOlder) return undefined;
    return { subject: versionItems([{ version, isInUse: false }]) };
  },
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history, options) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known')
      return unreadableFinding('key-version-disabled', scope, 'The key', facts.key);
    const { value: key, readAt } = facts.key;
    if (subject.pins.some((pin) => keyIsDisabled(key, pin))) {
      const why = 'Not known: follows from key-disabled.';
      return { ...unknownFinding('key-version-disabled', scope, why), follows: 'key-disabled' };
    }
    const disabled = uniqueVersions(
      subject.pins.flatMap((pin) => neededButDisabled(key, pin, history.key, options.now)),
    );
    const [first] = disabled;
    if (first === undefined) {
      const evidence = [{ text: `Key versions: ${key.versions.length} read`, source: scope, readAt }];
      const unlisted = neededUnlistedBecause(key, subject.pins, history.key);
      if (unlisted) {
        const why = `Whether a version that environments may need is disabled: ${unlisted.detail}`;
        return unknownFinding('key-version-disabled', scope, why, evidence);
      }
      return clear(
        'key-version-disabled',
        scope,
        `No disabled version of the key ${key.name} is needed by itself.`,
        evidence,
      );
    }
    const worst = disabled.find(({ verdict }) => verdict === 'revoked') ?? first;
    const { verdict } = worst;
    return {
      trigger: 'key-version-disabled',
      verdict,
      summary: summaryOf(worst, disabled.length - 1, key.name),
      evidence: versionEvidence(
        scope,
        readAt,
        disabled.map(({ version, because }) => ({ ...version, because })),
        ({ created, because }) => `enabled = false, created ${created ?? 'at a time not told'}; ${because}`,
      ),
      remediation: versionSteps(subject, disabled, ({ version }) => [
        enableVersion(subject, version.version),
      ]),
      scope,
      // People were notified of revoked versions only, so a version that is only suspected is not among them.
      subject: versionItems(
        disabled
          .filter((one) => one.verdict === verdict)
          .map(({ version, isInUse }) => ({ version: version.version, isInUse })),
      ),
    };
  },
};

function summaryOf({ version, because, verdict }: DisabledVersion, more: number, key: string): string {
  const others = more === 0 ? '' : ` (and ${more} more)`;
  const doubt = verdict === 'suspected' ? ' Whether Power Platform had taken it up is not known.' : '';
  return `The version ${version.version}${others} of the key ${key} is disabled, and environments may need it: ${because}.${doubt}`;
}
