import assert from 'node:assert/strict';
import { normalId } from '../../shared/azure/arm-id.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { type BigTenant, type BigTenantOptions, bigTenant } from '../facts/big-tenant.ts';
import { aWorld, type World } from './a-world.ts';

/** The sweep's real path and facts reader over a large tenant, on the hand clock, its memory kept between sweeps. */
export function aBigWorld(
  options: Pick<BigTenantOptions, 'policies' | 'vaults' | 'subscriptions' | 'small' | 'environments'>,
) {
  const world = aWorld([]);
  const tenant = bigTenant({ ...options, clock: world.clock, latencyMs: 30 });
  world.ports.facts = tenant.reader;
  world.ports.config.watchedSubscriptions = tenant.subscriptions;
  // The watch list is kept, as in the app: making it anew for every vault would be most of the work.
  const makeList = world.ports.watched;
  let list: ReturnType<typeof makeList> | undefined;
  world.ports.watched = (fresh) => {
    if (fresh) list = undefined;
    list ??= makeList();
    return list;
  };
  return { world, tenant };
}

/** Lets as many sweeps pass as it takes until every policy is known, and then until the buckets are full. */
export async function learn({ world, tenant }: { world: World; tenant: BigTenant }): Promise<void> {
  for (let n = 0; n < 20; n += 1) {
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(30_000);
    if ((await policyStatesOf(world)).length === tenant.policyIds.length) return;
  }
  assert.fail('the tenant is never known whole');
}

export const policyStatesOf = async (world: World) =>
  (await world.ports.store.listPolicyStates()).map(({ policyState }) => policyState);
const subscriptionOf = (id: string) => normalId(id).split('/')[2] ?? '';

/** Of each subscription: how many policies one sweep read, and after how long it had its last answer. */
export async function measure({ world, tenant }: { world: World; tenant: BigTenant }) {
  const began = world.clock.now();
  const result = await world.clock.drive(sweep(world.ports));
  const read = (await policyStatesOf(world)).filter(({ readAt }) => readAt >= began);
  const bySubscription = Map.groupBy(read, ({ policyId }) => subscriptionOf(policyId));
  return {
    result,
    tookMs: world.clock.nowMs() - Date.parse(began),
    read: tenant.subscriptions.map((id) => bySubscription.get(id) ?? []),
    afterMs: tenant.subscriptions.map((id) => (tenant.lastAt.get(id) ?? 0) - Date.parse(began)),
  };
}
