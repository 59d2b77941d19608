import type { Facts } from '../facts/facts.ts';
import { azCommand } from './az-command.ts';
import type { Finding, RemediationStep } from './finding.ts';
import type { History } from './history.ts';
import { CMK_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/** What an enterprise policy's own answer must name, in the words for people. */
const NAMED = { principalId: 'managed identity', vaultId: 'key vault', keyName: 'key' } as const;
type NamedField = keyof typeof NAMED;
const FIELDS = Object.keys(NAMED) as NamedField[];

/**
 * What an earlier answer of the same policy named, and its present one does not. It is no proof of a loss: an
 * answer may be incomplete. The rest of the chain is read by what was named before.
 */
function vanishedFromPolicy({ policy }: Facts, { policy: before }: History): string[] {
  if (policy.state !== 'known' || before === undefined || before.managedHsm) return [];
  return FIELDS.filter((field) => policy.value[field] === undefined && before[field] !== undefined).map(
    (field) => NAMED[field],
  );
}

/** A policy's answer together with what its earlier ones named. */
export function withNamedBefore<Fact extends Partial<Record<NamedField, string>> & { managedHsm: boolean }>(
  fact: Fact,
  before: (Partial<Record<NamedField, string>> & { managedHsm: boolean }) | undefined,
): Fact {
  const next = { ...fact };
  for (const field of FIELDS) if (next[field] === undefined && before?.[field]) next[field] = before[field];
  if (fact.vaultId === undefined && before?.managedHsm) next.managedHsm = true;
  return next;
}

function vanishedSteps(policyId: string, vanished: readonly string[]): RemediationStep[] {
  return [
    {
      text: `Look at the enterprise policy itself. If it names no ${vanished.join(' and no ')} there either, ask Microsoft Support before you change it: an identity that is made anew has no permission on the key, and a policy that is made anew does not unlock environments. It needs the role Reader on its resource group.`,
      command: azCommand('resource show', ['--ids', policyId], ['--api-version', '2020-10-30-preview']),
      portal:
        'Resource groups → the group of the enterprise policy → Show hidden types → the policy → JSON View',
      link: CMK_PAGE,
    },
  ];
}

/** The finding about the permission, or the suspicion where the policy lacks what it named before. */
export function withVanished(
  found: Finding,
  facts: Facts,
  history: History,
  { policyName }: Subject,
): Finding {
  const vanished = vanishedFromPolicy(facts, history);
  if (
    vanished.length === 0 ||
    facts.permission.state !== 'known' ||
    found.verdict === 'revoked' ||
    found.verdict === 'suspected'
  )
    return found;
  const { policyId, policy } = facts;
  return {
    trigger: found.trigger,
    verdict: 'suspected',
    summary: `The enterprise policy ${policyName} no longer names its ${vanished.join(' and its ')}, which Power Platform needs to use the key.`,
    inShort: `policy without its ${vanished[0]}`,
    evidence: [
      {
        text: `Enterprise policy: names no ${vanished.join(' and no ')}`,
        source: policyId,
        readAt: policy.readAt,
      },
      ...found.evidence,
    ],
    remediation: vanishedSteps(policyId, vanished),
    scope: policyId,
    subject: vanished.map((what) => `the policy names no ${what}`),
  };
}
