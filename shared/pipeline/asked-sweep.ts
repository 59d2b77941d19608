import type { Signal } from '../signals/signal.ts';
import { askingSignals, withAsking } from '../storage/asking-signals.ts';
import type { HeartbeatStore } from '../storage/heartbeat.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Ports } from './ports.ts';
import { sweepUnderLease } from './sweep-lease.ts';

/** One process writes its wish at most this often: many writers of one row would keep the lease from all. */
const ASK_APART_MS = 5_000;

/**
 * How often one process reads a whole group, or looks for new policies, for a signal: that costs up to a hundred
 * reads, and Azure refills 750 in that time.
 */
const READ_APART_MS = 30_000;

/** When one process last did each. Lives as long as the store that it belongs to. */
type Done = Partial<Record<'ask' | 'group' | 'discovery', number>>;
const doneByStore = new WeakMap<HeartbeatStore, Done>();

function doneBy({ heartbeat }: Ports): Done {
  const done = doneByStore.get(heartbeat) ?? {};
  doneByStore.set(heartbeat, done);
  return done;
}

function isApart(what: keyof Done, apartMs: number, ports: Ports): boolean {
  return ports.clock.nowMs() - (doneBy(ports)[what] ?? Number.NEGATIVE_INFINITY) >= apartMs;
}

/**
 * Whether this process may read a whole group, or look for new policies, for a signal now: now and then, or
 * events in a loop would use up what Azure lets us read. Otherwise a sweep reads it.
 */
export function mayReadNow(what: 'group' | 'discovery', ports: Ports): boolean {
  if (!isApart(what, READ_APART_MS, ports)) return false;
  doneBy(ports)[what] = ports.clock.nowMs();
  return true;
}

/**
 * Signals that concern nearly everything start no reading of their own: they ask the next sweep to begin now.
 * The lease lets that happen once in an interval, so a loop of such events costs one more sweep in each; the
 * timer's sweep takes the rest. The signals go with the sweep, so that it knows who acted. Throws only if the
 * wish could not be stored, so that the message returns.
 */
export async function askForSweep(signals: readonly Signal[], ports: Ports): Promise<void> {
  if (signals.length === 0 || !isApart('ask', ASK_APART_MS, ports)) return;
  const done = doneBy(ports);
  // Before the write, or a full queue would write the row at once with all of its messages.
  done.ask = ports.clock.nowMs();
  try {
    await ports.heartbeat.update((before) => withAsking(before, [...askingSignals(before), ...signals]));
  } catch (error) {
    delete done.ask;
    throw error;
  }
  try {
    await sweepUnderLease(ports, 'asked');
  } catch (error) {
    ports.log.error('asked-sweep-failed', errorFields(error));
  }
}
