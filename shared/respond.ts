import type { Clock } from './clock.ts';
import { normalId } from './facts/arm-id.ts';
import type { Facts } from './facts/facts.ts';
import type { FactsReader, ReadHints, Reading } from './facts/reader.ts';
import { decide } from './incidents/decide.ts';
import type { AffectedEnvironment, Transition } from './incidents/incident.ts';
import type { IncidentStore, OutboxRow, StoredHead } from './incidents/store.ts';
import { type DeliverPorts, deliver } from './notices/deliver.ts';
import { outboxRows } from './notices/outbox.ts';
import { readMessage, type Unreadable } from './signals/read-message.ts';
import type { SecondLook } from './signals/second-look.ts';
import type { Signal } from './signals/signal.ts';
import { isPolicyWrite, type WatchList } from './signals/watch-list.ts';
import { judge } from './triggers/judge.ts';
import { remember } from './triggers/remember.ts';

/** What the one path needs from outside. Azure's implementations are put together in `compose.ts`. */
export interface Ports extends DeliverPorts {
  clock: Clock;
  facts: FactsReader;
  store: IncidentStore;
  /** Who is watched, and where to look for each. May be up to a minute old; `fresh` reads it anew. */
  watched(fresh?: boolean): Promise<Watched>;
  looks: { send(look: SecondLook, delaySeconds: number): Promise<void> };
  unreadable: { keep(item: Unreadable, receivedAt: string): Promise<void> };
  readBudgetMs: number;
  networkReading: 'trustedService' | 'literal';
  /** Seconds after the signal at which one that still reads clear is looked at again. */
  secondLooks: readonly number[];
}

export interface Watched {
  list: WatchList;
  /** Every policy watched, as Azure spells its id. */
  policies: readonly string[];
  /** By `normalId` of the policy. */
  hints: ReadonlyMap<string, ReadHints>;
}

export interface Response {
  signals: number;
  /** Policies whose truth was read. */
  read: string[];
  transitions: { policyId: string; kind: Transition['kind']; incidentId?: string }[];
  unreadable: number;
  secondLooks: number;
}

/**
 * The one path: a message from outside → signals → the policies concerned → facts → findings → transition → commit →
 * delivery. Junk is kept and acknowledged. Throws only where our own storage can't be reached, so that the message
 * comes back.
 */
export async function respond(body: unknown, ports: Ports): Promise<Response> {
  const receivedAt = ports.clock.now();
  const message = readMessage(body, receivedAt);
  await Promise.all(message.unreadable.map((item) => ports.unreadable.keep(item, receivedAt)));
  if (message.unreadable.length > 0) ports.log.warn('unreadable', { count: message.unreadable.length });

  const concerned = await policiesConcerned(message.signals, message.looks, ports);
  const response: Response = {
    signals: message.signals.length + message.looks.length,
    read: [...concerned.keys()],
    transitions: [],
    unreadable: message.unreadable.length,
    secondLooks: 0,
  };
  if (concerned.size === 0) return response;

  const committed = await readAndCommit(concerned, ports);
  response.transitions = committed.map(({ policyId, transition }) => ({
    policyId,
    kind: transition.kind,
    incidentId: transition.incident?.id,
  }));
  response.secondLooks = await lookAgain(committed, message.signals, message.looks, ports);
  return response;
}

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
    ...done.map(({ transition }) => writeTheRest(transition, ports)),
  ]);
  for (const result of [...results, ...after]) if (result.status === 'rejected') throw result.reason;
  return done;
}

interface CommittedRows extends CommittedReading {
  policyName: string;
  rows: OutboxRow[];
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
    const transition = decide(stored?.head, { facts, findings, remembered, signals, now });
    if (transition.head === stored?.head)
      return { policyId, transition, facts, signals, rows: [], policyName: '' };
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
      return { policyId, transition, facts, signals, rows: result.rows, policyName };
    }
    stored = await ports.store.readHead(policyId);
  }
  throw new CommitConflict(policyId);
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
  return [stored, await pass.read(policyId, stored ? hintsOf(stored.head.remembered) : undefined)];
}

