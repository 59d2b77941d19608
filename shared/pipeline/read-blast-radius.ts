import {
  type BlastRadius,
  blastOfChain,
  type ChainBlast,
  unitedBlasts,
} from '../preview/blast/blast-radius.ts';
import type { BlastScope } from '../preview/blast/scope.ts';
import type { PreviewChain } from '../preview/chain.ts';
import { type ChainPorts, readChains } from './read-chains.ts';

/** The pages of one answer are asked for one after another; each would cost as much as the first. */
const MAX_KEPT = 8;
/** A subscription may have a thousand policies, and this process has other requests to answer. */
const AT_A_TIME = 20;

type RadiusPorts = ChainPorts & {
  config: { networkReading?: 'trustedService' | 'literal' | undefined };
};

const kept = new WeakMap<readonly PreviewChain[], Map<string, Promise<BlastRadius>>>();

/** The blast radius of a scope, from a reading of at most five minutes ago. Nothing is stored. */
export async function readBlastRadius(scope: BlastScope, ports: RadiusPorts): Promise<BlastRadius> {
  const chains = await readChains(ports);
  const ofReading = kept.get(chains) ?? new Map<string, Promise<BlastRadius>>();
  kept.set(chains, ofReading);
  const key = JSON.stringify(scope);
  const before = ofReading.get(key);
  if (before) return before;
  const [oldest] = ofReading.keys();
  if (ofReading.size >= MAX_KEPT && oldest !== undefined) ofReading.delete(oldest);
  const radius = compute(chains, scope, ports);
  ofReading.set(key, radius);
  return radius;
}

async function compute(
  chains: readonly PreviewChain[],
  scope: BlastScope,
  { clock, config }: RadiusPorts,
): Promise<BlastRadius> {
  const options = { now: clock.now(), networkReading: config.networkReading ?? 'trustedService' };
  const each: ChainBlast[] = [];
  for (const [n, chain] of chains.entries()) {
    if (n > 0 && n % AT_A_TIME === 0) await new Promise((resolve) => setImmediate(resolve));
    each.push(blastOfChain(chain, scope, options));
  }
  return unitedBlasts(chains, scope, each);
}
