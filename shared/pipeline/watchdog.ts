import { randomUUID } from 'node:crypto';
import type { HeartbeatStore } from '../storage/heartbeat.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import type { Ports } from './ports.ts';
import type { SweepResult } from './sweep.ts';
import { ageMs, isSilent, isWithinInterval, lastSweep } from './sweep-age.ts';
import { type SweepBy, sweepUnderLease } from './sweep-lease.ts';

/** How long the message that returns is hidden, and when it is taken for lost. */
export const MESSAGE_SECONDS = 15;
const MESSAGE_LOST_MS = 4 * MESSAGE_SECONDS * 1000;
/** A person who asks waits no longer than this for a sweep that nobody else would do. */
const ANSWER_WAITS_MS = 10_000;

/** What the timer does: says that it lives, sweeps, and sees to it that the returning message is there. */
export async function onTimer(ports: Ports): Promise<SweepResult | undefined> {
  // Side by side: the sweep may be the last that this process does, and a queue that is away must not prevent it.
  const [, swept] = await Promise.allSettled([
    startMessage(ports, MESSAGE_SECONDS).catch((error) =>
      ports.log.error('heartbeat-message-failed', errorFields(error)),
    ),
    sweepUnderLease(ports, 'timer'),
  ]);
  if (swept.status === 'rejected') throw swept.reason;
  return swept.value;
}

/**
 * After any other function's work: where the sweep is older than three intervals, this invocation runs it. A process
 * looks once in an interval, so neither many signals nor sweeps that fail become many sweeps. Never throws: it is not
 * what the invocation was for.
 */
export async function watchTimer(ports: Ports, by: SweepBy): Promise<void> {
  try {
    if (await whereOverdue(ports, by)) await sweepUnderLease(ports, by);
  } catch (error) {
    ports.log.error('timer-watch-failed', errorFields(error));
  }
}

/**
 * The same beside an answer over HTTP, whose function must not go on once it has answered: the host drops what it logs
 * then (azure-functions-host: `GrpcWorkerChannel.Log`), so alerts and traces would never see the sweep. The returning
 * message's own function does it; only where the queue refuses, or was asked an interval ago in vain, does this one, and
 * the answer waits for it. Never throws.
 */
export async function watchTimerBeside(ports: Ports, by: 'status' | 'act'): Promise<void> {
  const over = new AbortController();
  const late = ports.clock.sleep(ANSWER_WAITS_MS, over.signal).then(() => !over.signal.aborted);
  const isLate = await Promise.race([askOrSweep(ports, by).then(() => false), late]);
  over.abort();
  if (isLate) ports.log.warn('sweep-not-awaited', { by });
}

async function askOrSweep(ports: Ports, by: 'status' | 'act'): Promise<void> {
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
 * The second heartbeat: a message that returns every 15 s, whatever the timer does. While the timer or the sweep is
 * silent it runs the sweep at each interval. A message of a chain that was replaced ends here. Throws only where the
 * next message could not be sent, so that this one comes back in its place.
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
  // Where the row can't be read, the chain goes on: one that was replaced ends once it can.
  const [sent] = await Promise.allSettled([
    ports.rechecks.sendHeartbeat(heartbeatMessage(messageId), MESSAGE_SECONDS),
    lastHeartbeat && sweepWhereSilent(lastHeartbeat, ports),
  ]);
  if (sent.status === 'rejected') throw sent.reason;
}

/** Never throws: a message that came back for a sweep that failed would be a second chain beside the one just sent. */
async function sweepWhereSilent(lastHeartbeat: Heartbeat, ports: Ports): Promise<void> {
  const isTimerSilent = isSilent(lastHeartbeat.timerAt ?? lastHeartbeat.watchedSince, ports);
  if (!isTimerSilent && !isSilent(lastSweep(lastHeartbeat), ports)) return;
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

export function heartbeatMessage(messageId: string): string {
  return JSON.stringify({ lockwatch: 'heartbeat', messageId });
}

/** The id in our own returning message; undefined for anything else. The runtime hands JSON over as an object. */
export function heartbeatIn(body: unknown): string | undefined {
  const value = typeof body === 'string' && body.startsWith('{"lockwatch":"heartbeat"') ? parsed(body) : body;
  if (typeof value !== 'object' || value === null || !('lockwatch' in value) || !('messageId' in value))
    return undefined;
  return value.lockwatch === 'heartbeat' && typeof value.messageId === 'string' ? value.messageId : undefined;
}

/** What one process remembers of its looks at the sweep's age. Lives as long as the store that it is a memory of. */
interface Looks {
  lookedAtMs: number;
  /** When the returning message was asked for, since the sweep fell silent: if it works, it was seen again since. */
  askedAtMs?: number;
}
const looksByStore = new WeakMap<HeartbeatStore, Looks>();

function looksOf({ heartbeat }: Ports): Looks {
  const rechecks = looksByStore.get(heartbeat) ?? { lookedAtMs: Number.NEGATIVE_INFINITY };
  looksByStore.set(heartbeat, rechecks);
  return rechecks;
}

/** The heartbeat, where this process should see to a sweep now. Looks at storage once in an interval. */
async function whereOverdue(ports: Ports, by: SweepBy): Promise<Heartbeat | undefined> {
  const rechecks = looksOf(ports);
  const nowMs = ports.clock.nowMs();
  if (nowMs - rechecks.lookedAtMs < ports.sweepIntervalMs) return undefined;
  rechecks.lookedAtMs = nowMs;
  const lastHeartbeat = await ports.heartbeat.read();
  if (!isSilent(lastSweep(lastHeartbeat), ports)) {
    rechecks.askedAtMs = undefined;
    return undefined;
  }
  if (hasAnotherTried(lastHeartbeat, ports)) return undefined;
  logSilence(lastHeartbeat, by, ports);
  return lastHeartbeat;
}

/** Where the timer's sweeps fail, its process may be at fault: another one tries, and one in an interval is enough. */
function hasAnotherTried({ sweepBegunAt, sweepBy }: Heartbeat, ports: Ports): boolean {
  return sweepBy !== 'timer' && isWithinInterval(sweepBegunAt, ports);
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

/** Where nobody ever swept, the app has just been deployed or its row deleted: that is no alarm. */
function logSilence(lastHeartbeat: Heartbeat, by: SweepBy, { log }: Ports): void {
  const timer = lastHeartbeat.timerAt ?? 'never';
  if (lastSweep(lastHeartbeat) === undefined) log.info('first-sweep', { by });
  else log.error('sweep-silent', { last: lastHeartbeat.sweepFinishedAt ?? 'never', timer, by });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not ours: the reader of messages says what is wrong with it.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
