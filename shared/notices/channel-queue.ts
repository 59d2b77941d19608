import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import { makeSemaphore, type Semaphore } from '../azure/semaphore.ts';
import type { Clock } from '../clock.ts';
import type { ChannelChange, ChannelHealth } from '../storage/channel-health.ts';
import type { IncidentStore, OutboxRow } from '../storage/incident-store.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import { afterGiveUp, afterSend, breakerStateOf, isFreshAlarm, whileProbing } from './breaker.ts';
import type { SendResult } from './notice.ts';
import { LEASE_MS } from './outbox.ts';

export interface ChannelQueuePorts {
  store: IncidentStore;
  clock: Clock;
  log: Log;
}

/** The maximum age of this process's knowledge of the channels. */
const KNOWN_FOR_MS = 5_000;
/** No notice waits longer than this for the stored state of its channel to be read or written. */
const HEALTH_MS = 2_000;
/** Teams accepts about four requests a second ("Create incoming webhooks": rate limiting). */
const AT_ONCE = 4;
const A_SECOND = 4;

/** One process's knowledge of its channels, and how many tries of each are under way. */
interface ChannelQueues {
  semaphores: Map<string, Semaphore>;
  /** The start times of the last tries of each channel, past and planned. */
  begun: Map<string, number[]>;
  known: Map<string, ChannelHealth>;
  readAtMs?: number;
  reading?: Promise<void>;
}

/** Lives as long as the store that it belongs to: a new process knows nothing, and reads the store. */
const queuesOf = new WeakMap<IncidentStore, ChannelQueues>();

/**
 * Waits for a place in this channel's queue: a few tries at a time and a few a second over the whole process.
 * Each channel has its own queue. The caller calls the returned function when the try is over. Undefined: no
 * place is free before `until`.
 */
export async function enterChannelQueue(
  channel: string,
  until: string,
  ports: ChannelQueuePorts,
): Promise<(() => void) | undefined> {
  const queues = queuesFor(ports);
  const semaphores = queues.semaphores.get(channel) ?? makeSemaphore(AT_ONCE);
  queues.semaphores.set(channel, semaphores);
  const release = await slotBy(until, semaphores, ports.clock);
  if (!release) return undefined;
  const nowMs = ports.clock.nowMs();
  // No try is postponed for longer than a lease: later entries were made before this process's clock was set
  // back.
  const begun = (queues.begun.get(channel) ?? []).filter((at) => at <= nowMs + LEASE_MS);
  const at = Math.max(nowMs, (begun.at(-A_SECOND) ?? Number.NEGATIVE_INFINITY) + 1_000);
  if (at > Date.parse(until)) {
    release();
    return undefined;
  }
  queues.begun.set(channel, [...begun, at].slice(-A_SECOND));
  if (at > nowMs) await ports.clock.sleep(at - nowMs);
  return release;
}

/** A place that becomes free only after `until` is released at once. */
async function slotBy(until: string, semaphores: Semaphore, clock: Clock): Promise<(() => void) | undefined> {
  const taking = semaphores.take();
  const release = await before({ atMs: Date.parse(until), clock }, () => taking);
  if (release !== LATE) return release;
  void taking.then((late) => late());
  return undefined;
}

/**
 * The state of each channel, as of some seconds ago. If storage can't be read, this process's own
 * observations.
 */
export async function knownHealth(ports: ChannelQueuePorts): Promise<ReadonlyMap<string, ChannelHealth>> {
  const queues = queuesFor(ports);
  const age = ports.clock.nowMs() - (queues.readAtMs ?? Number.NEGATIVE_INFINITY);
  // Negative: this process's clock was set back.
  if (age < 0 || age >= KNOWN_FOR_MS) {
    queues.reading ??= read(queues, ports).finally(() => {
      queues.reading = undefined;
    });
    await queues.reading;
  }
  return queues.known;
}

/**
 * Whether this message may go now. A new urgent notice does not wait for a read: it uses this process's own
 * observations. Any other uses those of all processes; if it is to be a probe, it is the only one.
 */
export async function mayGo(row: OutboxRow, ports: ChannelQueuePorts): Promise<boolean> {
  const { channel } = row;
  const known = isFreshAlarm(row) ? queuesFor(ports).known : await knownHealth(ports);
  const breakerState = breakerStateOf(known.get(channel), row, ports.clock.now());
  if (breakerState !== 'probe') return breakerState === 'open';
  let mayProbe = true;
  await change(channel, ports, (stored) => {
    const now = ports.clock.now();
    const breakerNow = breakerStateOf(stored, row, now);
    mayProbe = breakerNow !== 'shut';
    return breakerNow === 'probe' ? whileProbing(stored, now) : undefined;
  });
  return mayProbe;
}

/** Records the result of a try that began at `began` for its channel. Never throws. `missed`: see `afterSend`. */
export async function noteTry(
  channel: string,
  result: SendResult,
  began: string,
  ports: ChannelQueuePorts,
  about: { missed?: number } = {},
): Promise<{ health: ChannelHealth; hasClosed: boolean }> {
  const { known } = queuesFor(ports);
  const asKnown = known.get(channel) ?? { channel, failures: 0 };
  const now = ports.clock.now();
  let hasClosed = false;
  // A success like the ones before it is not worth a call to storage.
  if (result.outcome === 'failed' || afterSend(asKnown, result, began, now, about) !== undefined)
    await change(channel, ports, (stored) => {
      hasClosed = stored.openUntil !== undefined && (result.outcome !== 'failed' || result.permanent);
      return afterSend(stored, result, began, now, about);
    });
  return { health: known.get(channel) ?? asKnown, hasClosed };
}

/** Records that a channel gives up a notice, or did not reach some of its recipients. Never throws. */
export function noteGiveUp(channel: string, ports: ChannelQueuePorts): Promise<void> {
  return change(channel, ports, (stored) => afterGiveUp(stored, ports.clock.now()));
}

/** Writes a channel's row. If storage fails, this process uses its own state, and no notice is held back. */
async function change(channel: string, ports: ChannelQueuePorts, make: ChannelChange): Promise<void> {
  const { known } = queuesFor(ports);
  const decide: ChannelChange = (stored) => {
    const next = make(stored);
    known.set(channel, next ?? stored);
    return next;
  };
  try {
    const writing = () => ports.store.channelHealth.update(channel, decide);
    if ((await before(deadlineIn(HEALTH_MS, ports.clock), writing)) !== LATE) return;
    ports.log.warn('channel-health-not-written', { channel, because: 'no answer in time' });
  } catch (error) {
    ports.log.warn('channel-health-not-written', { channel, ...errorFields(error) });
  }
  decide(known.get(channel) ?? { channel, failures: 0 });
}

async function read(queues: ChannelQueues, ports: ChannelQueuePorts): Promise<void> {
  const reading = ports.store.channelHealth.readAll().then(
    (all) => {
      for (const health of all) queues.known.set(health.channel, health);
    },
    (error) => ports.log.warn('channel-health-unreadable', errorFields(error)),
  );
  await before(deadlineIn(HEALTH_MS, ports.clock), () => reading);
  // Also after a failed read: storage in trouble is not queried again for every notice.
  queues.readAtMs = ports.clock.nowMs();
}

function queuesFor({ store }: ChannelQueuePorts): ChannelQueues {
  const queues = queuesOf.get(store) ?? { semaphores: new Map(), begun: new Map(), known: new Map() };
  queuesOf.set(store, queues);
  return queues;
}
