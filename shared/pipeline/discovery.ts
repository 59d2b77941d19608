import { normalId } from '../azure/arm-id.ts';
import type { PolicyFact } from '../facts/facts.ts';
import type { SubscriptionNow } from '../visibility/visibility-gaps.ts';
import type { Ports } from './ports.ts';
import { type FailedCommit, readAndCommit } from './read-and-commit.ts';

export interface Discovery {
  /** Ids of the policies that are new. */
  fresh: string[];
  /** Subscriptions whose policies could not be listed, each with the reason. */
  unlistable: { subscriptionId: string; detail: string }[];
  /** The watched subscriptions that could be read. */
  subscriptions: SubscriptionNow[];
  /**
   * Ids of new policies that exceeded a sweep's share of the throttling budget. The next sweep finds them
   * again.
   */
  postponed: string[];
  /**
   * New policies that could not be committed in a sweep, each with the reason. Without a sweep the error is
   * thrown.
   */
  failed: FailedCommit[];
}

/**
 * Adds policies that have no policy state yet: reads and judges each once. `inSweep`: the policies that a
 * sweep knows.
 */
export async function discover(ports: Ports, inSweep?: { policyIds: readonly string[] }): Promise<Discovery> {
  const session = ports.facts.begin(ports.config.readBudgetMs, { sweep: inSweep !== undefined });
  const listed = await session.listPolicies();
  const unlistable = listed.unreadable.map(({ subscriptionId, part }) => ({
    subscriptionId,
    detail: part.state === 'unknown' ? part.detail : '',
  }));
  if (unlistable.length > 0)
    ports.log.warn('subscriptions-unreadable', {
      subscriptions: unlistable.map((one) => one.subscriptionId),
    });
  const known =
    inSweep?.policyIds ??
    (await ports.store.listPolicyStates()).map(({ policyState: { policyId } }) => policyId);
  const watched = new Set(known.map(normalId));
  const unknown = listed.policies.filter(({ id }) => !watched.has(normalId(id)));
  // A signal's discovery is one group with shared notices. A sweep's is one group per vault, as far as its
  // budget lasts.
  const groups = Map.groupBy(unknown, ({ id, vaultId }) => (inSweep ? normalId(vaultId ?? id) : ''));
  const failed: FailedCommit[] = [];
  const postponed: string[] = [];
  const read = await Promise.allSettled(
    [...groups.values()].map(async (policies) => {
      const ids = policies.map(({ id }) => id);
      if ((await session.reserve(policies.map(asChain))) !== 'reserved') {
        postponed.push(...ids);
        return [];
      }
      const concerned = new Map(ids.map((id) => [id, []]));
      const done = await readAndCommit(concerned, ports, session, inSweep && failed);
      return done.map(({ policyId }) => policyId);
    }),
  );
  for (const group of read) if (group.status === 'rejected') throw group.reason;
  const fresh = read.flatMap((group) => (group.status === 'fulfilled' ? group.value : []));
  if (fresh.length > 0) ports.log.info('discovered', { policies: fresh });
  const subscriptions = listed.subscriptions.flatMap(({ subscriptionId, part }) =>
    part.state === 'known' ? [{ subscriptionId, ...part.value }] : [],
  );
  return { fresh, unlistable, subscriptions, postponed, failed };
}

function asChain({ id, vaultId, keyName, principalId }: PolicyFact) {
  return { policyId: id, hints: { vaultId, keyName, principalId, rbac: true } };
}
