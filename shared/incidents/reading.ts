import { sameId } from '../azure/arm-id.ts';
import type { Unknown } from '../azure/part.ts';
import type { Facts } from '../facts/facts.ts';
import type { Signal } from '../signals/signal.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { Finding } from '../triggers/finding.ts';
import type { History } from '../triggers/history.ts';
import { overallVerdict } from '../triggers/judge.ts';
import { neededUnlistedBecause } from '../triggers/key-versions.ts';
import { isUnhealthy } from '../triggers/lock-signs.ts';
import { isUnhealthyUnwitnessed } from '../triggers/witnesses.ts';
import { mayReturn } from './closing.ts';
import { linkedMembers } from './environments.ts';
import type { PolicyState } from './incident.ts';
import { lastSignals, signalSources } from './last-signals.ts';
import { stillMuted } from './muted-causes.ts';
import { propagationEndsAt } from './provisional-reading.ts';
import { recentSignals } from './recent-signals.ts';
import { hasEnded } from './silence.ts';
import { pastOrIgnored } from './stored-time.ts';

/** One judged reading of one policy: all the input of a decision besides the policy state. */
export interface JudgedReading {
  facts: Facts;
  findings: Finding[];
  /** The history after this reading. */
  history: History;
  /** The signals that led to it; empty for a reading by the sweep. */
  signals: Signal[];
  /** One per advisory, if the reading checked the facts that they need. */
  advisories?: AdvisoryFinding[];
  /**
   * How long after a loss ended a list of environments must be requested to show that no lock follows, in
   * milliseconds.
   */
  closeAfterMs: number;
  /** ISO 8601. */
  now: string;
}

/** A caller's bug: parts of a reading that don't belong together, or an invalid time. */
export class ReadingError extends Error {
  override readonly name = 'ReadingError';
}

/**
 * Throws `ReadingError` unless policy state and reading are of one policy, with real times and one finding
 * per trigger.
 */
export function assertReading(
  policyState: PolicyState | undefined,
  { facts, findings, history, now }: JudgedReading,
): void {
  const { policyId } = facts;
  if (!sameId(policyId, history.policyId)) {
    throw new ReadingError(`The facts are of ${policyId}, the memory of ${history.policyId}.`);
  }
  if (policyState && !sameId(policyId, policyState.policyId)) {
    throw new ReadingError(`The facts are of ${policyId}, the head of ${policyState.policyId}.`);
  }
  for (const time of [facts.readAt, now]) {
    if (Number.isNaN(Date.parse(time))) throw new ReadingError(`'${time.slice(0, 40)}' is no time.`);
  }
  const triggers = new Set(findings.map(({ trigger }) => trigger));
  if (triggers.size !== findings.length) throw new ReadingError('A trigger has more than one finding.');
  if (
    policyState?.incident &&
    (policyState.incident.state === 'closed' || policyState.incident.state === 'dismissed')
  ) {
    throw new ReadingError(
      `The head of ${policyId} holds the incident ${policyState.incident.id} as open, but it is over.`,
    );
  }
}

/**
 * Clocks of one cloud differ by seconds at most. A stored reading time this far in the future comes from a
 * wrong clock.
 */
const WRONG_CLOCK_MS = 10 * 60_000;

/**
 * Whether the reading is older than the known state. A time left by a clock that ran ahead does not outweigh
 * every reading until then.
 */
export function isOlder(facts: Facts, policyState: PolicyState, now: string): boolean {
  const readAt = pastOrIgnored(policyState.readAt, now, WRONG_CLOCK_MS);
  return readAt !== undefined && Date.parse(facts.readAt) < Date.parse(readAt);
}

/** The part of the policy state that comes from a reading, apart from the incident. */
export function policyStateOf(
  policyState: PolicyState | undefined,
  reading: JudgedReading,
  findings: Finding[],
): Omit<PolicyState, 'incident'> {
  const { facts, history } = reading;
  return {
    policyId: facts.policyId,
    verdict: overallVerdict(findings),
    findings,
    readAt: facts.readAt,
    parts: partsOf(facts, history),
    history,
    sequence: policyState?.sequence ?? 0,
    supported: isSupported(facts, history),
    warnings: warningsOf(facts, history, findings, reading.now),
    ...propagationOf(policyState, reading),
    ...advisoriesOf(policyState, reading),
    ...lastSignalsOf(policyState, reading),
    ...stillMuted(policyState, findings),
    ...recentSignals(policyState?.recentSignals, reading),
    ...keptOf(policyState, reading),
  };
}

type KeptField =
  | 'silences'
  | 'silenceRows'
  | 'reportedSilences'
  | 'digestSilences'
  | 'recentTransitions'
  | 'closedIncident';

