import type { Clock } from '../clock.ts';
import type { PreviewChain } from '../preview/chain.ts';
import type { CannotJudge, ReducedPlan } from '../preview/change.ts';
import { changesOfChain, type IndexedChanges } from '../preview/changes-of-chain.ts';
import { type PlanPreview, previewPlan } from '../preview/preview-plan.ts';
import { type PolicyPreview, previewPolicy } from '../preview/preview-policy.ts';
import type { JudgeOptions } from '../triggers/finding.ts';
import { policyNameOf } from '../triggers/policy-chain.ts';

/** Whoever waits gets an answer before a gateway gives up on it (Azure's load balancer does after 230 s). */
const MAX_MS = 60_000;
/** How long others wait for their turn at most, unless one policy takes longer. */
const TURN_MS = 10;

/** What a plan does to every policy: one policy at a time, and every few milliseconds the process answers others. */
export async function previewEachPolicy(
  chains: readonly PreviewChain[],
  plan: Pick<ReducedPlan, 'changes' | 'cannotJudge'> & {
    from?: ReducedPlan['from'];
    indexed: IndexedChanges;
  },
  options: JudgeOptions,
  { clock }: { clock: Pick<Clock, 'nowMs'> },
): Promise<PlanPreview> {
  let nowMs = clock.nowMs();
  const untilMs = nowMs + MAX_MS;
  const previewed = new Map<PreviewChain, PolicyPreview | undefined>();
  const late: CannotJudge[] = [];
  for (const chain of chains) {
    if (clock.nowMs() - nowMs >= TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      nowMs = clock.nowMs();
    }
    if (nowMs < untilMs)
      previewed.set(chain, previewPolicy(chain, changesOfChain(chain, plan.indexed), options));
    else late.push({ because: `${nameOf(chain)} was not compared: the preview took too long.` });
  }
  const { changes, cannotJudge, from } = plan;
  const judged = { changes, ...(from === undefined ? {} : { from }), cannotJudge: [...cannotJudge, ...late] };
  return previewPlan([...previewed.keys()], judged, options, previewed);
}

function nameOf({ facts: { policyId }, history: { policy } }: PreviewChain): string {
  return `The enterprise policy ${policyNameOf({ policyId, policy })}`;
}
