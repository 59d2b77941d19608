import { normalId } from '../azure/arm-id.ts';
import type { Part } from '../azure/part.ts';
import { withOtherModel } from '../facts/other-model.ts';
import { chainOfReading, type PreviewChain } from '../preview/chain.ts';
import type { StoredPolicyState } from '../storage/incident-store.ts';
import { isOvertaken } from './is-overtaken.ts';
import type { Ports } from './ports.ts';
import { hintsOfState } from './read-and-commit.ts';

/** How long the reading of one policy answers further previews: a pipeline often asks several times. */
const KEPT_MS = 5 * 60_000;
/**
 * Between two stages of a pipeline the first was applied, and Azure emits no event for some of its changes. So what a
 * plan touches is read again, except by the second question of the same step. What could not be read is asked again
 * as soon, because a throttled read may succeed by then.
 */
const FRESH_MS = 10_000;
/** A person or a pipeline waits, and no notice does. */
const MIN_BUDGET_MS = 20_000;

export type ChainPorts = Pick<Ports, 'facts'> & {
  clock: Pick<Ports['clock'], 'now'>;
  store: Pick<Ports['store'], 'listPolicyStates'>;
  config: Partial<Pick<Ports['config'], 'readBudgetMs'>>;
};

interface KeptChain {
  atMs: number;
  chain: Promise<PreviewChain>;
  /** Once it has been read. */
  read?: PreviewChain;
}
interface KeptChains {
  each: Map<string, KeptChain>;
  /** The last answer: who computes from all chains together recognizes them by it. */
  all: readonly PreviewChain[];
}

const kept = new WeakMap<ChainPorts['facts'], KeptChains>();

/**
 * Every policy's chain, in one read session that takes a sweep's share of the ARM rate limit, so that signals keep
 * theirs. Nothing of it is stored. The same process answers from a whole reading for five minutes, unless the stored
 * state shows a later reading or signal. `isTouched`: of these, only what was read just now counts.
 */
export async function readChains(
  ports: ChainPorts,
  isTouched: (chain: PreviewChain) => boolean = () => false,
): Promise<readonly PreviewChain[]> {
  const states = await ports.store.listPolicyStates();
  const nowMs = Date.parse(ports.clock.now());
  const memory: KeptChains = kept.get(ports.facts) ?? { each: new Map(), all: [] };
  kept.set(ports.facts, memory);
  const before = memory.each;
  memory.each = new Map();
  let read: ReturnType<typeof beginReading> | undefined;
  for (const stored of states) {
    const key = normalId(stored.policyState.policyId);
    const last = before.get(key);
    if (last !== undefined && mayAnswer(last, stored, nowMs, isTouched)) memory.each.set(key, last);
    else {
      read ??= beginReading(ports);
      const reading: KeptChain = { atMs: nowMs, chain: read(stored) };
      memory.each.set(key, reading);
      reading.chain.then(
        (chain) => {
          reading.read = chain;
        },
        () => memory.each.delete(key),
      );
    }
  }
  const chains = await Promise.all([...memory.each.values()].map(({ chain }) => chain));
  const isSame = chains.length === memory.all.length && chains.every((one, n) => one === memory.all[n]);
  if (!isSame) memory.all = chains;
  return memory.all;
}

function mayAnswer(
  { atMs, read }: KeptChain,
  { policyState }: StoredPolicyState,
  nowMs: number,
  isTouched: (chain: PreviewChain) => boolean,
): boolean {
  const ageMs = nowMs - atMs;
  if (!(ageMs >= 0 && ageMs < KEPT_MS)) return false;
  // Others wait for it already.
  if (read === undefined) return ageMs < FRESH_MS;
  if (isOvertaken(policyState, read.facts.readAt)) return false;
  return ageMs < FRESH_MS || (isWhole(read) && !isTouched(read));
}

/** Another question may get a better answer for these at once. A right that is missing is granted in a moment. */
const MAY_PASS: ReadonlySet<string> = new Set([
  'forbidden',
  'throttled',
  'timeout',
  'unavailable',
  'invalidAnswer',
]);

function isWhole({ facts, otherModel }: PreviewChain): boolean {
  const { policy, vault, deletedVault, key, permission, environments, protection } = facts;
  const parts: (Part<unknown> | undefined)[] = [policy, vault, deletedVault, key, permission, environments];
  parts.push(otherModel, protection?.policyLocks, protection?.vaultLocks);
  return !parts.some((part) => part?.state === 'unknown' && MAY_PASS.has(part.reason));
}

function beginReading({ facts, config }: ChainPorts) {
  const budgetMs = Math.max(config.readBudgetMs ?? 0, MIN_BUDGET_MS);
  const session = facts.begin(budgetMs, { protection: true, sweep: true });
  return async ({ policyState }: StoredPolicyState): Promise<PreviewChain> => {
    const read = await session.read(policyState.policyId, hintsOfState(policyState));
    const whole = session.arm ? await withOtherModel(session.arm, read) : read;
    return chainOfReading(whole, policyState.history);
  };
}