/** Where to look for a policy's chain when its own answer no longer tells. */
export function hintsOf(remembered: StoredHead['head']['remembered']): ReadHints {
  return {
    vaultId: remembered.vault?.id ?? remembered.policy?.vaultId,
    vaultLocation: remembered.vault?.location,
    keyName: remembered.key?.name ?? remembered.policy?.keyName,
    principalId: remembered.policy?.principalId,
    rbac: remembered.vault?.rbac,
  };
}

async function writeTheRest(transition: Transition, ports: Ports): Promise<void> {
  const rest: AffectedEnvironment[] = transition.environments;
  if (transition.incident && rest.length > 0) await ports.store.writeEnvironments(transition.incident, rest);
}

async function policiesConcerned(
  signals: readonly Signal[],
  looks: readonly SecondLook[],
  ports: Ports,
): Promise<Map<string, Signal[]>> {
  const concerned = new Map<string, Signal[]>();
  const add = (policyId: string, signal: Signal) => {
    const known = concerned.get(policyId);
    if (known) known.push(signal);
    else concerned.set(policyId, [signal]);
  };
  for (const look of looks)
    for (const policyId of look.policyIds) add(policyId, { ...look.signal, source: 'secondLook' });
  if (signals.length === 0) return concerned;

  let watched = await ports.watched();
  const isNews = (signal: Signal) => isPolicyWrite(signal) && watched.list.concerns(signal).length === 0;
  if (watched.policies.length === 0 || signals.some(isNews)) {
    await discover(ports);
    watched = await ports.watched(true);
  }
  for (const signal of signals) for (const policyId of watched.list.concerns(signal)) add(policyId, signal);
  return concerned;
}

/** Takes in policies that have no head yet: reads and judges each once. */
export async function discover(ports: Ports): Promise<string[]> {
  const pass = ports.facts.begin(ports.readBudgetMs);
  const listed = await pass.listPolicies();
  for (const { subscriptionId, part } of listed.unreadable)
    ports.log.warn('subscription-unreadable', {
      subscriptionId,
      reason: part.state === 'unknown' ? part.reason : part.state,
    });
  const heads = new Set((await ports.store.listHeads()).map(({ head }) => normalId(head.policyId)));
  const fresh = listed.policies.map((policy) => policy.id).filter((id) => !heads.has(normalId(id)));
  if (fresh.length === 0) return [];
  await readAndCommit(new Map(fresh.map((id) => [id, []])), ports, pass);
  ports.log.info('discovered', { policies: fresh });
  return fresh;
}

/**
 * Azure propagates late: a signal that concerned a policy, and changed nothing yet, is looked at again through the
 * queue's own delay. Returns how many looks were sent.
 */
async function lookAgain(
  committed: readonly CommittedReading[],
  signals: readonly Signal[],
  looks: readonly SecondLook[],
  ports: Ports,
): Promise<number> {
  const quiet = new Set(
    committed.filter(({ transition }) => transition.kind === 'none').map(({ policyId }) => policyId),
  );
  const wanted: { signal: Signal; policyIds: string[]; look: number }[] = [
    ...signals.map((signal) => ({ signal, policyIds: policiesOf(signal, committed), look: 1 })),
    ...looks.map(({ signal, policyIds, look }) => ({ signal, policyIds, look: look + 1 })),
  ];
  const due = wanted
    .map((look) => ({ ...look, policyIds: look.policyIds.filter((id) => quiet.has(id)) }))
    .filter(({ policyIds, look }) => policyIds.length > 0 && look <= ports.secondLooks.length);
  await Promise.all(
    due.map(({ signal, policyIds, look }) => {
      const delay = (ports.secondLooks[look - 1] ?? 10) - (ports.secondLooks[look - 2] ?? 0);
      const dueAt = new Date(ports.clock.nowMs() + delay * 1000).toISOString();
      return ports.looks.send({ signal, policyIds, look, dueAt }, delay);
    }),
  );
  return due.length;
}

function policiesOf(signal: Signal, committed: readonly CommittedReading[]): string[] {
  return committed
    .filter(({ signals }) => signals.some((one) => one.id === signal.id))
    .map(({ policyId }) => policyId);
}
