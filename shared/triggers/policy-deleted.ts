import { isUnder } from '../azure/arm-id.ts';
import type { Facts } from '../facts/facts.ts';
import { ARM_OPERATION } from '../signals/operation-names.ts';
import { isAbsenceProven } from './absence.ts';
import { azCommand } from './az-command.ts';
import { GROUP_GONE } from './changing-operations.ts';
import { SUBSCRIPTION_EVENTS, VAULT_LOG } from './detection-sources.ts';
import type { Evidence, RemediationStep, Trigger } from './finding.ts';
import type { History } from './history.ts';
import { LOCK_PAGE } from './links.ts';
import { isChanging, isLinked, isUp } from './lock-signs.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { policyMadeAnew, subjectOf } from './subject.ts';

/**
 * ARM refuses to delete a policy that environments link to, so a missing policy matters only while
 * environments still name it. A list that Power Platform created after the policy was first seen gone proves
 * that, unless it shows them running: after an orderly teardown the list is late. An inventory or an older list
 * can only raise a suspicion. A recreated policy has another identity and never counts as the original.
 */
export const policyDeleted: Trigger<'policy-deleted'> = {
  id: 'policy-deleted',
  words: 'Deleting the enterprise policy',
  link: LOCK_PAGE,
  about: 'policy',
  detectionSources: {
    needs: ['policy', 'environments'],
    event: {
      shows: [ARM_OPERATION.policyDelete, ARM_OPERATION.resourceGroupDelete, ARM_OPERATION.resourcesMove],
      sources: [SUBSCRIPTION_EVENTS],
    },
    audit: {
      shows: [],
      because: "the log is the key vault's, and the policy does not lie in it",
      sources: [VAULT_LOG],
    },
  },
  alwaysRaisesEvent: false,
  operations: { change: [ARM_OPERATION.policyDelete, ...GROUP_GONE], propagationMs: 0 },
  hides: { about: ['vault', 'key', 'permission', 'network', 'effect'], while: policyIsGone },
  assertedBy: ({ what, scope }, _signal, { policyId }) =>
    what === 'deleted' && isUnder(policyId, scope) ? {} : undefined,
  isUndoneByPeople: false,
  causedByTime: null,
  judge(facts, history) {
    const scope = facts.policyId;
    if (facts.policy.state === 'unknown') {
      return unreadableFinding('policy-deleted', scope, 'The enterprise policy', facts.policy);
    }
    const { policyName } = subjectOf(facts, history);
    const loss = lossOf(facts, history);
    if (loss === undefined) {
      return clear('policy-deleted', scope, `The enterprise policy ${policyName} is there.`, [
        { text: 'Enterprise policy: read', source: scope, readAt: facts.policy.readAt },
      ]);
    }
    const links = linksOf(facts, history, loss.since);
    const evidence = [loss.evidence, ...links.evidence];
    const summary = `The enterprise policy ${policyName} ${loss.words}; ${links.words}.`;
    if (links.verdict === 'clear') return clear('policy-deleted', scope, summary, evidence);
    if (links.verdict === 'unknown') return unknownFinding('policy-deleted', scope, summary, evidence);
    return {
      trigger: 'policy-deleted',
      verdict: links.verdict,
      summary,
      evidence,
      remediation: remediation(facts.policyId),
      scope,
      subject: facts.policy.state === 'known' ? ['another policy of its name'] : [],
      ...(links.level === undefined ? {} : { level: links.level }),
    };
  },
};

/** True where the policy that environments were linked to no longer exists. */
function policyIsGone(facts: Facts, history: History): boolean {
  return lossOf(facts, history) !== undefined;
}

function lossOf(
  facts: Facts,
  history: History,
): { words: string; since: string; evidence: Evidence } | undefined {
  const { policy } = facts;
  const before = history.policy;
  const since = before?.goneAt ?? policy.readAt;
  if (policy.state === 'gone') {
    const evidence = { text: policy.detail, source: facts.policyId, readAt: policy.readAt };
    return { words: 'is gone', since, evidence };
  }
  if (policy.state !== 'known' || !policyMadeAnew(policy.value, before)) return undefined;
  const identity = `${before?.principalId ?? 'not known'} before, ${policy.value.principalId ?? 'none'} now`;
  return {
    words: 'was deleted, and another of the same name stands in its place, with another identity',
    since,
    evidence: {
      text: `Enterprise policy: principalId ${identity}`,
      source: policy.value.id,
      readAt: policy.readAt,
    },
  };
}

