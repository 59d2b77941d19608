import { withOtherModel } from '../facts/other-model.ts';
import { chainOfReading, type PreviewChain } from '../preview/chain.ts';
import { entryOf } from '../storage/read-model.ts';
import type { Ports } from './ports.ts';
import { hintsOf } from './read-and-commit.ts';

/** How long one reading of everything answers further previews: a pipeline often asks several times. */
const KEPT_MS = 5 * 60_000;
/** A person or a pipeline waits, and no notice does. */
const MIN_BUDGET_MS = 20_000;

export type ChainPorts = Pick<Ports, 'facts'> & {
  clock: Pick<Ports['clock'], 'now'>;
  store: Pick<Ports['store'], 'listPolicyStates'>;
  config: Partial<Pick<Ports['config'], 'readBudgetMs'>>;
};

const kept = new WeakMap<ChainPorts['facts'], { atMs: number; chains: Promise<readonly PreviewChain[]> }>();

/**
 * Every policy's chain, read afresh in one read session that takes the signals' share of the ARM rate limit. Nothing
 * of it is stored; for five minutes, the same process answers from it again.
 */
export function readChains(ports: ChainPorts): Promise<readonly PreviewChain[]> {
  const atMs = Date.parse(ports.clock.now());
  const before = kept.get(ports.facts);
  if (before && atMs >= before.atMs && atMs - before.atMs < KEPT_MS) return before.chains;
  const chains = readAll(ports);
  kept.set(ports.facts, { atMs, chains });
  chains.catch(() => kept.delete(ports.facts));
  return chains;
}

async function readAll({ facts, store, config }: ChainPorts): Promise<PreviewChain[]> {
  const states = await store.listPolicyStates();
  const budgetMs = Math.max(config.readBudgetMs ?? 0, MIN_BUDGET_MS);
  const session = facts.begin(budgetMs, { protection: true });
  return Promise.all(
    states.map(async ({ policyState }) => {
      const read = await session.read(policyState.policyId, hintsOf(entryOf(policyState)));
      const whole = session.arm ? await withOtherModel(session.arm, read) : read;
      return chainOfReading(whole, policyState.history);
    }),
  );
}
