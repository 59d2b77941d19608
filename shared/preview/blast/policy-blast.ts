import type { Finding, JudgeOptions, TriggerId, Verdict } from '../../triggers/finding.ts';
import { judgeFacts, overallVerdict } from '../../triggers/judge.ts';
import { policyNameOf } from '../../triggers/policy-chain.ts';
import { stillNeedingKey } from '../../triggers/remember-left.ts';
import { type AffectedByChange, affectedByChange } from '../affected-environments.ts';
import { chainIds, type PreviewChain } from '../chain.ts';
import type { Change } from '../change.ts';
import { type PolicyPreview, previewPolicy } from '../preview-policy.ts';
import { holdsKey, isInScope } from './in-scope.ts';
import { type BlastOperation, operationsOf } from './operations.ts';
import { type BlastOutcome, gravestOutcome } from './outcome.ts';
import { lostByPrincipal } from './permission-operations.ts';
import { type Protection, protectionsOf } from './protections.ts';
import type { BlastScope } from './scope.ts';

/** What one operation does to one policy. */
export interface OperationOnPolicy extends Pick<BlastOperation, 'id' | 'what' | 'on' | 'trigger'> {
  outcome: BlastOutcome;
  /** The triggers that read revoked or suspected after it. */
  findings: { trigger: TriggerId; verdict: 'revoked' | 'suspected' }[];
  /** The locks and the rules by which Azure refuses it, or a part of it. */
  refused: string[];
  /** Why it could not be judged. */
  cannotJudge: string[];
  notes: string[];
}

/** Environments that were taken out of the policy, and still need its key to restore their backups. */
export interface RestoresLost {
  environments: { id: string; displayName: string; leftAt: string }[];
  /** Those that left before them, which are only counted. */
  more: number;
  /** ISO 8601. Null: there is none. */
  until: string | null;
  /** False: the list of environments does not show which of them left. */
  isKnown: boolean;
}

export interface PolicyBlast {
  policyId: string;
  name: string;
  vaultId: string | null;
  keyName: string | null;
  /** As it is now. */
  verdict: Verdict;
  /** The causes by which it is down now. */
  downBy: TriggerId[];
  /** The gravest of the operations. */
  outcome: BlastOutcome;
  triggers: { trigger: TriggerId; verdict: 'revoked' | 'suspected'; operations: string[] }[];
  operations: OperationOnPolicy[];
  environments: {
    /** False: no list of them was read this time, and they are those of an earlier one. */
    isKnown: boolean;
    asOf: string | null;
    all: readonly AffectedByChange[];
  };
  restoresLost: RestoresLost;
  protections: Protection[];
}

/** `isCurrent` false: the policy no longer uses the scope's key, and environments that left it still do. */
export function policyBlast(
  chain: PreviewChain,
  scope: BlastScope,
  isCurrent: boolean,
  options: JudgeOptions,
): PolicyBlast {
  const { policyId, vaultId, keyName } = chainIds(chain);
  const before = judgeFacts(chain.facts, chain.history, options);
  const verdict = overallVerdict(before);
  const operations = (isCurrent ? inScope(chain, scope, options.now) : []).flatMap(
    (operation) => onPolicy(chain, operation, before, options) ?? [],
  );
  return {
    policyId,
    name: policyNameOf({ policyId, policy: chain.history.policy }),
    vaultId: vaultId ?? null,
    keyName: keyName ?? null,
    verdict,
    downBy: before.flatMap((one) => (one.verdict === 'revoked' ? [one.trigger] : [])),
    outcome: isCurrent
      ? gravestOutcome([standing(verdict), ...operations.map(({ outcome }) => outcome)])
      : 'fine',
    triggers: triggersOf(operations),
    operations,
    environments: environmentsOf(chain),
    restoresLost: restoresLost(chain, scope, options.now),
    protections: isCurrent ? protectionsOf(chain) : [],
  };
}

function inScope(chain: PreviewChain, scope: BlastScope, now: string): BlastOperation[] {
  if (scope.kind === 'principal')
    return lostByPrincipal(chain, scope.objectId).map((one) => ({ ...one, trigger: 'permissions-revoked' }));
  const version = scope.kind === 'version' ? scope.version : undefined;
  const all = operationsOf(chain, { now, ...(version === undefined ? {} : { version }) });
  return all.filter(
    ({ on }) =>
      isInScope(scope, chain, on) &&
      (version === undefined || on.toLowerCase().endsWith(`/versions/${version}`) || isUnreadKey(chain)),
  );
}

