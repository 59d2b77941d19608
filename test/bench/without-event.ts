import type { BigTenant } from '../facts/big-tenant.ts';
import { policyStatesOf } from '../pipeline/a-big-world.ts';
import { aPacedWorld } from '../pipeline/a-paced-world.ts';
import type { World } from '../pipeline/a-world.ts';
import { type Figure, percentile } from './figure.ts';

/** Of each size: how many keys are disabled in one interval, and in how many intervals. */
const SIZES = [
  { policies: 20, keys: 1, intervals: 20 },
  { policies: 100, keys: 4, intervals: 10 },
  { policies: 500, keys: 8, intervals: 5 },
];
const MORE_MS = 5_000;

/**
 * From the moment at which a key is disabled, with no event, until Teams has accepted the card, with all policies in one
 * subscription over Azure's own limit. Floor: half of the interval in force. On a clock turned by hand: it measures
 * waiting alone, and is the same on every machine.
 */
export async function withoutEvent(): Promise<Figure[]> {
  const figures: Figure[] = [];
  let unread = 0;
  for (const size of SIZES) {
    const measured = await disabledKeys(size);
    const { intervalMs, waits } = measured;
    unread += measured.unread;
    const [median, longest] = [percentile(waits, 0.5), Math.max(...waits)];
    const name = `a key is disabled with no event, ${size.policies} policies in one subscription`;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const detail = `${waits.length} keys at random moments, interval of ${intervalMs / 1000} s, reads of 30 ms, on a virtual clock`;
    figures.push(
      {
        name: `${name}: until Teams has the card, p50 to half the interval`,
        ratio: median / (intervalMs / 2),
        budget: 1.3,
        detail: `${seconds(median)}; ${detail}`,
      },
      {
        name: `${name}: the longest to the interval and 5 s`,
        ratio: longest / (intervalMs + MORE_MS),
        budget: 1,
        detail: `${seconds(longest)}; ${detail}`,
      },
    );
  }
  const sizes = SIZES.map(({ policies }) => policies).join(', ');
  return [
    ...figures,
    {
      name: `policies that a sweep left unread, ${sizes} policies in one subscription`,
      ratio: unread,
      unit: 'policies',
      budget: 0,
      detail: `in ${SIZES.reduce((sum, { intervals }) => sum + intervals, 0)} sweeps of the rows above`,
    },
  ];
}

async function disabledKeys({ policies, keys, intervals }: (typeof SIZES)[number]) {
  const { world, tenant, sweep } = aPacedWorld({
    policies,
    vaults: Math.ceil(policies / 20),
    subscriptions: 1,
    environments: true,
  });
  // The first finds the policies, the next reads those that it had no time for, and the third reads as all later ones.
  await sweep(3);
  const { sweepIntervalMs: intervalMs = 0 } = await world.ports.heartbeat.read();
  const random = randomFrom(policies);
  const ids = shuffled(tenant.policyIds, random).slice(0, keys * intervals);
  const disabledAt = new Map<string, number>();
  const acceptedAt = whenAccepted(world);
  // Each in a part of the interval of its own, so that few moments are spread as evenly as many would be.
  const parts = shuffled([...ids.keys()], random);
  const disable = async (policyId: string, afterMs: number) => {
    const atMs = world.clock.nowMs() + afterMs;
    await world.clock.sleep(afterMs);
    disabledAt.set(policyId, atMs);
    disableKey(tenant, policyId);
  };
  let unread = 0;
  const running: Promise<void>[] = [];
  // One more sweep reports the last ones.
  for (let n = 0; n <= intervals; n += 1) {
    for (const policyId of ids.slice(n * keys, (n + 1) * keys)) {
      const part = parts[ids.indexOf(policyId)] ?? 0;
      running.push(disable(policyId, ((part + random()) / ids.length) * intervalMs));
    }
    const [swept] = await sweep(1);
    const states = await policyStatesOf(world);
    unread += states.filter(({ readAt }) => Date.parse(readAt) < (swept?.atMs ?? 0)).length;
  }
  await sweep(1);
  await Promise.all(running);
  const waits = ids.map((id) => {
    const at = acceptedAt.get(id);
    if (at === undefined) throw new Error(`Nobody was notified of the disabled key of ${id}.`);
    return at - (disabledAt.get(id) ?? 0);
  });
  return { intervalMs, waits, unread };
}

/** When Teams has accepted the first card of each policy. */
function whenAccepted({ channels, clock }: World): Map<string, number> {
  const acceptedAt = new Map<string, number>();
  const teams = channels.find(({ name }) => name === 'teams');
  if (!teams) throw new Error('The world has no Teams.');
  const { send } = teams;
  teams.send = async (notice, abort) => {
    const result = await send(notice, abort);
    for (const { incident } of notice.incidents)
      if (!acceptedAt.has(incident.policyId)) acceptedAt.set(incident.policyId, clock.nowMs());
    return result;
  };
  return acceptedAt;
}

/** As a person does it: the list of versions and the key itself show it at once. */
function disableKey(tenant: BigTenant, policyId: string): void {
  const n = Number(/\d+$/.exec(policyId)?.[0]);
  const key = `${tenant.vaultIds[n % tenant.vaultIds.length]}/keys/cmk-${n}`;
  const off = (resource: { properties?: { attributes?: object } }) => {
    const { properties } = resource;
    return {
      ...resource,
      properties: { ...properties, attributes: { ...properties?.attributes, enabled: false } },
    };
  };
  tenant.changeResource(key, off);
  tenant.changeResource(`${key}/versions`, ({ value }) => ({ value: (value as object[]).map(off) }));
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** Marsaglia, "Xorshift RNGs" (2003): the same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
