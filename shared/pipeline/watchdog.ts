import { randomUUID } from 'node:crypto';
import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import type { HeartbeatStore } from '../storage/heartbeat.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import { nextInterval, timerSeenAt } from '../visibility/interval-in-force.ts';
import type { Ports } from './ports.ts';
import type { SweepResult } from './sweep.ts';
import { ageMs, hasAnotherTried, isSilent, isTimeToSweep, lastSweep } from './sweep-age.ts';
import { laterOfOwn, type SweepBy, sweepUnderLease } from './sweep-lease.ts';

/** How long the heartbeat message is hidden, and when it counts as lost. */
export const HEARTBEAT_MESSAGE_SECONDS = 15;
const MESSAGE_LOST_MS = 4 * HEARTBEAT_MESSAGE_SECONDS * 1000;
/** The longest that an answer to a person waits for an overdue sweep. */
const ANSWER_WAITS_MS = 10_000;

/** No sweep has finished for longer than the interval explains: the run of the timer fails, whatever it did. */
export class SweepOverdueError extends Error {
  override readonly name = 'SweepOverdueError';
}

/**
 * One tick of the timer. It ticks at the lower bound of the interval and costs one read where no sweep is due.
 * Otherwise it records that it is alive, sweeps, and ensures that the heartbeat message exists. A tick without a
 * sweep fails while no sweep finishes: the alert of Azure Monitor counts the runs that succeed.
 */
export async function onTimer(ports: Ports): Promise<SweepResult | undefined> {
  const lastHeartbeat = laterOfOwn(await readOrRemember(ports), ports);
  const isDue = isTimeToSweep(lastHeartbeat, ports);
  const swept = isDue ? await sweepAndStartMessage(ports) : undefined;
  const last = lastSweep(lastHeartbeat);
  if (!swept && last !== undefined && isSilent(last, lastHeartbeat, ports))
    throw new SweepOverdueError(`No sweep has finished since ${last}.`);
  return swept;
}

async function sweepAndStartMessage(ports: Ports): Promise<SweepResult | undefined> {
  // In parallel: the sweep may be the last work of this process, and an unavailable queue must not prevent
  // it.
  const [, swept] = await Promise.allSettled([
    startMessage(ports, HEARTBEAT_MESSAGE_SECONDS).catch((error) =>
      ports.log.error('heartbeat-message-failed', errorFields(error)),
    ),
    sweepUnderLease(ports, 'timer'),
  ]);
  if (swept.status === 'rejected') throw swept.reason;
  return swept.value;
}

/** The table of the heartbeat may be unavailable: a sweep does not need it, and keeps its pace by memory. */
async function readOrRemember(ports: Ports): Promise<Heartbeat> {
  try {
    return await ports.heartbeat.read();
  } catch (error) {
    ports.log.warn('heartbeat-unreadable', errorFields(error));
    return {};
  }
}

/**
 * After any other function's work: if the last sweep is older than three intervals, this invocation sweeps. A
 * process checks once in an interval, so that neither many signals nor failing sweeps cause many sweeps.
 * Never throws, because the sweep is not the purpose of the invocation.
 */
export async function watchTimer(ports: Ports, by: SweepBy): Promise<void> {
  try {
    if (await whereOverdue(ports, by)) await sweepUnderLease(ports, by);
  } catch (error) {
    ports.log.error('timer-watch-failed', errorFields(error));
  }
}

/**
 * The same for an HTTP function, which must not work on after its answer: the host drops its later logs
 * (azure-functions-host: `GrpcWorkerChannel.Log`), so alerts and traces would never see the sweep. The
 * heartbeat message's function sweeps instead. Only if the queue refuses, or a request to it had no effect
 * for an interval, does this function sweep, and the answer waits for it. Never throws.
 */
export async function watchTimerBeside(ports: Ports, by: 'status' | 'actions' | 'web'): Promise<void> {
  const asked = await before(deadlineIn(ANSWER_WAITS_MS, ports.clock), () => askOrSweep(ports, by));
  if (asked === LATE) ports.log.warn('sweep-not-awaited', { by });
}

async function askOrSweep(ports: Ports, by: 'status' | 'actions' | 'web'): Promise<void> {
  try {
    const lastHeartbeat = await whereOverdue(ports, by);
    if (!lastHeartbeat) return;
    const rechecks = looksOf(ports);
    if (rechecks.askedAtMs === undefined) {
      if (await askByMessage(ports)) {
        rechecks.askedAtMs = ports.clock.nowMs();
        return;
      }
    } else if (Date.parse(lastHeartbeat.messageAt ?? '') > rechecks.askedAtMs) return;
    await sweepUnderLease(ports, by);
  } catch (error) {
    ports.log.error('timer-watch-failed', errorFields(error));
  }
}

async function askByMessage(ports: Ports): Promise<boolean> {
  try {
    await startMessage(ports, 0);
    return true;
  } catch (error) {
    ports.log.error('heartbeat-message-failed', errorFields(error));
    return false;
  }
}

/**
 * The second heartbeat: a message that returns every 15 s, independently of the timer. While the timer or the
 * sweep is silent, it sweeps once in each interval. A message of a replaced chain ends here. Throws only if
 * the next message could not be sent, so that this one returns in its place.
 */
