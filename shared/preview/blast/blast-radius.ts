import type { JudgeOptions, TriggerId } from '../../triggers/finding.ts';
import { policyNameOf } from '../../triggers/policy-chain.ts';
import { chainIds, type PreviewChain } from '../chain.ts';
import { concerns } from './in-scope.ts';
import { BLAST_OUTCOMES, type BlastOutcome, gravestOutcome } from './outcome.ts';
import { isNeededByLeft, type OperationOnPolicy, type PolicyBlast, policyBlast } from './policy-blast.ts';
import type { BlastScope } from './scope.ts';

/** One operation with all that it does. */
export interface OperationBlast
  extends Pick<OperationOnPolicy, 'id' | 'what' | 'on' | 'trigger' | 'outcome'> {
  triggers: TriggerId[];
  /** The policies that it takes down or may take down, and the environments that are linked to them. */
  policies: number;
  environments: number;
  refused: string[];
  cannotJudge: string[];
  notes: string[];
}

export interface BlastRadius {
  scope: BlastScope;
  /** The gravest of the policies. `nothingWatched`: no watched policy depends on the scope. */
  outcome: BlastOutcome | 'nothingWatched';
  /** The policies that an operation takes down or may take down, and their environments, each once. */
  policiesGoingDown: number;
  environments: number;
  restoresLost: number;
  /** The gravest first, then those that take the most down. */
  operations: OperationBlast[];
  /** The gravest first. */
  policies: PolicyBlast[];
  /** What could not be judged, beyond single policies. */
  cannotJudge: string[];
  policiesCompared: number;
  /** When the oldest of the readings began. Null: there is no policy. */
  readAt: string | null;
}

/** What the operations of the scope do to one chain. Neither field: the scope does not concern it. */
export interface ChainBlast {
  policy?: PolicyBlast;
  cannotJudge?: string;
}

/**
 * Which environments the operations at or in this scope would take down, by the same triggers that judge a
 * reading. Pure.
 */
export function blastRadius(
  chains: readonly PreviewChain[],
  scope: BlastScope,
  options: JudgeOptions,
): BlastRadius {
  return unitedBlasts(
    chains,
    scope,
    chains.map((chain) => blastOfChain(chain, scope, options)),
  );
}

export function blastOfChain(chain: PreviewChain, scope: BlastScope, options: JudgeOptions): ChainBlast {
  const isConcerned = concerns(scope, chain);
  if (isConcerned === 'notKnown') return { cannotJudge: unreadWhy(chain, scope) };
  if (isConcerned && isInManagedHsm(chain)) return { cannotJudge: unsupportedWhy(chain) };
  const isLeft = !isConcerned && isNeededByLeft(chain, scope, options.now);
  return isConcerned || isLeft ? { policy: policyBlast(chain, scope, isConcerned, options) } : {};
}

export function unitedBlasts(
  chains: readonly PreviewChain[],
  scope: BlastScope,
  each: readonly ChainBlast[],
): BlastRadius {
  const policies = each.flatMap(({ policy }) => policy ?? []);
  const cannotJudge = each.flatMap((one) => one.cannotJudge ?? []);
  policies.sort((a, b) => rank(a.outcome) - rank(b.outcome) || (a.name < b.name ? -1 : 1));
  const outcomes = policies.map(({ outcome }) => outcome);
  if (cannotJudge.length > 0) outcomes.push('unknown');
  const falling = policies.filter(({ outcome }) => isFall(outcome));
  return {
    scope,
    outcome: outcomes.length === 0 ? 'nothingWatched' : gravestOutcome(outcomes),
    policiesGoingDown: falling.length,
    environments: environmentsIn(falling),
    restoresLost: policies.reduce(
      (sum, { restoresLost }) => sum + restoresLost.environments.length + restoresLost.more,
      0,
    ),
    operations: operationsIn(policies),
    policies,
    cannotJudge,
    policiesCompared: chains.length,
    readAt: chains.map(({ facts }) => facts.readAt).sort()[0] ?? null,
  };
}

function isFall(outcome: BlastOutcome): boolean {
  return outcome === 'goesDown' || outcome === 'mayGoDown';
}

function rank(outcome: BlastOutcome): number {
  return BLAST_OUTCOMES.indexOf(outcome);
}

function environmentsIn(policies: readonly PolicyBlast[]): number {
  return new Set(policies.flatMap(({ environments }) => environments.all.map(({ id }) => id))).size;
}

function operationsIn(policies: readonly PolicyBlast[]): OperationBlast[] {
  const byId = new Map<string, { own: OperationOnPolicy; of: PolicyBlast }[]>();
  for (const policy of policies)
    for (const own of policy.operations) {
      const list = byId.get(own.id);
      if (list) list.push({ own, of: policy });
      else byId.set(own.id, [{ own, of: policy }]);
    }
  const each = [...byId.values()].flatMap((list): OperationBlast[] => {
    const [first] = list;
    if (first === undefined) return [];
    const { id, what, on, trigger } = first.own;
    const falling = list.filter(({ own }) => isFall(own.outcome)).map(({ of }) => of);
    const all = <T>(pick: (own: OperationOnPolicy) => readonly T[]) => [
      ...new Set(list.flatMap(({ own }) => pick(own))),
    ];
    return [
      {
        id,
        what,
        on,
        trigger,
        outcome: gravestOutcome(list.map(({ own }) => own.outcome)),
        triggers: all(({ findings }) => findings.map((one) => one.trigger)),
        policies: falling.length,
        environments: environmentsIn(falling),
        refused: all(({ refused }) => refused),
        cannotJudge: all(({ cannotJudge }) => cannotJudge),
        notes: all(({ notes }) => notes),
      },
    ];
  });
  return each.sort((a, b) => rank(a.outcome) - rank(b.outcome) || b.environments - a.environments);
}

function unreadWhy(chain: PreviewChain, { kind }: BlastScope): string {
  const name = nameOf(chain);
  if (chainIds(chain).vaultId === undefined)
    return `The enterprise policy ${name} could never be read, so which key vault it depends on is not known.`;
  const [what, on] =
    kind === 'version' ? ['key versions', 'version'] : ['permissions of the identity', 'principal'];
  return `The ${what} of the enterprise policy ${name} could not be read completely, so whether it depends on this ${on} is not known.`;
}

function isInManagedHsm({ facts: { policy } }: PreviewChain): boolean {
  return policy.state === 'known' && policy.value.managedHsm;
}

function unsupportedWhy(chain: PreviewChain): string {
  return `The key of the enterprise policy ${nameOf(chain)} is in a Managed HSM, which Lockwatch does not judge.`;
}

function nameOf({ facts, history }: PreviewChain): string {
  return policyNameOf({ policyId: facts.policyId, policy: history.policy });
}
