import { addDays, daysBetween, startOfDay } from '../days.ts';
import { rightTo, setAttributes, versionInPortal } from '../key-steps.ts';
import { CMK_PAGE, KEYS_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import { usedVersions } from '../used-versions.ts';
import { hasExpired } from '../version-faults.ts';
import type { Advisory, Severity } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * Days ahead, nearest first. Key Vault itself sends one event, 30 days before (Key Vault as Event Grid
 * source).
 */
const STEPS: readonly { days: number; severity: Severity }[] = [
  { days: 1, severity: 'urgent' },
  { days: 3, severity: 'urgent' },
  { days: 7, severity: 'warning' },
  { days: 14, severity: 'warning' },
  { days: 30, severity: 'info' },
];

/** The version in use will expire. After that, the trigger `key-expired` reports it. */
export const keyExpiring: Advisory = {
  id: 'key-expiring',
  words: 'The key version in use expires within 30 days (steps: 30, 14, 7, 3 and 1 day)',
  link: CMK_PAGE,
  severities: ['info', 'warning', 'urgent'],
  judge(facts, history, { now }) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state !== 'known')
      return unreadableAdvisory(keyExpiring, scope, 'When the key expires is', facts.key);
    const { readAt, value } = facts.key;
    const used = usedVersions(facts, subject);
    const evidence = used.map(({ version, expires }) => ({
      text: `Key version ${version}: expires = ${expires ?? 'never'}`,
      source: `${scope}/versions/${version}`,
      readAt,
    }));
    if (used.length === 0) return unknownAdvisory(keyExpiring, scope, NOT_THERE);
    const ahead = used
      .map((version) => ({ version, days: daysBetween(now, version.expires ?? '') }))
      .filter(({ days }) => days > 0)
      .sort((a, b) => a.days - b.days);
    const [next] = ahead;
    const step = next && STEPS.find(({ days }) => next.days <= days);
    if (next === undefined || step === undefined) {
      const isOver = used.some((version) => hasExpired(version, now));
      const summary = isOver
        ? `The version in use of the key ${value.name} has expired: that is the trigger key-expired.`
        : `The version in use of the key ${value.name} does not expire within 30 days.`;
      return absent(keyExpiring, scope, summary, evidence);
    }
    const { version, expires } = next.version;
    const until = addDays(now, 365);
    return present(keyExpiring, scope, {
      severity: step.severity,
      step: step.days,
      summary: `The version ${version} of the key ${value.name} expires on ${expires}, in ${inDays(next.days)}: then every environment whose policy uses it goes offline.`,
      evidence,
      remediation: [
        {
          text: `Move the expiry date of the version ${version} into the future (a year in this command; choose your own). To rotate instead, make the new version well before that date and keep this one enabled for 28 days. ${rightTo(subject, 'Update')}`,
          command: until && setAttributes(subject, version, ['--expires', startOfDay(until)]),
          portal: `${versionInPortal(subject, version)} → Set expiration date → Save`,
          link: KEYS_PAGE,
        },
      ],
    });
  },
};

const NOT_THERE = 'The version that the policy names is not among those of the key.';

function inDays(days: number): string {
  const whole = Math.floor(days);
  if (whole < 1) return 'less than a day';
  return whole === 1 ? '1 day' : `${whole} days`;
}