export async function onHeartbeat(messageId: string, ports: Ports): Promise<void> {
  const [seen] = await Promise.allSettled([
    ports.heartbeat.update((before) =>
      before.messageId === messageId ? { ...before, messageAt: ports.clock.now() } : undefined,
    ),
  ]);
  if (seen.status === 'rejected') ports.log.error('heartbeat-not-written', errorFields(seen.reason));
  else if (!seen.value) return;
  const lastHeartbeat = seen.status === 'fulfilled' ? seen.value : undefined;
  // If the row can't be read, the chain continues; a replaced chain ends once the row can be read.
  const [sent] = await Promise.allSettled([
    ports.rechecks.sendHeartbeat(heartbeatMessage(messageId), HEARTBEAT_MESSAGE_SECONDS),
    lastHeartbeat && sweepWhereSilent(lastHeartbeat, ports),
  ]);
  if (sent.status === 'rejected') throw sent.reason;
}

/**
 * Never throws: if the message returned after a failed sweep, it would be a second chain beside the one just
 * sent.
 */
async function sweepWhereSilent(lastHeartbeat: Heartbeat, ports: Ports): Promise<void> {
  const isTimerSilent = isSilent(
    timerSeenAt(lastHeartbeat) ?? lastHeartbeat.watchedSince,
    lastHeartbeat,
    ports,
  );
  if (!isTimerSilent && !isSilent(lastSweep(lastHeartbeat), lastHeartbeat, ports)) return;
  if (hasAnotherTried(lastHeartbeat, ports)) return;
  if (isTimerSilent && lastHeartbeat.sweepBegunAt !== undefined)
    ports.log.error('timer-silent', { last: lastHeartbeat.timerAt ?? 'never' });
  else logSilence(lastHeartbeat, 'heartbeat', ports);
  try {
    await sweepUnderLease(ports, 'heartbeat');
  } catch (error) {
    ports.log.error('timer-watch-failed', errorFields(error));
  }
}

function heartbeatMessage(messageId: string): string {
  return JSON.stringify({ lockwatch: 'heartbeat', messageId });
}

/** The id in our own heartbeat message; undefined for anything else. The runtime passes JSON as an object. */
export function heartbeatIn(body: unknown): string | undefined {
  const value = typeof body === 'string' && body.startsWith('{"lockwatch":"heartbeat"') ? parsed(body) : body;
  if (typeof value !== 'object' || value === null || !('lockwatch' in value) || !('messageId' in value))
    return undefined;
  return value.lockwatch === 'heartbeat' && typeof value.messageId === 'string' ? value.messageId : undefined;
}

/** One process's checks of the sweep's age. Lives as long as the store that it belongs to. */
interface Looks {
  lookedAtMs: number;
  /** The interval that was in force then. */
  intervalMs?: number;
  /** When a heartbeat message was sent because the sweep is silent. If it works, it was received since. */
  askedAtMs?: number;
}
const looksByStore = new WeakMap<HeartbeatStore, Looks>();

function looksOf({ heartbeat }: Ports): Looks {
  const rechecks = looksByStore.get(heartbeat) ?? { lookedAtMs: Number.NEGATIVE_INFINITY };
  looksByStore.set(heartbeat, rechecks);
  return rechecks;
}

/** The heartbeat, if this process should sweep now. Reads storage once in an interval. */
async function whereOverdue(ports: Ports, by: SweepBy): Promise<Heartbeat | undefined> {
  const rechecks = looksOf(ports);
  const nowMs = ports.clock.nowMs();
  const { sweepBounds } = ports.config;
  if (nowMs - rechecks.lookedAtMs < (rechecks.intervalMs ?? sweepBounds.minMs)) return undefined;
  rechecks.lookedAtMs = nowMs;
  const lastHeartbeat = await ports.heartbeat.read();
  rechecks.intervalMs = nextInterval(lastHeartbeat, sweepBounds);
  if (!isSilent(lastSweep(lastHeartbeat), lastHeartbeat, ports)) {
    rechecks.askedAtMs = undefined;
    return undefined;
  }
  if (hasAnotherTried(lastHeartbeat, ports)) return undefined;
  logSilence(lastHeartbeat, by, ports);
  return lastHeartbeat;
}

async function startMessage(ports: Ports, delaySeconds: number): Promise<void> {
  const now = ports.clock.now();
  const messageId = randomUUID();
  const started = await ports.heartbeat.update((lastHeartbeat) => {
    const age = ageMs(lastHeartbeat.messageAt, ports);
    return age !== undefined && age < MESSAGE_LOST_MS
      ? undefined
      : { ...lastHeartbeat, messageId, messageAt: now };
  });
  if (started) await ports.rechecks.sendHeartbeat(heartbeatMessage(messageId), delaySeconds);
}

/** If no sweep ever ran, the app has just been deployed or its row deleted: that is no alarm. */
function logSilence(lastHeartbeat: Heartbeat, by: SweepBy, { log }: Ports): void {
  const timer = lastHeartbeat.timerAt ?? 'never';
  if (lastSweep(lastHeartbeat) === undefined) log.info('first-sweep', { by });
  else log.error('sweep-silent', { last: lastHeartbeat.sweepFinishedAt ?? 'never', timer, by });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not ours: the reader of messages reports the fault.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
