import type { Facts } from '../facts/facts.ts';
import type { Finding, History, JudgeOptions, Trigger, TriggerId, Verdict } from './finding.ts';
import { keyIsGone } from './key-deleted.ts';
import { unknownFinding } from './make-finding.ts';
import { policyIsGone } from './policy-deleted.ts';
import { TRIGGERS } from './register.ts';
import { updateHistory } from './remember.ts';
import { policyRepointed, subjectOf } from './subject.ts';

/**
 * The findings for one reading: one per trigger, in the register's order, root cause first. Below a resource
 * that is gone, every finding is `unknown` and names the cause that it follows from. Pure; never throws for
 * read data.
 *
 * The history may or may not include this reading already: it is applied here first, and applying it twice
 * has the same result as applying it once.
 */
export function judge(
  facts: Facts,
  history: History,
  options: JudgeOptions,
  triggers: readonly Trigger[] = TRIGGERS,
): Finding[] {
  const memory = updateHistory(history, facts);
  return triggers.map(
    (trigger) => standsBelow(trigger, facts, memory) ?? trigger.judge(facts, memory, options),
  );
}

/**
 * The worst verdict of the findings. A finding that follows from another trigger adds nothing to that
 * trigger's own.
 */
export function overallVerdict(findings: readonly Finding[]): Verdict {
  const decision = findings.filter(({ follows }) => follows === undefined);
  const worst: Verdict[] = ['revoked', 'suspected', 'unknown'];
  const said = worst.find((verdict) => decision.some((finding) => finding.verdict === verdict));
  return said ?? (decision.length > 0 ? 'clear' : 'unknown');
}

/** The finding that explains the rest: the first one revoked, else the first one suspected. */
export function rootCause(findings: readonly Finding[]): Finding | undefined {
  return (
    findings.find(({ verdict }) => verdict === 'revoked') ??
    findings.find(({ verdict }) => verdict === 'suspected')
  );
}

/**
 * The finding of a trigger that can't be judged, since its subject is below a resource that is gone or
 * unsupported.
 */
function standsBelow(trigger: Trigger, facts: Facts, memory: History): Finding | undefined {
  const { policy, vaultId, keyId } = subjectOf(facts, memory);
  const keyScope = trigger.about === 'key' ? keyId : undefined;
  const aboutPolicy = trigger.about === 'policy' || trigger.about === 'permission';
  const scope = (aboutPolicy ? undefined : (keyScope ?? vaultId)) ?? facts.policyId;
  if (policy?.managedHsm) {
    return unknownFinding(
      trigger.id,
      scope,
      'Not supported: the key of this policy lies in a Managed HSM (notSupported).',
    );
  }
  if (trigger.about === 'policy') return undefined;
  if (policyIsGone(facts, memory)) return follows(trigger.id, scope, 'policy-deleted');
  if (facts.policy.state === 'known' && policyRepointed(facts.policy.value, memory.policy)) {
    return unknownFinding(
      trigger.id,
      scope,
      `The policy was moved to another key while its original one could not be used. What unlocks the environments is the original key: ${memory.policy?.keyName ?? 'not known'} in ${memory.policy?.vaultId ?? 'a vault not known'}.`,
    );
  }
  if (policy === undefined) {
    return unknownFinding(
      trigger.id,
      scope,
      'Which vault and key the policy uses is not known: it could never be read.',
    );
  }
  if (trigger.about === 'vault') return undefined;
  if (facts.vault.state === 'gone') return follows(trigger.id, scope, 'vault-deleted');
  if (trigger.about === 'key' && trigger.id !== 'key-deleted' && keyIsGone(facts, memory)) {
    return follows(trigger.id, scope, 'key-deleted');
  }
  return undefined;
}

function follows(trigger: TriggerId, scope: string, from: TriggerId): Finding {
  return { ...unknownFinding(trigger, scope, `Not known: follows from ${from}.`), follows: from };
}
