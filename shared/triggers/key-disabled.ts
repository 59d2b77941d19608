import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { disabledVersion } from './asserted-key.ts';
import { KEY_DISABLING } from './changing-operations.ts';
import { NO_EVENT_OF_KEYS, VAULT_LOG } from './detection-sources.ts';
import type { Trigger } from './finding.ts';
import { enableVersion, versionEvidence, versionSteps } from './key-steps.ts';
import { keyIsDisabled, neededButDisabled, neededUnlistedBecause, uniqueVersions } from './key-versions.ts';
import { LOCK_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { subjectOf } from './subject.ts';

/**
 * The version in use and all others are disabled. One disabled among enabled ones is `key-version-disabled`.
 */
export const keyDisabled: Trigger<'key-disabled'> = {
  id: 'key-disabled',
  words: 'Disabling the encryption key',
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
  assertedBy: (assertion, signal, history) =>
    disabledVersion(assertion, signal, history)?.isOlder === false ? {} : undefined,
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history, options) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known') return unreadableFinding('key-disabled', scope, 'The key', facts.key);
    const { value: key, readAt } = facts.key;
    const evidence = versionEvidence(scope, readAt, key.versions, ({ enabled }) => `enabled = ${enabled}`);
    const pins = subject.pins.filter((pin) => keyIsDisabled(key, pin));
    if (pins.length === 0) {
      const unlisted = neededUnlistedBecause(key, subject.pins, history.key);
      if (unlisted && !key.versions.some(({ enabled }) => enabled)) {
        return unknownFinding(
          'key-disabled',
          scope,
          `Whether another version is enabled: ${unlisted.detail}`,
          evidence,
        );
      }
      return clear('key-disabled', scope, `The key ${key.name} has an enabled version.`, evidence);
    }
    const needed = uniqueVersions(
      pins.flatMap((pin) => neededButDisabled(key, pin, history.key, options.now)),
    );
    return {
      trigger: 'key-disabled',
      verdict: 'revoked',
      summary: `The key ${key.name} is disabled: none of its versions is enabled.`,
      evidence,
      remediation: versionSteps(subject, needed, ({ version }) => [enableVersion(subject, version.version)]),
      scope,
    };
  },
};
