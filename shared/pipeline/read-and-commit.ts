import { normalId } from '../azure/arm-id.ts';
import type { Facts } from '../facts/facts.ts';
import type { ReadHints, Reading } from '../facts/reader.ts';
import type { PolicyState, Transition } from '../incidents/incident.ts';
import { recallSignals } from '../incidents/recent-signals.ts';
import type { Signal } from '../signals/signal.ts';
import type { StoredPolicyState } from '../storage/incident-store.ts';
import { entryOfChain, type ReadModelEntry } from '../storage/read-model.ts';
import { errorFields } from '../telemetry/log.ts';
import { isLinked } from '../triggers/lock-signs.ts';
import { afterCommit, mayWait } from './after-commit.ts';
import { withPrincipals } from './count-principals.ts';
import { type CommittedTransition, decideAndCommit } from './decide-and-commit.ts';
import { type Advise, decideOnReading } from './decide-on-reading.ts';
import { askNames, nameActors, withNamedPolicyState, withNameLearnt } from './name-actors.ts';
import type { Ports, Watched } from './ports.ts';
import { MAX_TOGETHER } from './read-together.ts';
import type { SharedCause } from './shared-cause.ts';

export interface CommittedReading {
  policyId: string;
  transition: Transition;
  facts: Facts;
  signals: Signal[];
}

/** A failed commit and its reason. No id: it does not belong to one policy. */
export interface FailedCommit {
  policyId?: string;
  reason: unknown;
}

/** For one of several parts that are committed one after another. */
export interface CommitTogether {
  /** All failures are added to it, and none is thrown. */
  failed?: FailedCommit[] | undefined;
  /** Those whose notices may wait for the other parts are added to it; the caller sends them by `afterCommit`. */
  held?: CommittedTransition[];
}

/**
 * Reads these policies in one read session, decides and commits each by itself, then sends the notices of all
 * of them. One policy whose commit fails does not hold back the others. The first failure is thrown after the
 * rest are done.
 */
export async function readAndCommit(
  concerned: ReadonlyMap<string, Signal[]>,
  ports: Ports,
  session: Reading = ports.facts.begin(ports.config.readBudgetMs),
  { failed, held }: CommitTogether = {},
): Promise<CommittedReading[]> {
  const watched = await ports.watched();
  const policyIds = [...concerned.keys()];
  const [first] = await Promise.allSettled([readOneFirst(concerned, session, ports)]);
  if (first.status === 'rejected') ports.log.warn('first-of-vault-not-read', errorFields(first.reason));
  const shared = first.status === 'fulfilled' ? first.value : undefined;
  const results = await Promise.allSettled(
    [...concerned].map(([policyId, signals]) => {
      const of = shared?.policyIds.has(policyId) ? besideFirst(session, shared) : session;
      return commitOne(policyId, signals, of, watched, ports);
    }),
  );
  const done = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const { later = [], now = [] } = held
    ? Object.groupBy(done, (one) => (mayWait(one) ? 'later' : 'now'))
    : { now: done };
  held?.push(...later);
  const [after] = await Promise.allSettled([afterCommit(now, watched, ports)]);
  const faults: FailedCommit[] = [...results, after].flatMap((result, n) =>
    result.status === 'rejected' ? [{ policyId: policyIds[n], reason: result.reason }] : [],
  );
  if (failed) failed.push(...faults);
  else for (const { reason } of faults) throw reason;
  return done;
}

/**
 * Where many are concerned, the first of them is read before the others: a cause that it shares with them is
 * then reported without waiting for the rest of their readings.
 */
async function readOneFirst(
  concerned: ReadonlyMap<string, Signal[]>,
  session: Reading,
  ports: Ports,
): Promise<SharedCause | undefined> {
  const [first] = concerned;
  if (!first || concerned.size <= MAX_TOGETHER) return undefined;
  const { sharedCauseOf } = await import('./shared-cause.ts');
  const watched = await ports.watched();
  const [policyId, signals] = first;
  return sharedCauseOf(readBoth(policyId, singly(session), watched, ports), signals, watched, ports);
}

/**
 * Whether the reading of the first shows a cause that all of them share: then one commit of all needs no reservation
 * for the others. A cause of the first alone, such as its own key's, does not tell how the others are.
 */
export async function isOneCauseOfAll(
  concerned: ReadonlyMap<string, Signal[]>,
  session: Reading,
  ports: Ports,
): Promise<boolean> {
  const shared = await readOneFirst(concerned, session, ports);
  return shared !== undefined && [...concerned.keys()].every((policyId) => shared.policyIds.has(policyId));
}

