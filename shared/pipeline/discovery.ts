import { normalId } from '../azure/arm-id.ts';
import { before, deadlineIn } from '../azure/deadline.ts';
import type { PolicyFact } from '../facts/facts.ts';
import type { Reading } from '../facts/reader.ts';
import { makeWatchList } from '../signals/watch-list.ts';
import type { IncidentStore } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import type { SubscriptionNow } from '../visibility/visibility-gaps.ts';
import type { Ports } from './ports.ts';
import { type FailedCommit, isOneCauseOfAll, readAndCommit } from './read-and-commit.ts';
import { inParts, MAX_TOGETHER } from './read-together.ts';

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

/** The discoveries of one process. Lives as long as the store that it belongs to. */
interface Discoveries {
  underWay?: Promise<Discovery>;
  /** Every subscription has been listed: what is new from then on, a policy's own event or a sweep shows. */
  hasListedAll: boolean;
}
const byStore = new WeakMap<IncidentStore, Discoveries>();

function discoveriesOf({ store }: Ports): Discoveries {
  const known = byStore.get(store) ?? { hasListedAll: false };
  byStore.set(store, known);
  return known;
}

/**
 * Waits for the discovery that this process is doing, as long as its readings may take, and throws what it
 * throws. Undefined: none is under way.
 */
export function waitForDiscovery(ports: Ports): Promise<unknown> | undefined {
  const { underWay } = discoveriesOf(ports);
  return underWay && before(deadlineIn(ports.config.readBudgetMs, ports.clock), () => underWay);
}

export function hasListedAll(ports: Ports): boolean {
  return discoveriesOf(ports).hasListedAll;
}

/** What a sweep knows, and what it wants to know. */
interface InSweep {
  /** The policies that have a state. Undefined: they are listed. */
  policyIds: readonly string[] | undefined;
  /** The sweep's own read session. */
  session: Reading;
  /** Called once the new policies wait for their share of the throttling budget. */
  onListed?(): void;
}

/**
 * Adds policies that have no policy state yet: reads and judges each once. One at a time in a process: the
 * later one finds what the earlier one added, and does not read it again.
 */
export async function discover(ports: Ports, inSweep?: InSweep): Promise<Discovery> {
  const discoveries = discoveriesOf(ports);
  const found = addNewAfterEarlier(ports, inSweep);
  discoveries.underWay = found;
  try {
    const discovery = await found;
    if (discovery.unlistable.length === 0) discoveries.hasListedAll = true;
    return discovery;
  } finally {
    if (discoveries.underWay === found) discoveries.underWay = undefined;
  }
}

async function addNewAfterEarlier(ports: Ports, inSweep?: InSweep): Promise<Discovery> {
  const earlier = waitForDiscovery(ports);
  if (!earlier) return addNew(ports, inSweep);
  await Promise.allSettled([earlier]);
  return addNew(ports, inSweep && { ...inSweep, policyIds: undefined });
}

async function addNew(ports: Ports, inSweep?: InSweep): Promise<Discovery> {
  const session = inSweep?.session ?? ports.facts.begin(ports.config.readBudgetMs);
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
  const withNew = portsWith(unknown, ports);
  const failed: FailedCommit[] = [];
  const postponed: string[] = [];
  const commit = async (policies: readonly PolicyFact[]) => {
    const done = await readAndCommit(concernedOf(policies), withNew, session, { failed: inSweep && failed });
    return done.map(({ policyId }) => policyId);
  };
  const readPart = async (policies: readonly PolicyFact[]) => {
    if ((await session.reserve(policies.map(asChain))) === 'reserved') return commit(policies);
    postponed.push(...policies.map(({ id }) => id));
    return [];
  };
  // A signal's discovery is one group with shared notices. A sweep's are those of one vault, in parts that its
  // budget always allows; a cause that all policies of a vault share is seen by the reading of one, and is one message.
  const ofVault = Map.groupBy(unknown, ({ id, vaultId }) => normalId(vaultId ?? id));
  const vaults = inSweep ? [...ofVault.values()] : [];
  const small = inSweep ? vaults.filter(({ length }) => length <= MAX_TOGETHER) : [unknown];
  const large = vaults.filter(({ length }) => length > MAX_TOGETHER);
  const reading = [Promise.allSettled(small.map(readPart))];
  const ofOneCause = await Promise.all(large.map((policies) => isOneCause(policies, session, withNew)));
  const ofLarge = large.flatMap((policies, n) =>
    ofOneCause[n] ? [commit(policies)] : inParts(policies).map(readPart),
  );
  reading.push(Promise.allSettled(ofLarge));
  inSweep?.onListed?.();
  const read = (await Promise.all(reading)).flat();
  for (const group of read) if (group.status === 'rejected') throw group.reason;
  const fresh = read.flatMap((group) => (group.status === 'fulfilled' ? group.value : []));
  if (fresh.length > 0) {
    ports.log.info('discovered', { policies: fresh });
    await ports.watched(true);
  }
  const subscriptions = listed.subscriptions.flatMap(({ subscriptionId, part }) =>
    part.state === 'known' ? [{ subscriptionId, ...part.value }] : [],
  );
  return { fresh, unlistable, subscriptions, postponed, failed };
}

async function isOneCause(policies: readonly PolicyFact[], session: Reading, ports: Ports): Promise<boolean> {
  try {
    if ((await session.reserve(policies.slice(0, 1).map(asChain))) !== 'reserved') return false;
    return await isOneCauseOfAll(concernedOf(policies), session, ports);
  } catch (error) {
    ports.log.warn('first-of-vault-not-read', errorFields(error));
    return false;
  }
}

const concernedOf = (policies: readonly PolicyFact[]) => new Map(policies.map(({ id }) => [id, []]));

/** The policies that are being found share causes as well, and no list of those that are watched has them yet. */
function portsWith(found: readonly PolicyFact[], ports: Ports): Ports {
  const chains = found.map(({ id, vaultId, keyName }) => ({ policyId: id, vaultId, keyName }));
  const added = makeWatchList(chains);
  return {
    ...ports,
    async watched(from) {
      const watched = await ports.watched(from);
      const sharing = (scope: string) => [
        ...new Set([...watched.list.sharing(scope), ...added.sharing(scope)]),
      ];
      return { ...watched, list: { ...watched.list, sharing } };
    },
  };
}

function asChain({ id, vaultId, keyName, principalId }: PolicyFact) {
  return { policyId: id, hints: { vaultId, keyName, principalId, rbac: true } };
}
