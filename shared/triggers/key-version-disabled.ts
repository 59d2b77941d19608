import type { Trigger } from './finding.ts';
import { enableVersion } from './key-steps.ts';
import { keyIsDisabled, neededButDisabled, uniqueVersions } from './key-versions.ts';
import { LOCK_PAGE } from './links.ts';
import { clear, unknown, unreadable } from './make-finding.ts';
import { subjectOf } from './subject.ts';
import { NO_EVENT_OF_KEYS, VAULT_LOG } from './ways.ts';

/** One version disabled among enabled ones. Where none is enabled, `key-disabled` speaks, and this follows from it. */
export const keyVersionDisabled: Trigger = {
  id: 'key-version-disabled',
  words: 'Disabling the key version',
  link: LOCK_PAGE,
  about: 'key',
  ways: {
    needs: ['key'],
    event: NO_EVENT_OF_KEYS,
    audit: { shows: ['KeyUpdate'], sources: [VAULT_LOG] },
  },
  judge(facts, remembered, options) {
    const subject = subjectOf(facts, remembered);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known') return unreadable('key-version-disabled', scope, 'The key', facts.key);
    const { value: key, readAt } = facts.key;
    if (subject.pins.some((pin) => keyIsDisabled(key, pin))) {
      const why = 'Not known: follows from key-disabled.';
      return { ...unknown('key-version-disabled', scope, why), follows: 'key-disabled' };
    }
    const memory = remembered.key?.versions ?? [];
    const disabled = uniqueVersions(
      subject.pins.flatMap((pin) => neededButDisabled(key, pin, memory, options.now)),
    );
    const [first] = disabled;
    if (first === undefined) {
      return clear(
        'key-version-disabled',
        scope,
        `No disabled version of the key ${key.name} is needed by itself.`,
        [{ text: `Key versions: ${key.versions.length} read`, source: scope, readAt }],
      );
    }
    const worst = disabled.find(({ verdict }) => verdict === 'revoked') ?? first;
    return {
      trigger: 'key-version-disabled',
      verdict: worst.verdict,
      summary: `The version ${worst.version.version} of the key ${key.name} is disabled, and environments may need it: ${worst.because}.${
        worst.verdict === 'suspected' ? ' Whether Power Platform had taken it up is not known.' : ''
      }`,
      evidence: disabled.map(({ version, because }) => ({
        text: `Key version ${version.version}: enabled = false, created ${version.created ?? 'at a time not told'}; ${because}`,
        source: `${scope}/versions/${version.version}`,
        readAt,
      })),
      undo: disabled.map(({ version }) => enableVersion(subject, version.version)),
      scope,
    };
  },
};
