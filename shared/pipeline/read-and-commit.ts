import { normalId } from '../azure/arm-id.ts';
import type { Facts } from '../facts/facts.ts';
import type { ReadHints, Reading } from '../facts/reader.ts';
import { decide } from '../incidents/decide.ts';
import type { Transition } from '../incidents/incident.ts';
import type { Signal } from '../signals/signal.ts';
import type { StoredHead } from '../storage/incident-store.ts';
import { entryOf, type OverviewEntry } from '../storage/read-model.ts';
import type { OwnSettings } from '../triggers/advisories/advisory.ts';
import { judgeAdvisories } from '../triggers/advisories/judge-advisories.ts';
import { judge } from '../triggers/judge.ts';
import { remember } from '../triggers/remember.ts';
import {
  afterCommit,
  COMMIT_TRIES,
  CommitConflict,
  type CommittedTransition,
  commitTransition,
  writeOverview,
} from './commit-transition.ts';
import { askNames, nameActors, withNamedHead, withNameLearnt } from './name-actors.ts';
import type { Ports, Watched } from './ports.ts';

export { writeOverview };

export interface CommittedReading {
  policyId: string;
  transition: Transition;
  facts: Facts;
  signals: Signal[];
}

/** Something that could not be committed, and why. No id: it is not of one policy. */
export interface Failed {
  policyId?: string;
  reason: unknown;
}

/**
 * Reads these policies in one pass, decides and commits each by itself, then sends what all of them call for.
 * One policy whose commit fails does not hold back the others; the first failure is thrown after the rest are done,
 * or all of them are put into `failed`, where that is given.
 */
export async function readAndCommit(
  concerned: ReadonlyMap<string, Signal[]>,
  ports: Ports,
  pass: Reading = ports.facts.begin(ports.readBudgetMs),
  failed?: Failed[],
): Promise<CommittedReading[]> {
  const watched = await ports.watched();
  const policyIds = [...concerned.keys()];
  const results = await Promise.allSettled(
    [...concerned].map(([policyId, signals]) => commitOne(policyId, signals, pass, watched, ports)),
  );
  const done = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const [after] = await Promise.allSettled([afterCommit(done, watched, ports)]);
  const faults: Failed[] = [...results, after].flatMap((result, n) =>
    result.status === 'rejected' ? [{ policyId: policyIds[n], reason: result.reason }] : [],
  );
  if (failed) failed.push(...faults);
  else for (const { reason } of faults) throw reason;
  return done;
}

type CommittedOne = CommittedReading & CommittedTransition;

async function commitOne(
  policyId: string,
  signals: Signal[],
  pass: Reading,
  watched: Watched,
  ports: Ports,
): Promise<CommittedOne> {
  const asked = askNames(signals, ports);
  let [stored, facts] = await readBoth(policyId, pass, watched, ports);
  const named = await nameActors(signals, stored?.head, asked, ports);
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const previous = stored?.head.remembered;
    const findings = judge(facts, previous ?? { policyId }, { now, networkReading: ports.networkReading });
    const remembered = remember(previous, facts);
    const advisories =
      facts.protection && judgeAdvisories(facts, remembered, { now, settings: ownSettings(ports) });
    const head = withNamedHead(stored?.head, ports);
    const decided = decide(head, { facts, findings, remembered, signals: named, advisories, now });
    if (stored && decided.head === head)
      return { policyId, transition: decided, facts, signals, rows: [], policyName: '', before: stored.head };
    const transition = withNameLearnt(decided, stored?.head, now);
    const committed = await commitTransition(transition, stored, now, ports);
    if (committed) return { ...committed, policyId, facts, signals };
    stored = await ports.store.readHead(policyId);
  }
  throw new CommitConflict(policyId);
}

function ownSettings({ channels, secretVaults }: Ports): OwnSettings {
  return { channels: channels.map(({ name }) => name), secretVaults };
}

/** The head and the truth at the same time: the watch list tells where to look, so neither waits for the other. */
async function readBoth(
  policyId: string,
  pass: Reading,
  watched: Watched,
  ports: Ports,
): Promise<[StoredHead | undefined, Facts]> {
  const hints = watched.hints.get(normalId(policyId));
  if (hints) return Promise.all([ports.store.readHead(policyId), pass.read(policyId, hints)]);
  const stored = await ports.store.readHead(policyId);
  return [stored, await pass.read(policyId, stored && hintsOf(entryOf(stored.head)))];
}

/** Where to look for a policy's chain when its own answer no longer tells. */
export function hintsOf(entry: OverviewEntry): ReadHints {
  const { vaultId, vaultLocation, rbac, keyName, keyVersions, principalId, environments } = entry;
  const membersKnown = environments.length > 0;
  return { vaultId, vaultLocation, rbac, keyName, keyVersions, principalId, membersKnown };
}
