import { KEEP_ENABLED_DAYS } from '../../facts/keep-enabled.ts';
import { azCommand } from '../az-command.ts';
import { addDays, daysBetween } from '../days.ts';
import { versionEvidence } from '../key-steps.ts';
import { byVersion, unlistedBecause } from '../key-versions.ts';
import { CMK_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * After a rotation, environments may use the older version for up to 28 days (CMK page). Someone should check
 * before the end of that period that every environment uses the new version: afterwards the older version may
 * be disabled.
 */
export const olderVersionLeaves28Days: Advisory = {
  id: 'older-version-leaves-28-days',
  words: 'The 28 days for which an older key version must stay enabled end within 7 days',
  link: CMK_PAGE,
  severities: ['info'],
  judge(facts, history, { now }) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    const self = olderVersionLeaves28Days;
    if (facts.key.state !== 'known')
      return unreadableAdvisory(self, scope, 'Which versions the key has is', facts.key);
    const { readAt, value: key } = facts.key;
    if (!subject.pins.includes(undefined)) {
      return absent(self, scope, 'The policy names one key version, so no older one is in use.');
    }
    const seen = byVersion(history.key?.versions ?? []);
    const older = key.versions.slice(1).map((version, index) => {
      const before = seen.get(version.version.toLowerCase());
      const supersededAt = key.versions[index]?.created ?? before?.supersededAt;
      return { ...version, supersededAt, endsAt: addDays(supersededAt, KEEP_ENABLED_DAYS) };
    });
    const ending = older.filter(({ enabled, endsAt }) => {
      const left = daysBetween(now, endsAt ?? '');
      return enabled && left > 0 && left <= SOON_DAYS;
    });
    const [first] = ending;
    if (first === undefined) {
      const unlisted = unlistedBecause(key, history.key);
      if (unlisted)
        return unknownAdvisory(self, scope, `Whether an older version is in use: ${unlisted.detail}`);
      // Versions that were dropped from the history are past their 28 days.
      const isOpen = !history.key?.olderLeftOut;
      if (isOpen && older.some(({ enabled, endsAt }) => enabled && endsAt === undefined))
        return unknownAdvisory(self, scope, 'Since when an older version is no longer current is not known.');
      return absent(self, scope, 'No older version is about to leave its 28 days.');
    }
    return present(self, scope, {
      summary: `Until ${first.endsAt} the older version ${first.version} of the key ${key.name} must stay enabled; see before then that every environment runs on the new one.`,
      evidence: versionEvidence(
        scope,
        readAt,
        ending,
        ({ supersededAt }) => `enabled = true, current until ${supersededAt}`,
      ),
      remediation: [
        {
          text: `Leave the version ${first.version} enabled until ${first.endsAt} at least. Then see in the Power Platform admin center that every environment of the policy runs, before anyone disables it.`,
          command: azCommand(
            'keyvault key list-versions',
            ['--vault-name', subject.vaultName],
            ['--name', subject.keyName],
            ['--subscription', subject.subscriptionId],
          ),
          portal: `Key vaults → ${subject.vaultName ?? 'the vault'} → Keys → ${key.name}`,
          link: CMK_PAGE,
        },
      ],
    });
  },
};

const SOON_DAYS = 7;