function linksOf(
  facts: Facts,
  history: History,
  goneSince: string,
): {
  verdict: 'revoked' | 'suspected' | 'clear' | 'unknown';
  words: string;
  evidence: Evidence[];
  level?: 'warning';
} {
  if (facts.environments.state !== 'known') {
    const members = history.environments?.members.filter(isLinked);
    const evidence = [{ text: facts.environments.detail, readAt: facts.environments.readAt }];
    if (members?.length === 0) {
      const words = 'no environment named it in the last list, and whether one does now could not be read';
      return { verdict: 'unknown', words, evidence };
    }
    const count = members === undefined ? 'which environments name it' : 'whether these still name it';
    const last = members === undefined ? '' : `${environments(members.length)} named it in the last list; `;
    return { verdict: 'suspected', words: `${last}${count} could not be read`, evidence };
  }
  const { source, asOf, environments: listed } = facts.environments.value;
  const members = listed.filter(isLinked);
  const linked = members.length;
  const evidence = [
    {
      text: `${source === 'inventory' ? 'Inventory' : 'Power Platform'} of ${asOf}: ${environments(linked)} on this policy`,
      readAt: asOf,
    },
  ];
  if (linked === 0) return { ...noLongerNamed(history, goneSince, asOf), evidence };
  if (source === 'inventory') {
    const words = `${environments(linked)} on it by the inventory, which can't tell whether they still are`;
    return { verdict: 'suspected', words, evidence };
  }
  if (Date.parse(asOf) < Date.parse(goneSince)) {
    const words = `${environments(linked)} linked to it in a list that is older than its end`;
    return { verdict: 'suspected', words, evidence };
  }
  const running = members.filter(isUp).length;
  if (running > 0) {
    const words = `${environments(linked)} still linked to it by the list, which may be late, and ${running === linked ? 'all run' : `${running} of them run`}`;
    return { verdict: 'suspected', words, evidence };
  }
  // Unlinking and deleting disable an environment without a lock.
  if (members.every(isChanging))
    return {
      verdict: 'suspected',
      words: `${environments(linked)} on it, being unlinked or deleted`,
      evidence,
    };
  return { verdict: 'revoked', words: `${environments(linked)} still linked to it`, evidence };
}

/**
 * The list names the policy nowhere. Members that only vanished may still be linked to it, and one that a list
 * named after the end of the policy counts for a day. What an incomplete list no longer shows is not known.
 */
function noLongerNamed(
  { environments: known, effect }: History,
  goneSince: string,
  asOf: string,
): { verdict: 'suspected' | 'clear' | 'unknown'; words: string; level?: 'warning' } {
  const vanished =
    known?.members.filter((one) => isLinked(one) && one.missingSince !== undefined).length ?? 0;
  if (vanished > 0) {
    const words = `${environments(vanished)} that named it vanished from the list less than a day ago`;
    return { verdict: 'suspected', words };
  }
  const linkedAt = effect?.linkedAt;
  if (
    linkedAt !== undefined &&
    Date.parse(linkedAt) >= Date.parse(goneSince) &&
    !isAbsenceProven(linkedAt, asOf)
  ) {
    const words = `no environment is linked to it any more, but a list of ${linkedAt} still named it after its end`;
    return { verdict: 'suspected', words, level: 'warning' };
  }
  const lost = known?.unaccounted?.length ?? 0;
  if (lost > 0) {
    const words = `${environments(lost)} that named it vanished from a list that may be a partial one, and no list has shown them for a day`;
    return { verdict: 'unknown', words };
  }
  return { verdict: 'clear', words: 'no environment is linked to it' };
}

function environments(count: number): string {
  return count === 1 ? '1 environment' : `${count} environments`;
}

function remediation(policyId: string): RemediationStep[] {
  return [
    {
      text: 'Make sure that it is gone, and not only out of your sight. It needs the role Reader on its resource group.',
      command: azCommand('resource show', ['--ids', policyId], ['--api-version', '2020-10-30-preview']),
      portal: 'Azure portal → Enterprise policies',
    },
    {
      text: 'Ask Microsoft Support to bring back this enterprise policy; give its id, the environments and the time. There is no documented way to do it yourself. It needs Power Platform Administrator or Dynamics 365 Administrator.',
      portal: 'Power Platform admin center → Support → New support request',
      link: LOCK_PAGE,
    },
    {
      text: 'Do not make a new policy in its place: it would have another identity, which does not unlock the environments. Leave the key, its vault and all grants as they are.',
    },
  ];
}
