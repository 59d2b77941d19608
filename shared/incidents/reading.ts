import { sameId } from '../azure/arm-id.ts';
import type { Unknown } from '../azure/part.ts';
import type { Facts } from '../facts/facts.ts';
import type { Signal } from '../signals/signal.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { Finding, Remembered } from '../triggers/finding.ts';
import { overallVerdict } from '../triggers/judge.ts';
import { neededUnlistedBecause } from '../triggers/key-versions.ts';
import { linkedMembers } from './environments.ts';
import type { Head } from './incident.ts';
import { lastSignals, signalSources } from './last-signals.ts';
import { stillSettled } from './muted-causes.ts';
import { settlesAt } from './provisional-reading.ts';
import { hasEnded } from './silence.ts';
import { pastOrIgnored } from './stored-time.ts';

/** One reading of one policy, judged: all that a decision stands on besides the head. */
export interface JudgedReading {
  facts: Facts;
  findings: Finding[];
  /** What is remembered after this reading. */
  remembered: Remembered;
  /** The signals that led to it; empty for the sweep's. */
  signals: Signal[];
  /** One per advisory, where the reading looked for what they stand on. */
  advisories?: AdvisoryFinding[];
  /** ISO 8601. */
  now: string;
}

/** A caller's bug: parts of a reading that don't belong together, or a time that is none. */
export class BadReading extends Error {
  override readonly name = 'BadReading';
}

/** Throws `BadReading` unless head and reading are of one policy, with real times and one finding per trigger. */
export function assertReading(
  head: Head | undefined,
  { facts, findings, remembered, now }: JudgedReading,
): void {
  const { policyId } = facts;
  if (!sameId(policyId, remembered.policyId)) {
    throw new BadReading(`The facts are of ${policyId}, the memory of ${remembered.policyId}.`);
  }
  if (head && !sameId(policyId, head.policyId)) {
    throw new BadReading(`The facts are of ${policyId}, the head of ${head.policyId}.`);
  }
  for (const time of [facts.readAt, now]) {
    if (Number.isNaN(Date.parse(time))) throw new BadReading(`'${time.slice(0, 40)}' is no time.`);
  }
  const triggers = new Set(findings.map(({ trigger }) => trigger));
  if (triggers.size !== findings.length) throw new BadReading('A trigger has more than one finding.');
  if (head?.incident && (head.incident.state === 'closed' || head.incident.state === 'dismissed')) {
    throw new BadReading(
      `The head of ${policyId} holds the incident ${head.incident.id} as open, but it is over.`,
    );
  }
}

/** Clocks of one cloud stand seconds apart at most. What is stored as read so much later than now, a wrong clock read. */
const WRONG_CLOCK_MS = 10 * 60_000;

/** Older than what is known. What a clock that ran ahead left behind does not outweigh every reading until then. */
export function isOlder(facts: Facts, head: Head, now: string): boolean {
  const readAt = pastOrIgnored(head.readAt, now, WRONG_CLOCK_MS);
  return readAt !== undefined && Date.parse(facts.readAt) < Date.parse(readAt);
}

/** What the head row tells of a reading, apart from the incident. */
export function headOf(
  head: Head | undefined,
  reading: JudgedReading,
  findings: Finding[],
): Omit<Head, 'incident'> {
  const { facts, remembered } = reading;
  return {
    policyId: facts.policyId,
    verdict: overallVerdict(findings),
    findings,
    readAt: facts.readAt,
    parts: partsOf(facts, remembered),
    remembered,
    sequence: head?.sequence ?? 0,
    supported: isSupported(facts, remembered),
    warnings: warningsOf(facts, remembered, findings),
    ...settlingOf(head, reading),
    ...advisoriesOf(head, reading),
    ...lastSignalsOf(head, reading),
    ...stillSettled(head, findings),
    ...keptOf(head, reading),
  };
}

/** What no reading changes. A silence that ended stays until it has been told that it did. */
function keptOf(head: Head | undefined, { now }: JudgedReading): Pick<Head, 'silences' | 'turns'> {
  const kept: Pick<Head, 'silences' | 'turns'> = {};
  const silences = head?.silences?.filter((silence) => head.incident || !hasEnded(silence, now)) ?? [];
  if (silences.length > 0) kept.silences = silences;
  if (head?.turns) kept.turns = head.turns;
  return kept;
}

