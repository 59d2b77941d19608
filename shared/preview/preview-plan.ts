import type { JudgeOptions } from '../triggers/finding.ts';
import { policyNameOf } from '../triggers/policy-chain.ts';
import { chainIds, type PreviewChain } from './chain.ts';
import type { CannotJudge, ReducedPlan } from './change.ts';
import { changesOfChain, changesOfNoChain, type IndexedChanges, indexChanges } from './changes-of-chain.ts';
import { type PolicyPreview, type PreviewOutcome, previewPolicy } from './preview-policy.ts';

export interface PlanPreview {
  /** The gravest of the policies, or `unknown` where the file as a whole can't be judged. */
  outcome: PreviewOutcome;
  /** The policies that a change concerns, the gravest first. */
  policies: PolicyPreview[];
  /** What could not be judged, beyond single policies. */
  cannotJudge: CannotJudge[];
  /** How many changes of the file can matter to a key vault at all, and how many policies were compared. */
  changes: number;
  policiesCompared: number;
  /** When the oldest of the readings began. Null: there is no policy. */
  readAt: string | null;
}

/** What a plan does to every policy. `previewed`: for who has compared these chains with it already. Pure. */
export function previewPlan(
  chains: readonly PreviewChain[],
  {
    changes,
    cannotJudge: notRead,
    from,
  }: Pick<ReducedPlan, 'changes' | 'cannotJudge'> & Partial<Pick<ReducedPlan, 'from'>>,
  options: JudgeOptions,
  previewed?: ReadonlyMap<PreviewChain, PolicyPreview | undefined>,
): PlanPreview {
  const previewOf = previewed
    ? (chain: PreviewChain) => previewed.get(chain)
    : previewer(indexChanges(changes), options);
  const cannotJudge = [...notRead];
  if (chains.length === 0 && changes.length > 0)
    cannotJudge.push({ because: 'There is no policy to compare the changes with.' });
  // A plan is full of what nobody watches. Who writes an operation by hand means something that is watched.
  if (from === 'operations' && chains.length > 0)
    for (const { address } of changesOfNoChain(chains, changes))
      cannotJudge.push({
        address,
        because: 'Nothing is watched at the place that it names: check the spelling.',
      });
  const policies: PolicyPreview[] = [];
  for (const chain of chains) {
    const found = previewOf(chain);
    if (found) policies.push(found);
    else if (changes.length > 0 && chainIds(chain).vaultId === undefined)
      cannotJudge.push({
        because: `${unreadName(chain)} could never be read, so its key vault is not known.`,
      });
  }
  policies.sort((a, b) => GRAVITY.indexOf(a.outcome) - GRAVITY.indexOf(b.outcome));
  const outcomes = new Set<PreviewOutcome>(policies.map(({ outcome }) => outcome));
  if (cannotJudge.length > 0) outcomes.add('unknown');
  return {
    outcome: GRAVITY.find((one) => outcomes.has(one)) ?? 'fine',
    policies,
    cannotJudge,
    changes: changes.length,
    policiesCompared: chains.length,
    readAt: chains.map(({ facts }) => facts.readAt).sort()[0] ?? null,
  };
}

function previewer(indexed: IndexedChanges, options: JudgeOptions) {
  return (chain: PreviewChain) => previewPolicy(chain, changesOfChain(chain, indexed), options);
}

const GRAVITY: readonly PreviewOutcome[] = ['goesDown', 'mayGoDown', 'unknown', 'refused', 'fine'];

function unreadName({ facts, history }: PreviewChain): string {
  return `The enterprise policy ${policyNameOf({ policyId: facts.policyId, policy: history.policy })}`;
}