/** The part that no reading changes. A silence that ended stays until its end has been reported. */
function keptOf(policyState: PolicyState | undefined, { now }: JudgedReading): Pick<PolicyState, KeptField> {
  const kept: ReturnType<typeof keptOf> = {};
  const closed = mayReturn(policyState, now);
  if (closed) kept.closedIncident = closed;
  const silences =
    policyState?.silences?.filter((silence) => policyState.incident || !hasEnded(silence, now)) ?? [];
  if (silences.length > 0) kept.silences = silences;
  if (policyState?.silenceRows) kept.silenceRows = policyState.silenceRows;
  if (policyState?.reportedSilences) kept.reportedSilences = policyState.reportedSilences;
  if (policyState?.digestSilences) kept.digestSilences = policyState.digestSilences;
  if (policyState?.recentTransitions) kept.recentTransitions = policyState.recentTransitions;
  return kept;
}

function propagationOf(
  policyState: PolicyState | undefined,
  { signals, now }: JudgedReading,
): Pick<PolicyState, 'propagationEndsAt'> {
  const endsAt = propagationEndsAt(policyState, signals, now);
  return endsAt === undefined ? {} : { propagationEndsAt: endsAt };
}

function lastSignalsOf(
  policyState: PolicyState | undefined,
  reading: JudgedReading,
): Pick<PolicyState, 'lastSignals'> {
  const sources = signalSources(reading.facts.policyId, reading.history);
  const last = lastSignals(policyState?.lastSignals, sources, reading);
  return last ? { lastSignals: last } : {};
}

/** Most readings don't check advisories: then the last known ones stay, with their age. */
function advisoriesOf(
  policyState: PolicyState | undefined,
  { facts, history, advisories }: JudgedReading,
): Pick<PolicyState, 'advisories'> {
  if (!advisories) return policyState?.advisories ? { advisories: policyState.advisories } : {};
  // For an unsupported policy nearly everything is unknown, and its own remark says so.
  const reported = isSupported(facts, history) ? ['present', 'unknown'] : ['present'];
  const findings = advisories.filter(({ verdict }) => reported.includes(verdict));
  return { advisories: { readAt: facts.readAt, findings } };
}

/** A Managed HSM is listed and never judged. */
export function isSupported(facts: Facts, history: History): boolean {
  const policy = facts.policy.state === 'known' ? facts.policy.value : history.policy;
  return policy?.managedHsm !== true;
}

function partsOf(facts: Facts, history: History): PolicyState['parts'] {
  const { policy, vault, deletedVault, permission, environments } = facts;
  const key = unlistedKey(facts, history) ?? facts.key;
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

/** A key counts as not readable if not all versions that matter could be read. */
function unlistedKey({ key }: Facts, history: History): Unknown | undefined {
  if (key.state !== 'known' || key.value.disabled) return undefined;
  const { policy } = history;
  const unlisted = neededUnlistedBecause(key.value, [policy?.keyVersion], history.key);
  return unlisted && { ...unlisted, readAt: key.readAt };
}

function warningsOf(facts: Facts, history: History, findings: readonly Finding[], now: string): string[] {
  const warnings: string[] = [];
  if (!isSupported(facts, history)) {
    warnings.push(
      'The key of this policy lies in a Managed HSM, which Lockwatch does not support: it is listed, not watched.',
    );
  }
  const { policy } = facts;
  const isUnexplained = findings.every(({ verdict }) => verdict !== 'revoked' && verdict !== 'suspected');
  if (isUnhealthy(facts) && isUnexplained && isUnhealthyUnwitnessed(history, now)) {
    warnings.push(UNHEALTHY);
  }
  const members = linkedMembers(history);
  const isAccounted = history.environments?.unaccounted === undefined;
  if (policy.state === 'gone' && members && members.length === 0 && isAccounted) {
    warnings.push(LEFT);
    return warnings;
  }
  if (members && members.length === 0) {
    warnings.push(history.environments?.source === 'inventory' ? NOT_IN_INVENTORY : NO_ENVIRONMENTS);
  }
  if (!members)
    warnings.push(`Which environments are linked to this policy is not known${whyUnknown(facts)}`);
  return warnings;
}
/** The policy is judged, not dropped: if environments still named it, it would be an incident. */
const LEFT = 'This policy is gone and no environment names it any more: there is nothing left to watch.';

/** The same rule as the advisory `unhealthy-without-lock`; where it is a witness, `locked` speaks. */
const UNHEALTHY =
  'The policy calls itself Unhealthy, though nothing that Lockwatch reads explains it: look at its environments.';
const NO_ENVIRONMENTS =
  'No environment is linked to this policy, as far as Lockwatch can see. It may encrypt data that no list shows, so a loss of its key is reported all the same.';

const NOT_IN_INVENTORY =
  'The inventory names no environment of this policy. If it has any, add them: until then no notice can name them.';

/** As the end of a sentence. */
export function whyUnknown(facts: Facts): string {
  return facts.environments.state === 'known' ? '.' : `: ${facts.environments.detail}`;
}