function settlingOf(head: Head | undefined, { signals, now }: JudgedReading): Pick<Head, 'settlesAt'> {
  const settles = settlesAt(head, signals, now);
  return settles === undefined ? {} : { settlesAt: settles };
}

function lastSignalsOf(head: Head | undefined, reading: JudgedReading): Pick<Head, 'lastSignals'> {
  const sources = signalSources(reading.facts.policyId, reading.remembered);
  const last = lastSignals(head?.lastSignals, sources, reading);
  return last ? { lastSignals: last } : {};
}

/** Most readings look for none: then the last known ones stay, with their age. */
function advisoriesOf(
  head: Head | undefined,
  { facts, remembered, advisories }: JudgedReading,
): Pick<Head, 'advisories'> {
  if (!advisories) return head?.advisories ? { advisories: head.advisories } : {};
  // Of a policy that is not supported nearly everything is unknown, and its own remark says so.
  const told = isSupported(facts, remembered) ? ['present', 'unknown'] : ['present'];
  const findings = advisories.filter(({ verdict }) => told.includes(verdict));
  return { advisories: { readAt: facts.readAt, findings } };
}

/** A Managed HSM is listed and never judged. */
export function isSupported(facts: Facts, remembered: Remembered): boolean {
  const policy = facts.policy.state === 'known' ? facts.policy.value : remembered.policy;
  return policy?.managedHsm !== true;
}

function partsOf(facts: Facts, remembered: Remembered): Head['parts'] {
  const { policy, vault, deletedVault, permission, environments } = facts;
  const key = unlistedKey(facts, remembered) ?? facts.key;
  const parts = Object.entries({ policy, vault, deletedVault, key, permission, environments });
  return Object.fromEntries(
    parts.map(([name, part]) => {
      if (part.state === 'known') return [name, { state: part.state, readAt: part.readAt }];
      if (part.state === 'gone')
        return [name, { state: part.state, detail: part.detail, readAt: part.readAt }];
      return [name, { state: part.state, reason: part.reason, detail: part.detail, readAt: part.readAt }];
    }),
  );
}

/** A key of which not all versions that matter could be read counts as not readable. */
function unlistedKey({ key }: Facts, remembered: Remembered): Unknown | undefined {
  if (key.state !== 'known' || key.value.disabled) return undefined;
  const { policy } = remembered;
  const unlisted = neededUnlistedBecause(key.value, [policy?.keyVersion], remembered.key);
  return unlisted && { ...unlisted, readAt: key.readAt };
}

function warningsOf(facts: Facts, remembered: Remembered, findings: readonly Finding[]): string[] {
  const warnings: string[] = [];
  if (!isSupported(facts, remembered)) {
    warnings.push(
      'The key of this policy lies in a Managed HSM, which Lockwatch does not support: it is listed, not watched.',
    );
  }
  const { policy } = facts;
  const isUnexplained = findings.every(({ verdict }) => verdict !== 'revoked' && verdict !== 'suspected');
  if (policy.state === 'known' && policy.value.healthStatus === 'Unhealthy' && isUnexplained) {
    warnings.push(UNHEALTHY);
  }
  const members = linkedMembers(remembered);
  if (policy.state === 'gone' && members && members.length === 0) {
    warnings.push(LEFT);
    return warnings;
  }
  if (members && members.length === 0) {
    warnings.push(remembered.environments?.source === 'inventory' ? NOT_IN_INVENTORY : NO_ENVIRONMENTS);
  }
  if (!members)
    warnings.push(`Which environments are linked to this policy is not known${whyUnknown(facts)}`);
  return warnings;
}
/** Judged, not dropped: had environments still named it, it would be an incident. */
const LEFT = 'This policy is gone and no environment names it any more: there is nothing left to watch.';
/** Health is no trigger: it says that something is wrong, not what (Azure REST API: Enterprise Policies). */
const UNHEALTHY =
  'The policy calls itself Unhealthy, though nothing that Lockwatch reads explains it: look at its environments.';
const NO_ENVIRONMENTS = 'No environment is linked to this policy: losing the key would take nothing down.';

const NOT_IN_INVENTORY =
  'The inventory names no environment of this policy. If it has any, add them: until then no notice can name them.';

/** As the end of a sentence. */
export function whyUnknown(facts: Facts): string {
  return facts.environments.state === 'known' ? '.' : `: ${facts.environments.detail}`;
}
