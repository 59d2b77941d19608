import { randomUUID } from 'node:crypto';
import type { Heartbeat } from './incidents/heartbeat.ts';
import { later } from './notices/outbox.ts';
import type { Ports } from './ports.ts';
import { type SweepResult, sweep } from './sweep.ts';
import { errorFields } from './telemetry.ts';

export type SweepBy = 'timer' | 'signal' | 'heartbeat' | 'status' | 'act';

/** Older than this many intervals, the sweep is taken for stopped: a timer can stop without an error. */
const SILENT_AFTER = 3;
/** How long the message that returns is hidden, and when it is taken for lost. */
export const MESSAGE_SECONDS = 15;
const MESSAGE_LOST_MS = 4 * MESSAGE_SECONDS * 1000;

/** What the timer does: says that it lives, sweeps, and sees to it that the returning message is there. */
export async function onTimer(ports: Ports): Promise<SweepResult | undefined> {
  const now = ports.clock.now();
  await ports.heartbeat.update((beat) => ({ ...beat, timerAt: now }));
  // Before the sweep, which may be the last that this process does; and a queue that is away must not prevent it.
  const [, swept] = await Promise.allSettled([
    startMessage(ports).catch((error) => ports.log.error('heartbeat-message-failed', errorFields(error))),
    sweepUnderLease(ports, 'timer'),
  ]);
  if (swept.status === 'rejected') throw swept.reason;
  return swept.value;
}

/**
 * After any other function's work: where the sweep is older than three intervals, this invocation runs it. Never
 * throws: it is not what the invocation was for.
 */
export async function watchTimer(ports: Ports, by: SweepBy): Promise<void> {
  try {
    const beat = await ports.heartbeat.read();
    if (!isSilent(beat.sweepFinishedAt, ports)) return;
    ports.log.error('sweep-silent', {
      last: beat.sweepFinishedAt ?? 'never',
      timer: beat.timerAt ?? 'never',
      by,
    });
    await sweepUnderLease(ports, by);
  } catch (error) {
    ports.log.error('timer-watch-failed', errorFields(error));
  }
}

/**
 * The second heartbeat: a message that returns every 15 s, whatever the timer does. While the timer is silent it
 * runs the sweep at each interval. A message of a chain that was replaced ends here.
 */
export async function onHeartbeat(messageId: string, ports: Ports): Promise<void> {
  const now = ports.clock.now();
  const beat = await ports.heartbeat.update((before) =>
    before.messageId === messageId ? { ...before, messageAt: now } : undefined,
  );
  if (!beat) return;
  await ports.looks.sendHeartbeat(heartbeatMessage(messageId), MESSAGE_SECONDS);
  if (!isSilent(beat.timerAt, ports)) return;
  const age = ageMs(beat.sweepBegunAt, ports);
  if (age !== undefined && age < ports.sweepIntervalMs) return;
  ports.log.error('timer-silent', { last: beat.timerAt ?? 'never' });
  await sweepUnderLease(ports, 'heartbeat');
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

/** One sweep at a time, whoever runs it. Undefined: another does. */
async function sweepUnderLease(ports: Ports, by: SweepBy): Promise<SweepResult | undefined> {
  const now = ports.clock.now();
  const leaseMs = Math.max(60_000, 2 * ports.sweepIntervalMs);
  const leaseUntil = later(now, leaseMs);
  // A lease that would last longer than any was given by a clock that ran ahead, and must not stop all sweeps until then.
  const longest = later(now, 2 * leaseMs);
  const isHeld = ({ leaseUntil: until = '' }: Heartbeat) => until > now && until <= longest;
  const taken = await ports.heartbeat.update((beat) =>
    isHeld(beat) ? undefined : { ...beat, leaseUntil, sweepBegunAt: now, sweepBy: by },
  );
  if (!taken) return undefined;
  try {
    const result = await sweep(ports);
    const ageSeconds = (ageMs(taken.sweepFinishedAt, ports) ?? 0) / 1000;
    const seconds = (ageMs(now, ports) ?? 0) / 1000;
    ports.log.info('swept', { by, seconds, ageSeconds, ...result });
    await release(ports, leaseUntil, { sweepFinishedAt: ports.clock.now() });
    return result;
  } catch (error) {
    await release(ports, leaseUntil, {});
    throw error;
  }
}

/** Ends our lease, where it is still ours. */
async function release(ports: Ports, leaseUntil: string, more: Heartbeat): Promise<void> {
  await ports.heartbeat.update((beat) => {
    if (beat.leaseUntil !== leaseUntil) return { ...beat, ...more };
    const { leaseUntil: _over, ...rest } = beat;
    return { ...rest, ...more };
  });
}

async function startMessage(ports: Ports): Promise<void> {
  const now = ports.clock.now();
  const messageId = randomUUID();
  const started = await ports.heartbeat.update((beat) => {
    const age = ageMs(beat.messageAt, ports);
    return age !== undefined && age < MESSAGE_LOST_MS ? undefined : { ...beat, messageId, messageAt: now };
  });
  if (started) await ports.looks.sendHeartbeat(heartbeatMessage(messageId), MESSAGE_SECONDS);
}

export function isSilent(at: string | undefined, ports: Pick<Ports, 'clock' | 'sweepIntervalMs'>): boolean {
  const age = ageMs(at, ports);
  // What lies as far ahead was written by a wrong clock, and says nothing of when.
  return age === undefined || Math.abs(age) > SILENT_AFTER * ports.sweepIntervalMs;
}

function ageMs(at: string | undefined, ports: Pick<Ports, 'clock'>): number | undefined {
  return at === undefined ? undefined : ports.clock.nowMs() - Date.parse(at);
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
