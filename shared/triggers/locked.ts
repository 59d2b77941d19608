import type { Facts } from '../facts/facts.ts';
import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { type Source, VAULT_LOG } from './detection-sources.ts';
import { type EffectHistory, isAfter } from './effect-history.ts';
import type { Evidence, Finding, Trigger } from './finding.ts';
import type { History } from './history.ts';
import { LOCK_PAGE } from './links.ts';
import { lockedSteps } from './locked-steps.ts';
import { clear, unreadableFinding } from './make-finding.ts';
import { MAX_PROPAGATION_MS } from './propagation.ts';
import { type Witness, witnessesOf } from './witnesses.ts';

const LOCK_DOCUMENT: Source = {
  document: 'Lock environments by revoking key vault access',
  section: 'Lock environments',
  link: LOCK_PAGE,
};

/**
 * The effect without a cause: environments that turned disabled together, a policy that turned Unhealthy,
 * unwraps refused to the policy's own identity (Power Platform docs: Lock environments). One witness makes a
 * suspicion, two make a lock. Where another trigger explains them, `foldLock` gives them to it.
 */
export const locked: Trigger<'locked'> = {
  id: 'locked',
  words: 'A lock of the environments whose cause no reading shows',
  link: LOCK_PAGE,
  about: 'effect',
  detectionSources: {
    needs: ['policy'],
    event: { shows: [], because: 'Azure raises no event when environments lock', sources: [LOCK_DOCUMENT] },
    audit: { shows: [AUDIT_OPERATION.KeyUnwrap], sources: [VAULT_LOG] },
  },
  // One list may be wrong: a lock that no reading explains needs another one that shows it (`lock-signs.ts`).
  listsNeeded: 2,
  alwaysRaisesEvent: false,
  operations: { change: [], propagationMs: 0 },
  hides: null,
  assertedBy: null,
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history, { now }) {
    const scope = facts.policyId;
    const witnesses = witnessesOf(history, now);
    if (facts.policy.state === 'unknown' && witnesses.length === 0)
      return unreadableFinding('locked', scope, 'The policy', facts.policy);
    const isHeld = witnesses.every(({ kind }) => kind === 'environments');
    const others = isHeld ? formerOthers(history.effect, now) : undefined;
    if (others === 'over' || (witnesses.length === 0 && others === undefined))
      return clear('locked', scope, summaryOfClear(history), evidenceOfClear(facts));
    return tripped(facts, history, witnesses, others === 'leaving');
  },
};

/** `isLeaving`: another witness was there less than 15 minutes ago. Beside the environments it counts as one. */
function tripped(facts: Facts, history: History, witnesses: readonly Witness[], isLeaving: boolean): Finding {
  const [only] = witnesses;
  const isProven = witnesses.length > 1 || (witnesses.length === 1 && isLeaving);
  const said = witnesses.map(({ says }) => says);
  if (isLeaving) said.push(`the policy's health or the vault's log showed it until ${goneAt(history)}`);
  const finding: Finding = {
    trigger: 'locked',
    verdict: isProven ? 'revoked' : 'suspected',
    summary: summaryOf(witnesses, isProven, said.join('; '), history),
    evidence: witnesses.length > 0 ? witnesses.flatMap(({ evidence }) => evidence) : evidenceOfClear(facts),
    remediation: lockedSteps(facts, history),
    scope: facts.policyId,
    // Two witnesses leave nothing that a third one would add.
    subject: isProven ? Object.values(SUBJECTS) : witnesses.map(({ kind }) => SUBJECTS[kind]),
  };
  if (!isProven && only?.kind === 'environments' && history.effect?.down?.count === 1)
    finding.level = 'warning';
  return finding;
}

const SUBJECTS: Readonly<Record<Witness['kind'], string>> = {
  environments: 'environments disabled',
  health: 'policy Unhealthy',
  unwraps: 'unwraps refused',
};

function goneAt({ effect }: Pick<History, 'effect'>): string {
  return effect?.others?.goneAt ?? 'just now';
}

function summaryOf(
  witnesses: readonly Witness[],
  isProven: boolean,
  said: string,
  { effect }: History,
): string {
  const [only] = witnesses;
  const outside = effect?.down?.outside ?? 0;
  const others =
    witnesses.some(({ kind }) => kind === 'environments') && outside > 0
      ? ` ${outside === 1 ? 'An environment' : `${outside} environments`} outside this policy turned disabled in the same time, as all of a tenant do when a subscription expires.`
      : '';
  const sentence = `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
  if (isProven) return `The environments are locked, and no reading of the key shows why: ${said}.${others}`;
  if (!only)
    return `What pointed to a lock is gone since ${goneAt({ effect })}; it counts as over after 15 minutes.`;
  if (only.kind === 'environments' && effect?.down?.count === 1)
    return `${sentence} No reading of the key shows why. An administrator, missing capacity or inactivity is likely: each disables single environments.${others}`;
  return `${sentence} No reading of the key shows why, and nothing else points to a lock.${others}`;
}

/**
 * A witness other than the environments was there. `over`: for 15 minutes it has not been, so the lock has
 * ended, and environments that are still disabled wait to be enabled. Undefined: there was none.
 */
function formerOthers(effect: EffectHistory | undefined, now: string): 'leaving' | 'over' | undefined {
  const { others, down, lossEndedAt } = effect ?? {};
  if (others?.goneAt === undefined || (lossEndedAt !== undefined && !isAfter(others.at, lossEndedAt)))
    return undefined;
  if (!isAfter(now, others.goneAt, MAX_PROPAGATION_MS)) return 'leaving';
  return down && isAfter(down.since, others.goneAt, MAX_PROPAGATION_MS) ? undefined : 'over';
}

function summaryOfClear({ effect }: History): string {
  return effect?.down
    ? 'The environments are disabled, and nothing points to a lock that is still there.'
    : 'Nothing points to a lock without a known cause.';
}

function evidenceOfClear({ policy, policyId, environments }: Facts): Evidence[] {
  const health = policy.state === 'known' ? (policy.value.healthStatus ?? 'not reported') : 'not read';
  const list =
    environments.state === 'known' ? `, ${environments.value.environments.length} environments listed` : '';
  return [
    { text: `Enterprise policy: healthStatus = ${health}${list}`, source: policyId, readAt: policy.readAt },
  ];
}
