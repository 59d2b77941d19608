import { normalId } from './facts/arm-id.ts';
import type { Facts } from './facts/facts.ts';
import type { ReadHints, Reading } from './facts/reader.ts';
import { decide } from './incidents/decide.ts';
import type { Head, Transition } from './incidents/incident.ts';
import { entryOf, isInOverview, type OverviewEntry } from './incidents/overview.ts';
import type { OutboxRow, StoredHead } from './incidents/store.ts';
import { deliver } from './notices/deliver.ts';
import { outboxRows } from './notices/outbox.ts';
import type { Ports, Watched } from './ports.ts';
import type { Signal } from './signals/signal.ts';
import { errorFields } from './telemetry.ts';
import type { OwnSettings } from './triggers/advisories/advisory.ts';
import { judgeAdvisories } from './triggers/advisories/judge-advisories.ts';
import { judge } from './triggers/judge.ts';
import { remember } from './triggers/remember.ts';

export interface CommittedReading {
  policyId: string;
  transition: Transition;
  facts: Facts;
  signals: Signal[];
}

/**
 * Reads these policies in one pass, decides and commits each by itself, then sends what all of them call for.
 * One policy whose commit fails does not hold back the others; the first failure is thrown after the rest are done.
 */
export async function readAndCommit(
  concerned: ReadonlyMap<string, Signal[]>,
  ports: Ports,
  pass: Reading = ports.facts.begin(ports.readBudgetMs),
): Promise<CommittedReading[]> {
  const watched = await ports.watched();
  const results = await Promise.allSettled(
    [...concerned].map(([policyId, signals]) => commitOne(policyId, signals, pass, watched, ports)),
  );
  const done = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const spoken = done.filter(({ rows }) => rows.length > 0);
  const known = new Map(
    spoken.map(({ policyId, policyName, transition }) => [
      policyId,
      { policyName, environments: transition.environments },
    ]),
  );
  const sharing = (row: OutboxRow) => watched.list.sharing(row.group.split('|')[2] ?? '');
  const after = await Promise.allSettled([
    deliver({ rows: spoken.flatMap(({ rows }) => rows), known, sharing }, ports),
    ...done.map((one) => writeTheRest(one, ports)),
  ]);
  for (const result of [...results, ...after]) if (result.status === 'rejected') throw result.reason;
  return done;
}

interface CommittedRows extends CommittedReading {
  policyName: string;
  rows: OutboxRow[];
  /** The head before this reading. */
  before?: Head;
}

const COMMIT_TRIES = 6;

async function commitOne(
  policyId: string,
  signals: Signal[],
  pass: Reading,
  watched: Watched,
  ports: Ports,
): Promise<CommittedRows> {
  let [stored, facts] = await readBoth(policyId, pass, watched, ports);
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const previous = stored?.head.remembered;
    const findings = judge(facts, previous ?? { policyId }, { now, networkReading: ports.networkReading });
    const remembered = remember(previous, facts);
    const advisories =
      facts.protection && judgeAdvisories(facts, remembered, { now, settings: ownSettings(ports) });
    const transition = decide(stored?.head, { facts, findings, remembered, signals, advisories, now });
    if (transition.head === stored?.head)
      return { policyId, transition, facts, signals, rows: [], policyName: '', before: stored.head };
    const rows = outboxRows(
      transition,
      ports.channels.map((channel) => channel.name),
      now,
    );
    const result = await ports.store.commit(transition, stored?.etag, rows);
    if (result.outcome === 'committed') {
      if (transition.kind !== 'none')
        ports.log.info('transition', { policyId, kind: transition.kind, incident: transition.incident?.id });
      const policyName = transition.head.remembered.policy?.name ?? policyId.split('/').at(-1) ?? policyId;
      return { policyId, transition, facts, signals, rows: result.rows, policyName, before: stored?.head };
    }
    stored = await ports.store.readHead(policyId);
  }
  throw new CommitConflict(policyId);
}

function ownSettings({ channels, secretVaults }: Ports): OwnSettings {
  return { channels: channels.map(({ name }) => name), secretVaults };
}

/** Others kept writing the same head; the message comes back and is decided anew. */
export class CommitConflict extends Error {
  override readonly name = 'CommitConflict';
  constructor(policyId: string) {
    super(`The state of ${policyId} changed ${COMMIT_TRIES} times while a reading was to be committed.`);
  }
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
  const { vaultId, vaultLocation, rbac, keyName, keyVersions, principalId } = entry;
  return { vaultId, vaultLocation, rbac, keyName, keyVersions, principalId };
}

/** What need not be in the transaction: the rest of a long list, and the read model where it says something else now. */
async function writeTheRest({ transition, before }: CommittedRows, ports: Ports): Promise<void> {
  const { head, incident, environments } = transition;
  const isNews = head !== before && !isInOverview(head, before && entryOf(before));
  await Promise.all([
    incident && environments.length > 0 ? ports.store.writeEnvironments(incident, environments) : undefined,
    isNews ? writeOverview(head, ports) : undefined,
  ]);
}

/** The read model may be behind; the sweep mends it. A failure here must not bring the message back. */
export async function writeOverview(head: Head, ports: Ports): Promise<void> {
  try {
    await ports.overview.write(head);
  } catch (error) {
    ports.log.warn('overview-behind', { policyId: head.policyId, ...errorFields(error) });
  }
}
