import { normalId } from '../azure/arm-id.ts';
import type { Transition } from '../incidents/incident.ts';
import { recheckSignal } from '../incidents/recent-signals.ts';
import { readMessage, type Unreadable } from '../signals/read-message.ts';
import type { Recheck } from '../signals/recheck.ts';
import type { About, Signal } from '../signals/signal.ts';
import { isPolicyWrite } from '../signals/watch-list.ts';
import { askForSweep, mayReadNow } from './asked-sweep.ts';
import { losesEventSource } from './loses-event-source.ts';
import type { Ports } from './ports.ts';
import { readAndCommit } from './read-and-commit.ts';
import { scheduleRechecks } from './rechecks.ts';

export interface Response {
  signals: number;
  /** Policies whose facts were read. */
  read: string[];
  transitions: { policyId: string; kind: Transition['kind']; incidentId?: string }[];
  unreadable: number;
  recheckSeconds: number;
}

/** A signal's notice does not wait for a slow list of environments: it uses the last known members. */
const ENVIRONMENTS_GRACE_MS = 300;

/**
 * The main path: an untrusted message → signals → the policies concerned → facts → findings → transition →
 * commit → delivery. An unreadable message is kept and acknowledged. Throws only if our own storage can't be
 * reached, so that the message returns to the queue.
 */
export async function respond(body: unknown, ports: Ports): Promise<Response> {
  const receivedAt = ports.clock.now();
  const watched = await ports.watched();
  const { list, policies } = watched;
  const isLostSource = (about: About) => losesEventSource(about, watched, ports.config);
  // Before anything is known of the tenant, every signal must be followed up.
  const isWanted = (about: About) =>
    policies.length === 0 || isPolicyWrite(about) || list.concerns(about).length > 0 || isLostSource(about);
  const message = readMessage(body, receivedAt, isWanted);
  if (message.signals.length + message.rechecks.length + message.unreadable.length === 0) return nothing();
  const response = await followUp(message, receivedAt, ports);
  const lost = message.signals.filter(isLostSource);
  if (lost.length === 0) return response;
  // Such signals are rare: a cold start does not load what handles them.
  const { reportLostSources } = await import('./report-lost-sources.ts');
  await reportLostSources(lost, ports);
  return response;
}

/** The content of untrusted input, from any source. */
export interface Incoming {
  signals: Signal[];
  rechecks: Recheck[];
  unreadable: Unreadable[];
}

/**
 * Follows up the signals of any reader. A signal that concerns no policy costs no read and no row. If
 * unreadable items can't be kept, the readable ones are followed up all the same; then it throws, so that the
 * message returns.
 */
export async function followUp(message: Incoming, receivedAt: string, ports: Ports): Promise<Response> {
  const { unreadable } = message;
  const [followed, ...kept] = await Promise.allSettled([
    followSignals(message, ports),
    ...unreadable.map((item) => ports.unreadable.keep(item, receivedAt)),
  ]);
  if (unreadable.length > 0) ports.log.warn('unreadable', { count: unreadable.length });
  if (followed.status === 'rejected') throw followed.reason;
  for (const one of kept) if (one.status === 'rejected') throw one.reason;
  return { ...followed.value, unreadable: unreadable.length };
}

async function followSignals(message: Incoming, ports: Ports): Promise<Response> {
  if (message.signals.length + message.rechecks.length === 0) return nothing();
  const { list } = await ports.watched();
  const { everything = [], group = [], resource = [] } = Object.groupBy(message.signals, list.reach);
  const readsGroup = group.length > 0 && mayReadNow('group', ports);
  const direct = readsGroup ? [...resource, ...group] : resource;
  // Those that name a vault go first.
  const { response, postponed } = await readConcerned({ ...message, signals: direct }, ports);
  await askForSweep([...everything, ...(readsGroup ? [] : group), ...postponed], ports);
  return { ...response, signals: message.signals.length + message.rechecks.length };
}

/** `postponed`: the signals that only a sweep may follow up now. */
interface Followed {
  response: Response;
  postponed: Signal[];
}

async function readConcerned(message: Incoming, ports: Ports): Promise<Followed> {
  const { concerned, postponed } = await policiesConcerned(message.signals, message.rechecks, ports);
  const response: Response = { ...nothing(), read: [...concerned.keys()] };
  if (concerned.size === 0) return { response, postponed };
  const signals = message.signals.length + message.rechecks.length;
  ports.log.info('signals', { signals, policies: concerned.size });

  // A near expiry is an early warning: the facts for advisories are read now, and the next sweep reports it.
  const isNear = message.signals.some(({ type }) => /keynearexpiry$/i.test(type));
  const session = ports.facts.begin(ports.config.readBudgetMs, {
    environmentsGraceMs: ENVIRONMENTS_GRACE_MS,
    skipsKnownMembers: message.rechecks.length === 0,
    ...(isNear ? { protection: true } : {}),
  });
  const committed = await readAndCommit(concerned, ports, session);
  response.transitions = committed.map(({ policyId, transition }) => ({
    policyId,
    kind: transition.kind,
    incidentId: transition.incident?.id,
  }));
  response.recheckSeconds = await scheduleRechecks(committed, message.signals, message.rechecks, ports);
  return { response, postponed };
}

function nothing(): Response {
  return { signals: 0, read: [], transitions: [], unreadable: 0, recheckSeconds: 0 };
}

async function policiesConcerned(
  signals: readonly Signal[],
  rechecks: readonly Recheck[],
  ports: Ports,
): Promise<{ concerned: Map<string, Signal[]>; postponed: Signal[] }> {
  const concerned = new Map<string, Signal[]>();
  if (signals.length === 0 && rechecks.length === 0) return { concerned, postponed: [] };
  const add = (policyId: string, signal: Signal) => {
    const known = concerned.get(policyId);
    if (known) known.push(signal);
    else concerned.set(policyId, [signal]);
  };
  let watched = await ports.watched();
  // Anyone who may write to the queue may write a recheck, so it may lead only to policies that are watched.
  for (const recheck of rechecks)
    for (const policyId of recheck.policyIds.filter((id) => watched.hints.has(normalId(id))))
      add(policyId, recheckSignal(policyId, recheck));
  if (signals.length === 0) return { concerned, postponed: [] };

  let postponed: Signal[] = [];
  if (watched.policies.length === 0 || signals.some(isPolicyWrite)) {
    // Rare: a cold start does not load what looks for new policies.
    const { discoverForSignals } = await import('./signal-discovery.ts');
    ({ watched, postponed } = await discoverForSignals(signals, watched, ports));
  }
  for (const signal of signals) for (const policyId of watched.list.concerns(signal)) add(policyId, signal);
  return { concerned, postponed };
}
