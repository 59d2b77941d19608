import { ARM_BUCKET, SWEEP_CONCURRENCY, SWEEP_SHARE } from '../../shared/azure/subscription-limit.ts';
import { aBigWorld, learn, measure } from '../pipeline/a-big-world.ts';
import { cpuClock, type Figure } from './figure.ts';

const LATENCY_MS = 30;
/** What a sweep may take in one subscription. */
const SHARE = { burst: ARM_BUCKET.capacity * SWEEP_SHARE, perSecond: ARM_BUCKET.perSecond * SWEEP_SHARE };

/**
 * One sweep of 1,000 policies on 200 vaults in 10 subscriptions through the real facts reader, on a clock turned by
 * hand, so that the figure tells of waiting alone and is the same on every machine. Floor: the larger of distinct reads
 * over the requests allowed at once, times their latency, and distinct reads over the token rate.
 */
export async function oneSweep(): Promise<Figure> {
  const big = aBigWorld({ policies: 1000, vaults: 200, subscriptions: 10 });
  await learn(big);
  big.tenant.asked.clear();
  const cpuMs = cpuClock();
  const { tookMs } = await measure(big);
  const cpuMsPerItem = cpuMs() / big.tenant.policyIds.length;
  const reads = big.tenant.asked.size;
  const twice = [...big.tenant.asked.values()].filter((times) => times > 1).length;
  if (twice > 0) throw new Error(`${twice} resources were read more than once in one sweep.`);
  const perSubscription = reads / big.tenant.subscriptions.length;
  const floorMs = Math.max(
    (perSubscription / SWEEP_CONCURRENCY) * LATENCY_MS,
    Math.max(0, (perSubscription - SHARE.burst) / SHARE.perSecond) * 1000,
  );
  return {
    name: 'a sweep of 1,000 policies on 200 vaults in 10 subscriptions',
    ratio: tookMs / floorMs,
    budget: 1.2,
    detail: `${reads} distinct reads, none twice, ${(tookMs / 1000).toFixed(1)} s of the clock, ${cpuMsPerItem.toFixed(1)} ms of processor for each policy`,
    cpuMsPerItem,
  };
}
