import type { Facts } from '../facts/facts.ts';
import { withFeasibleSteps } from './feasible-steps.ts';
import type { Finding, JudgeOptions, Trigger, TriggerId, Verdict } from './finding.ts';
import { foldLock } from './fold-lock.ts';
import type { History } from './history.ts';
import { unknownFinding } from './make-finding.ts';
import { TRIGGERS } from './register.ts';
import { policyRepointed, type Subject, subjectOf } from './subject.ts';

/**
 * The findings for one reading: one per trigger, in the register's order, root cause first. Below a resource
 * that is gone, every finding is `unknown` and names the cause that it follows from. Pure; never throws for
 * read data. `history` includes
 * this reading already (`updateHistory`).
 */
export function judge(
  facts: Facts,
  history: History,
  options: JudgeOptions,
  triggers: readonly Trigger[] = TRIGGERS,
): Finding[] {
  return withFeasibleSteps(judgeFacts(facts, history, options, triggers), subjectOf(facts, history));
}

/** The same for who shows no steps: whether a person could take them where they are is not looked at. */
export function judgeFacts(
  facts: Facts,
  history: History,
  options: JudgeOptions,
  triggers: readonly Trigger[] = TRIGGERS,
): Finding[] {
  const subject = subjectOf(facts, history);
  const hiding = TRIGGERS.filter(({ hides }) => hides?.while(facts, history));
  const findings = triggers.map(
    (trigger) =>
      standsBelow(trigger, { facts, history, subject, hiding }) ?? trigger.judge(facts, history, options),
  );
  return foldLock(findings, history, options.now);
}

/**
 * The worst verdict of the findings. A finding that follows from another trigger adds nothing to that
 * trigger's own.
 */
export function overallVerdict(findings: readonly Finding[]): Verdict {
  const decision = findings.filter(({ follows }) => follows === undefined);
  const worst: Verdict[] = ['revoked', 'suspected', 'unknown'];
  const found = worst.find((verdict) => decision.some((finding) => finding.verdict === verdict));
  return found ?? (decision.length > 0 ? 'clear' : 'unknown');
}

/** The finding that explains the rest: the first one revoked, else the first one suspected. */
export function rootCause(findings: readonly Finding[]): Finding | undefined {
  return (
    findings.find(({ verdict }) => verdict === 'revoked') ??
    findings.find(({ verdict }) => verdict === 'suspected')
  );
}

interface Judged {
  facts: Facts;
  history: History;
  subject: Subject;
  /** The triggers that explain what is below their resource. */
  hiding: readonly Trigger[];
}

/**
 * The finding of a trigger that can't be judged, since its subject is below a resource that is gone or
 * unsupported.
 */
function standsBelow(
  trigger: Trigger,
  { facts, history, subject, hiding: all }: Judged,
): Finding | undefined {
  const { policy } = subject;
  const scope = SCOPES[trigger.about](subject) ?? facts.policyId;
  if (policy?.managedHsm) {
    return unknownFinding(
      trigger.id,
      scope,
      'Not supported: the key of this policy lies in a Managed HSM (notSupported).',
    );
  }
  if (trigger.about === 'policy') return undefined;
  const hiding = all.find(({ id, hides }) => id !== trigger.id && hides?.about.includes(trigger.about));
  if (hiding?.about === 'policy') return follows(trigger.id, scope, hiding.id);
  if (facts.policy.state === 'known' && policyRepointed(facts.policy.value, history.policy)) {
    return unknownFinding(
      trigger.id,
      scope,
      `The policy was moved to another key while its original one could not be used. What unlocks the environments is the original key: ${history.policy?.keyName ?? 'not known'} in ${history.policy?.vaultId ?? 'a vault not known'}.`,
    );
  }
  if (policy === undefined && trigger.about !== 'effect') {
    return unknownFinding(
      trigger.id,
      scope,
      'Which vault and key the policy uses is not known: it could never be read.',
    );
  }
  return hiding && follows(trigger.id, scope, hiding.id);
}

/** The resource that has the fault, as far down as it is known; else the policy. */
const SCOPES: Readonly<Record<Trigger['about'], (subject: Subject) => string | undefined>> = {
  policy: () => undefined,
  effect: () => undefined,
  vault: ({ vaultId }) => vaultId,
  key: ({ keyId, vaultId }) => keyId ?? vaultId,
  permission: () => undefined,
  network: ({ vaultId }) => vaultId,
};

function follows(trigger: TriggerId, scope: string, from: TriggerId): Finding {
  return { ...unknownFinding(trigger, scope, `Not known: follows from ${from}.`), follows: from };
}
