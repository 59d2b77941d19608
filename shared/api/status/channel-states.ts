import type { ChannelHealth } from '../../storage/channel-health.ts';
import type { IncidentStore, OutboxRow } from '../../storage/incident-store.ts';
import { errorFields } from '../../telemetry/log.ts';
import type { ReadPorts } from '../endpoint.ts';

export interface ChannelState {
  name: string;
  /** `unknown`: nothing was ever sent there. */
  state: 'working' | 'failing' | 'unknown';
  failingSince: string | null;
  lastSuccessAt: string | null;
  /** The error of its last failure; without secrets. Null while it works. */
  lastError: string | null;
  /** What is wrong with its settings, whatever its receiver answers; without secrets. */
  warning: string | null;
  /** Until then only new alarms are sent to it. Null: it is tried at once. */
  leftAloneUntil: string | null;
  /** Notices that are still to be delivered there, and the age of the oldest. Null: not counted here. */
  waiting: number | null;
  waitingSince: string | null;
}

/** The state of each channel, as recorded by all processes. Throws where storage can't be read. */
export async function readChannelStates(ports: {
  store: Pick<IncidentStore, 'channelHealth' | 'pendingNotices'>;
  channels?: readonly { name: string; warning?: string }[];
}): Promise<ChannelState[]> {
  const names = (ports.channels ?? []).map(({ name }) => name);
  if (names.length === 0) return [];
  const [health, pending] = await Promise.all([
    ports.store.channelHealth.readAll(),
    ports.store.pendingNotices(),
  ]);
  return channelStates(names, health, pending, warningsOf(ports.channels));
}

/**
 * The same without the notices that wait, which only a search through all partitions counts. Empty where the
 * health of the channels can't be read: an answer about policies does not need it.
 */
export async function readChannelHealth(
  ports: Pick<ReadPorts, 'store' | 'channels' | 'log'>,
): Promise<ChannelState[]> {
  const names = (ports.channels ?? []).map(({ name }) => name);
  if (names.length === 0) return [];
  try {
    return channelStates(
      names,
      await ports.store.channelHealth.readAll(),
      undefined,
      warningsOf(ports.channels),
    );
  } catch (error) {
    ports.log.warn('channels-unreadable', errorFields(error));
    return channelStates(names, [], undefined, warningsOf(ports.channels));
  }
}

function warningsOf(channels: readonly { name: string; warning?: string }[] = []) {
  return new Map(channels.map(({ name, warning }) => [name, warning]));
}

/** Every configured channel, and any other that still has notices waiting. Pure. */
export function channelStates(
  names: readonly string[],
  health: readonly ChannelHealth[],
  /** Undefined: the notices that wait are not counted. */
  pending: readonly Pick<OutboxRow, 'channel' | 'createdAt'>[] | undefined,
  warnings: ReadonlyMap<string, string | undefined> = new Map(),
): ChannelState[] {
  const waiting = Map.groupBy(pending ?? [], ({ channel }) => channel);
  const byName = new Map(health.map((one) => [one.channel, one]));
  return [...new Set([...names, ...waiting.keys()])].map((name) => {
    const { failingSince, lastSuccessAt, lastError, openUntil } = byName.get(name) ?? {};
    const tried = lastSuccessAt === undefined ? 'unknown' : 'working';
    const since = (waiting.get(name) ?? []).map(({ createdAt }) => createdAt).sort();
    return {
      name,
      state: failingSince === undefined ? tried : 'failing',
      failingSince: failingSince ?? null,
      lastSuccessAt: lastSuccessAt ?? null,
      lastError: lastError ?? null,
      warning: warnings.get(name) ?? null,
      leftAloneUntil: openUntil ?? null,
      waiting: pending === undefined ? null : since.length,
      waitingSince: since[0] ?? null,
    };
  });
}
