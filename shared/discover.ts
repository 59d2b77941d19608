import { readAndCommit } from './commit-readings.ts';
import { normalId } from './facts/arm-id.ts';
import type { Head } from './incidents/incident.ts';
import type { Ports } from './ports.ts';

export interface Discovery {
  /** Ids of the policies that are new. */
  fresh: string[];
  /** Subscriptions whose policies could not be listed, each with why. */
  unlistable: { subscriptionId: string; detail: string }[];
}

/** Takes in policies that have no head yet: reads and judges each once. `known`: the heads, where they are at hand. */
export async function discover(ports: Ports, known?: readonly Head[]): Promise<Discovery> {
  const pass = ports.facts.begin(ports.readBudgetMs);
  const listed = await pass.listPolicies();
  const unlistable = listed.unreadable.map(({ subscriptionId, part }) => ({
    subscriptionId,
    detail: part.state === 'unknown' ? part.detail : '',
  }));
  if (unlistable.length > 0)
    ports.log.warn('subscriptions-unreadable', {
      subscriptions: unlistable.map((one) => one.subscriptionId),
    });
  const heads = known ?? (await ports.store.listHeads()).map(({ head }) => head);
  const watched = new Set(heads.map(({ policyId }) => normalId(policyId)));
  const fresh = listed.policies.map((policy) => policy.id).filter((id) => !watched.has(normalId(id)));
  if (fresh.length > 0) {
    await readAndCommit(new Map(fresh.map((id) => [id, []])), ports, pass);
    ports.log.info('discovered', { policies: fresh });
  }
  return { fresh, unlistable };
}