function besideFirst({ readSingly: _, ...session }: Reading, { beside }: SharedCause): Reading {
  return { ...session, read: (policyId, hints) => session.read(policyId, hints, beside) };
}

function singly(session: Reading): Reading {
  return session.readSingly ? { ...session, read: session.readSingly } : session;
}

type CommittedOne = CommittedReading & CommittedTransition;

async function commitOne(
  policyId: string,
  signals: Signal[],
  session: Reading,
  watched: Watched,
  ports: Ports,
): Promise<CommittedOne> {
  const asked = askNames(signals, ports);
  // Whoever asked for this sweep by an event needs what Azure shows after that event.
  const [stored, seen] = await readBoth(
    policyId,
    signals.length > 0 ? singly(session) : session,
    watched,
    ports,
  );
  const known = recallSignals(signals, stored?.policyState);
  const named = await nameActors(known, stored?.policyState, asked, ports);
  const { networkReading, closeAfterMs } = ports.config;
  const isNews = (facts: Facts) =>
    decideOnReading(
      stored?.policyState,
      { facts, signals: named },
      { now: ports.clock.now(), networkReading, closeAfterMs },
    ).kind !== 'none';
  // A list may lag behind, and behind what a signal's reading has shown: it changes nothing by itself.
  const read =
    session.readSingly && signals.length === 0 && isNews(seen)
      ? (await readBoth(policyId, singly(session), watched, ports))[1]
      : seen;
  const facts = await withPrincipals(read, stored?.policyState.history, session, ports);
  const advise = facts.protection && (await loadAdvise(ports));
  let first: { stored: typeof stored } | undefined = { stored };
  const committed = await decideAndCommit(
    policyId,
    (before, now) => {
      const policyState = withNamedPolicyState(before, ports);
      const options = { now, networkReading, closeAfterMs, advise };
      const decided = decideOnReading(policyState, { facts, signals: named }, options);
      const unchanged = before !== undefined && decided.policyState === policyState;
      return { transition: unchanged ? decided : withNameLearnt(decided, before, now), unchanged };
    },
    ports,
    async () => {
      const read = first ?? { stored: await ports.store.readPolicyState(policyId) };
      first = undefined;
      return read.stored;
    },
  );
  return { ...committed, facts, signals };
}

/** Advisories are judged in every tenth minute's sweep, so a signal on a cold start need not load them. */
async function loadAdvise(ports: Pick<Ports, 'channels' | 'config' | 'countPrincipals'>): Promise<Advise> {
  const { channels, config, countPrincipals } = ports;
  const { judgeAdvisories } = await import('../triggers/advisories/judge-advisories.ts');
  const { secretVaults, maxEnvironmentsPerPolicy } = config;
  const settings = {
    channels: channels.map(({ name }) => name),
    secretVaults,
    maxEnvironmentsPerPolicy,
    countsPrincipals: countPrincipals !== undefined,
  };
  return (facts, history, now) => judgeAdvisories(facts, history, { now, settings });
}

/**
 * Reads the policy state and the facts at the same time: the watch list has the read hints, so neither waits
 * for the other.
 */
async function readBoth(
  policyId: string,
  session: Reading,
  watched: Watched,
  ports: Ports,
): Promise<[StoredPolicyState | undefined, Facts]> {
  const hints = watched.hints.get(normalId(policyId));
  if (hints) return Promise.all([ports.store.readPolicyState(policyId), session.read(policyId, hints)]);
  const stored = await ports.store.readPolicyState(policyId);
  return [stored, await session.read(policyId, stored && hintsOfState(stored.policyState))];
}

/** The read hints of a policy's chain, for when its own answer no longer has them. */
export function hintsOf(entry: ReadModelEntry): ReadHints {
  return hintsOfChain(entry, entry.environments.length > 0);
}

export function hintsOfState(policyState: PolicyState): ReadHints {
  const membersKnown = policyState.history.environments?.members.some(isLinked) ?? false;
  return hintsOfChain(entryOfChain(policyState), membersKnown);
}

function hintsOfChain(entry: ReturnType<typeof entryOfChain>, membersKnown: boolean): ReadHints {
  const { vaultId, vaultLocation, rbac, keyName, keyVersions, principalId, moved } = entry;
  return { vaultId, vaultLocation, rbac, keyName, keyVersions, principalId, moved, membersKnown };
}