function isUnreadKey({ facts: { key } }: PreviewChain): boolean {
  return key.state === 'unknown';
}

/** Undefined: it changes nothing, because it is so already or there is nothing left to change. */
function onPolicy(
  chain: PreviewChain,
  { operations, unread, ...operation }: BlastOperation,
  before: readonly Finding[],
  options: JudgeOptions,
): OperationOnPolicy | undefined {
  const nothing = { findings: [], refused: [], cannotJudge: [], notes: [] };
  if (unread !== undefined) return { ...operation, ...nothing, outcome: 'unknown', cannotJudge: [unread] };
  // Sentences of a preview begin with the address of the change.
  const changes = operations.map((one): Change => ({ ...one, address: 'This' }));
  const found = previewPolicy(chain, changes, options, before);
  if (found === undefined) return undefined;
  const because = found.cannotJudge.map((one) => one.because);
  const outcome = outcomeOf(found);
  return {
    ...operation,
    outcome,
    findings: found.findings.map(({ trigger, verdict: after }) => ({ trigger, verdict: after })),
    refused: [...new Set(found.refused.map((one) => one.because))],
    cannotJudge:
      outcome === 'unknown' && because.length === 0
        ? ['A part of this policy could not be read, so whether it stays up is not known.']
        : [...new Set(because)],
    notes: found.notes,
  };
}

/** A policy that is down stays down, and one that can't be judged is not fine. */
function outcomeOf({ outcome, before, after }: PolicyPreview): BlastOutcome {
  if (outcome === 'unknown' || outcome === 'refused') return outcome;
  if (before === 'revoked') return 'alreadyDown';
  if (outcome !== 'fine') return outcome;
  return after === 'unknown' ? 'unknown' : standing(before);
}

/** Where no operation changes anything. */
function standing(verdict: Verdict): BlastOutcome {
  if (verdict === 'revoked') return 'alreadyDown';
  return verdict === 'unknown' ? 'unknown' : 'fine';
}

function triggersOf(operations: readonly OperationOnPolicy[]): PolicyBlast['triggers'] {
  const found = new Map<TriggerId, PolicyBlast['triggers'][number]>();
  for (const { id, findings } of operations)
    for (const { trigger, verdict } of findings) {
      const before = found.get(trigger);
      found.set(trigger, {
        trigger,
        verdict: before?.verdict === 'revoked' ? 'revoked' : verdict,
        operations: [...(before?.operations ?? []), id],
      });
    }
  return [...found.values()];
}

function environmentsOf(chain: PreviewChain): PolicyBlast['environments'] {
  const { facts, history } = chain;
  const isKnown = facts.environments.state === 'known';
  const asOf =
    facts.environments.state === 'known' ? facts.environments.value.asOf : history.environments?.asOf;
  return { isKnown, asOf: asOf ?? null, all: affectedByChange(chain) };
}

/** Those that need a key of the scope; where the scope is the policy itself, whichever key they need. */
function restoresLost({ facts, history }: PreviewChain, scope: BlastScope, now: string): RestoresLost {
  const { environments, more, until } = stillNeedingKey(history.left, now);
  const isOfScope = (keyId: string | undefined) =>
    scope.kind === 'policy' || scope.kind === 'principal' || (keyId !== undefined && holdsKey(scope, keyId));
  const own = environments.filter(({ keyId }) => isOfScope(keyId));
  const isKnown = facts.environments.state === 'known' && facts.environments.value.listed !== undefined;
  return {
    environments: own.map(({ id, displayName, at }) => ({ id, displayName, leftAt: at })),
    more,
    until: own.length + more === 0 ? null : until,
    isKnown,
  };
}

/** Whether environments that left the policy still need a key of the scope, which the policy itself has left. */
export function isNeededByLeft({ history }: PreviewChain, scope: BlastScope, now: string): boolean {
  return stillNeedingKey(history.left, now).environments.some(
    ({ keyId }) => keyId !== undefined && holdsKey(scope, keyId),
  );
}
