import { QueueError } from '../../storage/queue-errors.ts';
import { HistoryUnreadableError } from '../../storage/storage-errors.ts';
import { errorFields } from '../../telemetry/log.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { intervalsInForce } from '../../visibility/interval-in-force.ts';
import type { SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import type { ReadPorts } from '../endpoint.ts';

/** The count is optional: if the queue can't be reached, the answer is sent without it, with the reason. */
export async function countUnreadable(
  ports: Pick<ReadPorts, 'unreadableCount' | 'log'>,
): Promise<{ unreadable?: number; queueFault?: string }> {
  try {
    const unreadable = await ports.unreadableCount?.();
    return unreadable === undefined ? {} : { unreadable };
  } catch (error) {
    ports.log.warn('unreadable-not-counted', errorFields(error));
    return { queueFault: error instanceof QueueError ? error.message : 'The queues could not be asked.' };
  }
}

/** Undefined where it can't be read: its table holds nothing that an answer about policies needs. */
export async function readHeartbeat(
  ports: Pick<ReadPorts, 'heartbeat' | 'log'>,
): Promise<Heartbeat | undefined> {
  try {
    return await ports.heartbeat.read();
  } catch (error) {
    ports.log.warn('heartbeat-unreadable', errorFields(error));
    return undefined;
  }
}

/** What "late" is measured by: the intervals in force. */
export async function readSweepIntervals(
  ports: Pick<ReadPorts, 'heartbeat' | 'log' | 'config'>,
): Promise<Required<SweepIntervals>> {
  return intervalsInForce(await readHeartbeat(ports), ports.config.sweepBounds);
}

/**
 * What can be read without the table `history` where that one can't be: open incidents are in another table, and are
 * answered all the same. `historyFault`: why.
 */
export async function withoutHistory<T>(
  read: Promise<T>,
  instead: T,
): Promise<{ value: T; historyFault?: string }> {
  try {
    return { value: await read };
  } catch (error) {
    if (!(error instanceof HistoryUnreadableError)) throw error;
    return { value: instead, historyFault: error.message };
  }
}

export async function allPolicyStates({ store }: Pick<ReadPorts, 'store'>) {
  return (await store.listPolicyStates()).map(({ policyState }) => policyState);
}
